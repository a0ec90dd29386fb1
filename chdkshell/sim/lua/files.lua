-- Userdata of the io and os libraries. Python keeps the files, by number.

local F = ...
local newproxy, type, error = F.newproxy, type, error
local G = F.globals

local numbers = setmetatable({}, {__mode = 'k'})
local prototype = newproxy(true)
local meta = F.native_debug.getmetatable(prototype)
meta.__index = meta

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
  local read_line = F.read_line

  local function iterator(file, closing)
    return function() return read_line(file, closing) end
  end

  function meta.lines(file)
    F.check_file(file)
    return iterator(file, false)
  end

  function io.lines(path)
    if path == nil then return iterator(io.input(), false) end
    local file, problem = F.open_for_lines(path)
    if not file then F.argument_error(1, problem) end
    return iterator(file, true)
  end
end

-- os.idir: an iterator and its state. The iterator ends early when it is called with false.
local listings = setmetatable({}, {__mode = 'k'})

local function next_entry(state, previous)
  local listing = listings[state]
  if not listing or previous == false then
    listings[state] = nil
    return nil
  end
  listing.at = listing.at + 1
  return listing[listing.at]
end

function F.finish_os(listdir)
  function G.os.idir(path, options)
    local state = newproxy()
    local listing = listdir(path, options)
    if listing then
      listing.at = 0
      listings[state] = listing
    end
    return next_entry, state
  end
end
