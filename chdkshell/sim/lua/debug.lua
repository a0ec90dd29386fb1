-- The debug library: the stack as a script sees it (frames.lua), and nothing of what is C on a camera.

local F = ...
local G = F.globals
local type, select, error, next = type, F.select, F.error, F.next
local native, getinfo, running = F.native_debug, F.getinfo, F.running
local find, match, sub = F.native_string.find, F.native_string.match, F.native_string.sub
local is_firmware, argument_error, raise = F.is_firmware, F.argument_error, F.raise
local number, optional, hidden = F.number, F.optional, F.hidden

local debugging = {}
local registry = {_LOADED = G.package.loaded}

function debugging.getregistry()
  return registry
end

-- The thread of a first argument, or nil, and the arguments behind it.
local function arguments(...)
  if type((...)) == 'thread' then return ... end
  return nil, ...
end

-- ---- what a function is --------------------------------------------------------------------------

-- Chunks without a name, by their main functions: what getinfo gives as their source. Of chunks whose
-- main functions are gone, the newest ones are known that take no more than this.
local sources = F.setmetatable({}, {__mode = 'k'})
local texts, texts_size = {}, 0
local MAX_TEXTS_SIZE = 65536

-- Note that `main` is a chunk's main function. `text` is its name where that is shown to nobody.
function F.note_main(main, text)
  sources[main] = text
  if #text > MAX_TEXTS_SIZE then return end
  texts[#texts + 1], texts_size = text, texts_size + #text
  while texts_size > MAX_TEXTS_SIZE do
    texts_size = texts_size - #F.native_table.remove(texts, 1)
  end
end

function F.is_main(f)
  return sources[f] ~= nil
end

local function has_line(text, line, word)
  local at = 1
  for _ = 2, line do
    at = find(text, '\n', at, true)
    if not at then return false end
    at = at + 1
  end
  return find(match(text, '[^\n]*', at), word, 1, true) ~= nil
end

-- The text of the newest chunk that can have a function on these lines.
local function source_of(first, last)
  for index = #texts, 1, -1 do
    local text = texts[index]
    if has_line(text, first, 'function') and has_line(text, last, 'end') then return text end
  end
  for _, text in next, sources do
    if has_line(text, first, 'function') and has_line(text, last, 'end') then return text end
  end
  return '='
end

local function own_upvalues(f, count)
  local own = 0
  for index = 1, count do
    local _, value = native.getupvalue(f, index)
    if value == nil or not hidden[value] then own = own + 1 end
  end
  return own
end

local function patched(info, f, firmware)
  if firmware then
    if info.what then info.what, info.source, info.short_src = 'C', '=[C]', '[C]' end
    if info.linedefined then info.linedefined, info.lastlinedefined = -1, -1 end
    if info.currentline then info.currentline = -1 end
    if info.nups then info.nups = 0 end
    info.activelines = nil
    return info
  end
  if not f then return info end
  if info.nups then info.nups = own_upvalues(f, info.nups) end
  if info.what then
    if sources[f] then
      info.what, info.linedefined, info.lastlinedefined = 'main', 0, 0
      info.source = info.source == '=' and sources[f] or info.source
    elseif info.source == '=' then
      info.source = source_of(info.linedefined, info.lastlinedefined)
    end
  end
  return info
end

-- What getinfo says of a level of the stack, in coordinates of the calling function.
local function info_of(thread, level, options)
  local here = thread == running() and 1 or 0
  local info = getinfo(thread, level + here, options)
  local what = getinfo(thread, level + here, 'Sf')
  local below = getinfo(thread, level + here + 1, 'Sf')
  if below and (below.what == 'C' or below.source == '=[C]') and info.namewhat then
    info.name, info.namewhat = nil, ''
  end
  return patched(info, what.func, what.what == 'C' or what.source == '=[C]')
end

local TAIL = {what = 'tail', namewhat = '', source = '=(tail call)', short_src = '(tail call)',
  linedefined = -1, lastlinedefined = -1, currentline = -1, nups = 0}

local function tail_call()
  local info = {}
  for name, value in next, TAIL do info[name] = value end
  return info
end

function debugging.getinfo(...)
  local thread, f, options = arguments(...)
  local shift = thread and 1 or 0
  if type(options) == 'number' then options = F.tostring(options) end
  if options ~= nil and type(options) ~= 'string' then
    argument_error(shift + 2, 'string expected, got ' .. type(options))
  end
  options = options or 'flnSu'
  local level = F.integer(f)
  if level then
    if level < 0 then return tail_call() end
    local at
    thread, at = F.frame(level, thread)
    if not thread then return nil end
    if find(options, '[^SlnufL]') then argument_error(shift + 2, 'invalid option') end
    local info = info_of(thread, at, options)
    return info
  end
  if type(f) ~= 'function' then argument_error(shift + 1, 'function or level expected') end
  if find(options, '[^SlnufL]') then argument_error(shift + 2, 'invalid option') end
  return (patched(getinfo(f, options), f, is_firmware(f)))
end

-- ---- variables -----------------------------------------------------------------------------------

-- Whether a local variable is the one that native functions with `...` have, and a camera's have not.
local function is_native_arg(name, value)
  return name == 'arg' and (value == nil or type(value) == 'table' and F.rawget(value, 'n') ~= nil)
end

-- The index among all variables of what is number `wanted` among the script's own.
local function own_index(wanted, variable_at)
  local index, own, has_arg = 0, 0, false
  while own < wanted do
    index = index + 1
    local name, value = variable_at(index)
    if not name then return nil end
    if not has_arg and is_native_arg(name, value) then
      has_arg = true
    elseif not find(name, '^_i32_') then
      own = own + 1
    end
  end
  return index
end

-- The thread, the level and the index of a local variable.
local function variable(thread, level, index, shift, count)
  level = number(shift + 1, level, count)
  local at, kind
  if level < 0 then
    number(shift + 2, index, count)
    return nil
  end
  thread, at, kind = F.frame(level, thread)
  if not thread then argument_error(shift + 1, 'level out of range') end
  index = number(shift + 2, index, count)
  if kind ~= 2 or index < 1 or index > 250 then return nil end
  -- two functions nearer to the top than the caller, where the thread is the one that runs
  local nearer = thread == running() and 2 or 0
  local real = own_index(index, function(i)
    return native.getlocal(thread, at + nearer, i)
  end)
  return thread, at - (thread == running() and 1 or 0), real
end

function debugging.getlocal(...)
  local thread, level, index = arguments(...)
  local shift = thread and 1 or 0
  local owner, at, real = variable(thread, level, index, shift, select('#', ...))
  if not real then return nil end
  return native.getlocal(owner, at, real)
end

function debugging.setlocal(...)
  local thread, level, index, value = arguments(...)
  local shift, count = thread and 1 or 0, select('#', ...)
  local owner, at, real = variable(thread, level, index, shift, count)
  if count < shift + 3 then argument_error(shift + 3, 'value expected') end
  if not real then return nil end
  return native.setlocal(owner, at, real, value)
end

local function own_upvalue(f, wanted)
  local own = 0
  if wanted < 1 then return nil end
  for index = 1, 255 do
    local name, value = native.getupvalue(f, index)
    if not name then return nil end
    if value == nil or not hidden[value] then own = own + 1 end
    if own == wanted then return index end
  end
end

local function upvalue(f, index, count)
  index = number(2, index, count)
  if type(f) ~= 'function' then
    argument_error(1, 'function expected, got ' .. (count == 0 and 'no value' or type(f)))
  end
  return not is_firmware(f) and own_upvalue(f, index) or nil
end

function debugging.getupvalue(...)
  local f, index = ...
  index = upvalue(f, index, select('#', ...))
  if index then return native.getupvalue(f, index) end
end

function debugging.setupvalue(...)
  local f, index, value = ...
  local count = select('#', ...)
  if count < 3 then argument_error(3, 'value expected') end
  index = upvalue(f, index, count)
  if index then return native.setupvalue(f, index, value) end
end

-- ---- environments and metatables -----------------------------------------------------------------

function debugging.getfenv(...)
  local object = ...
  if select('#', ...) == 0 then argument_error(1, 'value expected') end
  if type(object) == 'function' and is_firmware(object) then return (F.getfenv(0)) end
  return native.getfenv(object)
end

function debugging.setfenv(...)
  local object, environment = ...
  local count = select('#', ...)
  if type(environment) ~= 'table' then
    argument_error(2, 'table expected, got ' .. (count < 2 and 'no value' or type(environment)))
  end
  local kind = type(object)
  if kind == 'function' and is_firmware(object) then return object end
  if kind == 'userdata' or kind == 'function' then return native.setfenv(object, environment) end
  raise("'setfenv' cannot change environment of given object")
end

-- ---- traceback -----------------------------------------------------------------------------------

local FIRST_LEVELS, LAST_LEVELS = 12, 10
local MAX_BELOW = 1000

local function line_of(info)
  local text = '\n\t' .. info.short_src .. ':'
  if info.currentline > 0 then text = text .. info.currentline .. ':' end
  if info.namewhat ~= '' then return text .. " in function '" .. info.name .. "'" end
  if info.what == 'main' then return text .. ' in main chunk' end
  if info.what == 'C' or info.what == 'tail' then return text .. ' ?' end
  return text .. ' in function <' .. info.short_src .. ':' .. info.linedefined .. '>'
end

local function lines_from(thread, first)
  local here = running()
  local lines, at = {}, thread == nil and 0 or 1
  for level = first, -1 do lines[level - first + 1] = line_of(TAIL) end
  local top = true
  for owner, level, kind in F.visible(thread or here) do
    if top and kind ~= 1 then at = 1 end
    top = false
    if at >= first then
      local info = info_of(owner, owner == here and level - 1 or level, 'Snl')
      lines[#lines + 1] = line_of(info)
    end
    at = at + 1
  end
  return lines
end

-- The text before a traceback: the message, and whatever other arguments the stack holds.
local function head_of(count, ...)
  if count == 0 then return '' end
  local values = {...}
  for index = count, 1, -1 do
    local kind = type(values[index])
    if kind ~= 'string' and kind ~= 'number' then
      error('attempt to concatenate a ' .. kind .. ' value', 0)
    end
  end
  return F.table.concat(values, '', 1, count) .. '\n'
end

local function traced(thread, count, message, level, ...)
  local first = F.integer(level)
  if first then count = count - 1 else first = thread and 0 or 1 end
  if count > 0 and type(message) ~= 'string' and type(message) ~= 'number' then
    return (select(count, message, level, ...))
  end
  if first < -MAX_BELOW then error('not enough memory', 0) end
  local lines = lines_from(thread, first)
  local shown = first < FIRST_LEVELS and FIRST_LEVELS - first or 0
  local skipped = #lines > shown + 1 + LAST_LEVELS and shown or #lines
  local parts = {head_of(count, message, level, ...), 'stack traceback:'}
  for index, line in F.ipairs(lines) do
    if index <= skipped or index > #lines - LAST_LEVELS then
      parts[#parts + 1] = line
    elseif index == skipped + 1 then
      parts[#parts + 1] = '\n\t...'
    end
  end
  return F.table.concat(parts)
end

function debugging.traceback(...)
  local thread = arguments(...)
  local count = select('#', ...) - (thread and 1 or 0)
  local text = traced(thread, count, select(2, arguments(...)))
  return text
end

-- ---- hooks ---------------------------------------------------------------------------------------

-- The firmware's own hook looks every so many instructions whether to make way for others.
local YIELD_CHECK_COUNT = 100

function debugging.gethook()
  local own = F.script_hook
  if own == nil then return 'external hook', '', YIELD_CHECK_COUNT end
  if not own then return nil, '', 0 end
  return own.call, own.mask, own.count
end

function debugging.sethook(...)
  local thread, f, mask, count = arguments(...)
  local shift = thread and 1 or 0
  if f == nil then
    F.script_hook = false
    F.watch()
    return
  end
  if type(mask) == 'number' then mask = F.tostring(mask) end
  if type(mask) ~= 'string' then
    argument_error(shift + 2, 'string expected, got ' .. (mask == nil and 'no value' or type(mask)))
  end
  if type(f) ~= 'function' then argument_error(shift + 1, 'function expected, got ' .. type(f)) end
  count = optional(shift + 3, count, 0)
  local own = ''
  for sign in F.native_string.gmatch('crl', '.') do
    if find(mask, sign, 1, true) then own = own .. sign end
  end
  local step = count > 0 and count < F.HOOK_COUNT and count or F.HOOK_COUNT
  F.script_hook = {call = f, mask = own, count = count > 0 and count or 0, step = step, passed = 0}
  F.watch(nil, own, step)
end

-- Whether the script sees an event of the function that the native hook was called for.
local function is_event(own, event)
  if event == 'count' then
    own.passed = own.passed + own.step
    if own.count == 0 or own.passed < own.count then return false end
    own.passed = 0
    return true
  end
  if event == 'tail return' then return true end
  local info, below = getinfo(4, 'Sf'), getinfo(5, 'S')
  if info.what ~= 'C' and info.source ~= '=[C]' then return true end
  return event ~= 'line' and not hidden[info.func] and below ~= nil and below.what ~= 'C'
    and below.source ~= '=[C]'
end

-- Call the script's hook, so that it can be ended: hooks rest in a hook.
function F.call_hook(event, line)
  local own = F.script_hook
  if not is_event(own, event) then return end
  local ok, message = F.apart(own.call, event, line)
  if not ok then error(message, 0) end
end
hidden[F.hook], hidden[F.call_hook] = true, true

G.debug = debugging
