-- Userdata of the io and os libraries. Python keeps the files, by number.

local F = ...
local newproxy, type, error = F.newproxy, type, error
local G = F.globals

local numbers = setmetatable({}, {__mode = 'k'})
local prototype = newproxy(true)
local meta = F.native_debug.getmetatable(prototype)
meta.__index = meta
F.file_methods = meta

-- The number of a file object, nil for other values.
function F.file_number(file)
  return numbers[file]
end

-- A new file object for Python's file `number`.
function F.new_file(number)
  local file = newproxy(prototype)
  numbers[file] = number
  return file
end

-- The numbers of all files that a script can still reach.
function F.reachable_files()
  F.collectgarbage()
  local result = {}
  for _, number in F.next, numbers do result[#result + 1] = number end
  return result
end

function F.finish_files(methods)
  for name, method in F.next, methods do meta[name] = method end
  local io = G.io
  local pcall, finish_native, read_line = F.pcall, F.finish_native, F.read_line

  local function iterator(file, closing)
    return function() return (finish_native(pcall(read_line, file, closing))) end
  end

  function meta.lines(...)
    finish_native(pcall(F.check_file, ...))
    return iterator((...), false)
  end

  function io.lines(path)
    if path == nil then
      finish_native(pcall(F.check_file, io.input()))
      return iterator(io.input(), false)
    end
    local file, problem = F.open_for_lines(path)
    if not file then F.argument_error(1, problem) end
    return iterator(file, true)
  end
end

-- os.idir: an iterator and its state. The iterator ends early when it is called with false.
local listings = setmetatable({}, {__mode = 'k'})

local function next_entry(...)
  local state, previous = ...
  local listing = listings[state]
  if not listing then
    local got = F.select('#', ...) == 0 and 'no value' or type(state)
    F.argument_error(1, 'chdk_idir_meta expected, got ' .. got)
  end
  local name = previous ~= false and listing[listing.at]
  if not name then
    listing.at = 0
    return
  end
  listing.at = listing.at + 1
  return name
end

function F.finish_os(listdir)
  function G.os.idir(...)
    local listing = F.finish_native(F.pcall(listdir, ...)) or {}
    listing.at = 1
    local state = newproxy()
    listings[state] = listing
    return next_entry, state
  end
end
