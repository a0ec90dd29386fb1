-- The functions that run, as a script sees them. Much that is one C function on a camera is several
-- functions here, and some that are here are none on a camera: they are left out. What a hook, a
-- finalizer or a deep call runs in has a coroutine of its own, below which the stack goes on.

local F = ...
local type, select, unpack, error = type, select, unpack, error
local getinfo, sethook, running = debug.getinfo, debug.sethook, F.running
local match, tonumber = string.match, tonumber
local create, resume, status = F.create, F.resume, F.status

local WEAK = {__mode = 'k'}

-- Functions that are no functions on a camera, and those of them that call what a script gave them.
local hidden, callers = setmetatable({}, WEAK), setmetatable({}, WEAK)
F.hidden, F.callers = hidden, callers

-- The threads that threads were started from.
local parents = setmetatable({}, WEAK)

local FIRMWARE, SCRIPT, TAIL = 1, 2, 3

local function kind_of(info)
  if not info then return nil end
  if info.what == 'tail' then return TAIL end
  if info.what == 'C' or info.source == '=[C]' then return FIRMWARE end
  return SCRIPT
end

-- Iterate over what a script sees from `thread`: thread, level, kind. The first one that `thread`
-- shows where it runs is this function's own frame.
local function visible(thread)
  local level = -1
  return function()
    while thread do
      level = level + 1
      local info = getinfo(thread, level, 'Sf')
      local kind = kind_of(info)
      if not info then
        thread, level = parents[thread], -1
      elseif kind ~= FIRMWARE then
        return thread, level, kind
      elseif not hidden[info.func] then
        -- native code calls nothing but what a script gave it
        local below = getinfo(thread, level + 1, 'Sf')
        if kind_of(below) ~= FIRMWARE or below.what == 'C' or callers[below.func] then
          return thread, level, kind
        end
      end
    end
  end
end

-- The thread and the level of what a script calls level `wanted`: 0 is the firmware's function that
-- it called, or nothing where none was. For use by getinfo and the like in the calling function.
local function frame(wanted, from)
  local here = running()
  local at = 0
  local first = true
  for thread, level, kind in visible(from or here) do
    -- without a function of the firmware on top, the topmost one is level 1
    if first and kind ~= FIRMWARE then at = 1 end
    first = false
    if at == wanted then
      return thread, thread == here and level - 2 or level, kind
    end
    at = at + 1
  end
end
F.frame, F.visible = frame, visible

-- The place that luaL_where gives: with it begin the texts of errors.
local function where(wanted, from)
  local thread, level = frame(wanted, from)
  local info = thread and getinfo(thread, level, 'Sl')
  if info and info.currentline > 0 and kind_of(info) == SCRIPT then
    return info.short_src .. ':' .. info.currentline .. ': '
  end
  return ''
end
F.where = where

-- The message of an error that was raised inside of the firmware's Lua, with the name that the script
-- has for the function, and the line of the script. `from`: the thread that it ended, if it did.
local function place(message, from)
  if type(message) ~= 'string' then return message end
  local text = match(message, '^%[C%]:%d+: (.*)$')
  if not text then return message end
  local index, rest = match(text, "^bad argument #(%-?%d+) to '[^']*' (%(.*%))$")
  if index then
    local thread, level = frame(0, from)
    local info = thread and getinfo(thread, level, 'n') or {}
    if thread and kind_of(getinfo(thread, level + 1, 'S')) ~= SCRIPT then info = {} end
    local name = info.name or '?'
    index = tonumber(index)
    if info.namewhat == 'method' then index = index - 1 end
    if info.namewhat == 'method' and index == 0 then
      text = "calling '" .. name .. "' on bad self " .. rest
    else
      text = 'bad argument #' .. index .. " to '" .. name .. "' " .. rest
    end
  end
  return where(1, from) .. text
end
F.place = place
hidden[place] = true

-- Run `f` in a coroutine below the running one. Returns what pcall returns.
local function finish(co, ok, ...)
  if F.killed then error('killed', 0) end
  if not ok then return false, place((...), co) end
  if status(co) == 'suspended' then
    return false, 'attempt to yield across metamethod/C-call boundary'
  end
  return true, ...
end

function F.apart(f, ...)
  local co = create(f)
  parents[co] = running()
  sethook(co, F.hook, '', F.HOOK_COUNT)
  return finish(co, resume(co, ...))
end

-- Run `f` in a coroutine that counts calls in C anew, which it is if Python starts it: native code
-- counts those of the firmware's Lua, of hooks and of Python, too.
function F.afresh(f)
  local below = running()
  local results, count = {false, 'attempt to yield across metamethod/C-call boundary'}, 2
  local function keep(...)
    results, count = {...}, select('#', ...)
  end
  local function run()
    parents[running()] = below
    sethook(F.hook, '', F.HOOK_COUNT)
    keep(f())
  end
  hidden[run] = true
  F.start_thread(run)
  if F.killed then error('killed', 0) end
  return unpack(results, 1, count)
end
hidden[F.apart], hidden[finish] = true, true

-- Raise luaL_error's and luaL_argerror's errors, in a function that a script called.
function F.raise(text)
  error(where(1) .. text, 0)
end

function F.argument_error(index, message)
  error(place('[C]:0: bad argument #' .. index .. " to '?' (" .. message .. ')'), 0)
end

-- Let `f` be called as by a C function: it cannot yield, and errors go on as they are.
local function passed_on(ok, ...)
  if ok then return ... end
  error((...), 0)
end

function F.call(f, ...)
  return passed_on(F.pcall(f, ...))
end
hidden[passed_on], hidden[F.call] = true, true
