-- A script: its coroutine, its end, and the messages made of its values.

local F = ...
local type = type

local function call(f, ...)
  return f(...)
end

-- Return the subtype and the bytes of the message for `value` (numbers of chdk/constants.py), or -1
-- and the error of the serializer. nil: the serializer gave no string.
local function message(value)
  local kind = type(value)
  if kind == 'nil' then return 1, 0 end
  if kind == 'boolean' then return 2, value and 1 or 0 end
  if kind == 'number' then return 3, value end
  if kind == 'string' then return 4, value end
  if kind ~= 'table' then return 0, kind end
  local ok, text = F.apart(call, F.globals.usb_msg_table_to_string, value)
  if type(text) == 'number' then text = F.tostring(text) end
  if not ok then return -1, type(text) == 'string' and text or '' end
  if type(text) ~= 'string' then return nil end
  return 5, text
end
F.message = message

local function send_results(...)
  for index = 1, F.select('#', ...) do
    local subtype, data = message((F.select(index, ...)))
    F.send_result(subtype, data)
    if not subtype or subtype < 0 then return end
  end
end

-- The text of the error that ended `co`, with the line of the script that it happened on.
local function problem_of(co, problem)
  if type(problem) == 'number' then return F.tostring(problem) end
  if type(problem) ~= 'string' then return '' end
  return F.place(problem, co)
end

-- A script's sleep ends the slice that `resume` runs: true says that the script has not ended.
-- At its end: false, and the error's text where there was one.
local function slice_ended(co, ok, ...)
  if not ok then
    return false, problem_of(co, (...))
  end
  if F.status(co) == 'suspended' then return true end
  send_results(...)
  return false
end

function F.start(source)
  if not F.settle() then return nil, 'not enough memory' end
  local chunk, problem = F.compile(source, source)
  if not chunk then return nil, problem end
  local co = F.create(chunk)
  F.watch(co)
  return function(...)
    return slice_ended(co, F.resume(co, ...))
  end
end

-- For Python: call what the script does when it is interrupted. It must not wait. Returns what went
-- wrong.
function F.restore()
  local restore = F.globals.restore
  if type(restore) ~= 'function' then return end
  F.killed = nil
  F.sethook(F.hook, '', 1000)
  local ok, problem = F.pcall(restore)
  if not ok then return type(problem) == 'string' and problem or '' end
end

-- For Python: the names of the script's functions that are C on a camera, with spaces between them:
-- of all that there are before the firmware's own Lua is run.
function F.lua_names()
  local names = {}
  local function collect(functions, prefix)
    for name, value in F.next, functions do
      if type(value) == 'function' then names[#names + 1] = prefix .. name end
    end
  end
  collect(F.globals, '')
  for name, value in F.next, F.globals do
    if type(value) == 'table' and value ~= F.globals then collect(value, name .. '.') end
  end
  collect(F.file_methods, ':')
  collect(F.globals.fmath, ':')
  for name in F.next, F.globals.string do names[#names + 1] = ':' .. name .. ' ?.' .. name end
  return F.table.concat(names, ' ')
end

-- For Python: a field of a table, without metamethods, and the table's length.
local rawget = rawget
function F.field(t, key)
  return rawget(t, key)
end

function F.length(t)
  return #t
end
