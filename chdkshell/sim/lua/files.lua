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

local function reachable(numbered)
  F.collectgarbage()
  local result = {}
  for _, number in F.next, numbered do result[#result + 1] = number end
  return result
end

-- The numbers of all files that a script can still reach.
function F.reachable_files()
  return reachable(numbers)
end

function F.finish_files(methods)
  -- no native finalizer: what goes to Python must not go there at any time
  local gc = {__gc = methods.__gc}
  methods.__gc = nil
  for name, method in F.next, methods do meta[name] = method end
  F.guard(meta, gc)
  local io = G.io
  local read_line = F.read_line

  local function iterator(file, closing)
    return function()
      local line = read_line(file, closing)
      if line then return line end
    end
  end

  function meta.lines(...)
    F.check_file(...)
    return iterator((...), false)
  end

  function io.lines(path)
    if path == nil then
      F.check_file(io.input())
      return iterator(io.input(), false)
    end
    local file, problem = F.open_for_lines(path)
    if not file then F.argument_error(1, problem) end
    return iterator(file, true)
  end
end

-- os.idir: an iterator and its state. A name is read when it is asked for; the iterator ends early
-- when it is called with false.
local directories = setmetatable({}, {__mode = 'k'})

local function next_entry(...)
  local state, previous = ...
  local number = directories[state]
  if not number then
    local got = F.select('#', ...) == 0 and 'no value' or type(state)
    F.argument_error(1, 'chdk_idir_meta expected, got ' .. got)
  end
  if previous == false then return F.close_directory(number) end
  return F.read_directory(number)
end

-- The numbers of all directories that a script can still reach.
function F.reachable_directories()
  return reachable(directories)
end

function F.finish_os()
  function G.os.idir(...)
    local number = F.open_directory(...)
    local state = newproxy()
    directories[state] = number
    return next_entry, state
  end
end
