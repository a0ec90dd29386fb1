-- The ground that the other files stand on: what is kept of standard Lua for the firmware's own use,
-- errors that read as those of C functions, and the way into Python.
--
-- Every file here is a function of the table F, through which they share. Their chunk name is "=[C]",
-- since to a script all of this is C. Numbers count in doubles here: no file is rewritten.

local F, as_function, settle, tick, prepare, rewrite, read_source, seal, unseal, find_text,
  start_thread = ...

F.error, F.type, F.pcall, F.xpcall, F.select, F.unpack = error, type, pcall, xpcall, select, unpack
F.getinfo, F.sethook = debug.getinfo, debug.sethook
F.native_debug, F.native_string = debug, string
F.create, F.resume, F.status, F.yield = coroutine.create, coroutine.resume, coroutine.status, coroutine.yield
F.loadstring, F.getfenv, F.setfenv, F.newproxy = loadstring, getfenv, setfenv, newproxy
F.collectgarbage, F.tonumber, F.tostring, F.table = collectgarbage, tonumber, tostring, table
F.running, F.setmetatable, F.getmetatable, F.rawset = coroutine.running, setmetatable, getmetatable, rawset
F.math, F.next, F.ipairs, F.rawget = math, next, ipairs, rawget

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
F.seal, F.unseal, F.find_text = native(seal), native(unseal), native(find_text)
F.start_thread = native(start_thread)

-- Whether a function is part of the firmware, that is, a C function on a camera.
function F.is_firmware(f)
  local what = getinfo(f, 'S')
  return what.what == 'C' or what.source == '=[C]'
end

local yield = F.yield

-- Make a Lua function of each Python function, in the tables that they belong to. `names` has them
-- as `table.name`, in the order of the numbers by which `python` calls them: it gets a number and
-- the arguments. It answers with whether the memory has room for its values already, a count, and
-- that many values; -1: an index and a text for argument_error; -2: a text for error; -3: the
-- script waits; -4: the memory is used up; -5: too many calls are in each other.
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
      if count == -1 then F.argument_error(a, b) end
      if count == -2 then F.raise(a) end
      if count == -4 then error(NO_MEMORY, 0) end
      if count == -5 then error('C stack overflow', 0) end
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

-- The instruction hook: lets other threads run, and ends a script that was killed. From then on it
-- strikes at every instruction, so that no pcall can outlast it. It also calls the script's own hook.
-- What the firmware's own Lua runs is C on a camera, and costs no instructions there: it is told apart
-- by where the hook strikes, if that counts, for the look costs memory. So as to strike all parts of a
-- loop equally often, the count is a prime.
local sethook, tick_now, running = debug.sethook, as_function(tick), F.running
local FIRMWARE = '=[C]'
local HOOK_COUNT = 997
F.HOOK_COUNT = HOOK_COUNT
local instructions, thread = 0, nil

local function hook(event, line)
  if event == 'count' then
    instructions = instructions + (F.script_hook and F.script_hook.step or HOOK_COUNT)
  end
  if F.killed or instructions >= HOOK_COUNT then
    instructions = 0
    local ends = F.killed or tick_now(F.paced and getinfo(2, 'S').source ~= FIRMWARE)
    if ends == nil then error(NO_MEMORY, 0) end
    if ends then
      F.killed = true
      sethook(hook, '', 1)
      error('killed', 0)
    end
  end
  if F.script_hook and running() == thread then F.call_hook(event, line) end
end
F.hook = hook

-- The hook of a script that makes way for nobody: it measures time, and what it runs takes as long as
-- on a camera, but for some tenths of a ms.
local FINE_COUNT, OWN_COUNT = 97, 17 -- the hook's own instructions count, too
local function fine_hook()
  local ends = F.killed or tick_now(getinfo(2, 'S').source ~= FIRMWARE and FINE_COUNT)
  if ends == nil then error(NO_MEMORY, 0) end
  if ends then
    F.killed = true
    sethook(hook, '', 1)
    error('killed', 0)
  end
end

-- For Python: whether the time that the script takes is to be as exact as that.
function F.time_finely(on)
  if not F.paced or F.script_hook then return end
  if on then
    sethook(thread, fine_hook, '', FINE_COUNT + OWN_COUNT)
  else
    sethook(thread, hook, '', HOOK_COUNT)
  end
end

-- Have the hook called in the script's thread, also for the events of `mask`, every `step` times.
function F.watch(co, mask, step)
  thread = co or thread
  sethook(thread, hook, mask or '', step or HOOK_COUNT)
  if co then sethook(hook, '', HOOK_COUNT) end
end
