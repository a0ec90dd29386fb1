-- The ground that the other files stand on: what is kept of standard Lua for the firmware's own use,
-- errors that read as those of C functions, and the way into Python.
--
-- Every file here is a function of the table F, through which they share. Their chunk name is "=[C]",
-- since to a script all of this is C. Numbers count in doubles here: no file is rewritten.

local F, as_function, settle, tick, prepare, rewrite, read_source = ...

F.error, F.type, F.pcall, F.xpcall, F.select, F.unpack = error, type, pcall, xpcall, select, unpack
F.getinfo, F.sethook = debug.getinfo, debug.sethook
F.native_debug, F.native_string = debug, string
F.create, F.resume, F.status, F.yield = coroutine.create, coroutine.resume, coroutine.status, coroutine.yield
F.loadstring, F.getfenv, F.setfenv, F.newproxy = loadstring, getfenv, setfenv, newproxy
F.collectgarbage, F.tonumber, F.tostring, F.table = collectgarbage, tonumber, tostring, table
F.math, F.next = math, next

local error, getinfo, unpack = error, debug.getinfo, unpack

-- Return what came from Python if the script's memory has room for it (see heap.py).
settle = as_function(settle)
local NO_MEMORY = 'not enough memory'
local function settled(...)
  if not settle() then error(NO_MEMORY, 0) end
  return ...
end
F.settle, F.settled = settle, settled

local function native(python)
  local call = as_function(python)
  return function(...) return settled(call(...)) end
end

F.prepare, F.rewrite, F.read_source = native(prepare), native(rewrite), native(read_source)

-- Whether a function is part of the firmware, that is, a C function on a camera.
function F.is_firmware(f)
  local what = getinfo(f, 'S')
  return what.what == 'C' or what.source == '=[C]'
end

-- Raise what luaL_argerror raises, in a function that a script called: its name, and the line of the
-- call. `level` counts the functions between that function and this one.
function F.argument_error(index, message, level)
  level = (level or 0) + 2
  local info = getinfo(level, 'n')
  local name = info.name or '?'
  if info.namewhat == 'method' then
    index = index - 1
    if index == 0 then
      error("calling '" .. name .. "' on bad self (" .. message .. ')', level + 1)
    end
  end
  error('bad argument #' .. index .. " to '" .. name .. "' (" .. message .. ')', level + 1)
end

local argument_error, yield = F.argument_error, F.yield

-- Make a Lua function of each Python function, in the tables that they belong to. `names` has them
-- as `table.name`, in the order of the numbers by which `python` calls them: it gets a number and
-- the arguments. It answers with whether the memory has room for its values already, a count, and
-- that many values; -1: an index and a text for argument_error; -2: a text for error; -3: the
-- script waits; -4: the memory is used up.
function F.expose(python, names, tables)
  local call = as_function(python)
  local function exposed(number)
    return function(...)
      local has_room, count, a, b, c = call(number, ...)
      if not has_room then settled() end
      if count == 1 then return a end
      if count == 0 then return end
      if count == 2 then return a, b end
      if count == 3 then return a, b, c end
      if count == -1 then argument_error(a, b) end
      if count == -2 then error(a, 2) end
      if count == -4 then error(NO_MEMORY, 0) end
      if count == -3 then return settled(yield()) end
      return unpack(a, 1, count)
    end
  end
  local number = 0
  for library, name in F.native_string.gmatch(names, '(%S+)%.(%S+)') do
    tables[library][name] = exposed(number)
    number = number + 1
  end
end

-- The result of a native function that was called with pcall by a function of the script's. An error
-- gets the name that the script has for that function, and the line of the script.
function F.finish_native(ok, message)
  if ok then return message end
  local index, text = F.native_string.match(message, "^bad argument #(%d+) to '%?' %((.*)%)$")
  if index then argument_error(F.tonumber(index), text, 1) end
  error(message, (F.killed or message == NO_MEMORY) and 0 or 3)
end

-- The message of an error that was raised inside of the firmware's Lua, such as a stack overflow,
-- without the place, which is none of the script's. Also returns whether there was one.
function F.without_place(message)
  if F.type(message) ~= 'string' then return message, false end
  local text = F.native_string.match(message, '^%[C%]:%d+: (.*)$')
  return text or message, text ~= nil
end

-- The instruction hook: lets other threads run, and ends a script that was killed. From then on it
-- strikes at every instruction, so that no pcall can outlast it.
local sethook, tick_now = debug.sethook, as_function(tick)
local thread
local function hook()
  if F.killed or tick_now() then
    F.killed = true
    if thread then sethook(thread, F.hook, '', 1) end
    sethook(F.hook, '', 1)
    error('killed', 0)
  end
end
F.hook = hook

function F.watch(co)
  thread = co
  sethook(co, hook, '', 1000)
  sethook(hook, '', 1000)
end
