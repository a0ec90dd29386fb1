-- needs: serialize, host, wait_checks
-- A session: chunks of Lua come as messages, run in one environment, and are answered with values.
-- Messages begin with a letter. From the host: p a chunk to run with pcall, under which nothing can
-- wait, u one that waits and that the host has made for it (luachunks.py), i interrupts, m is for
-- the chunk itself, q ends. Between chunks the host gives signs of life (host.lua).
-- To the host: + a piece of what follows, > printed, ! lines that were lost, = a value, ~ a value that can only be
-- described, o done, e failed, c does not compile.
-- Chunks are named by their numbers, from 1: errors begin with the name and the line.
local read, write, serialize = read_usb_msg, write_usb_msg, usb_msg_table_to_string
local sub, format, ticks, getinfo = string.sub, string.format, get_tick_count, debug.getinfo
local native_pcall, native_xpcall, error, type, select = pcall, xpcall, error, type, select
local tostring, loadstring, checks = tostring, loadstring, chdkshell_checks
local hear_sign, expect_host, host_is_gone = hear_sign, expect_host, host_is_gone
local PIECE, BACKLOG, FOREVER = 4000, 16, 86400000
local ACROSS = 'attempt to yield across metamethod/C-call boundary'
local outgoing, letters = {}, {}
local interrupted, polls, chunks, lost = false, 0, 0, 0
local depth = 0 -- of protected calls: above 0, errors are raised, and nothing can wait
local failure -- at depth 0: {what} for the first error, after which everything returns

local function flush(timeout)
  while outgoing[1] and write(outgoing[1], timeout) do
    table.remove(outgoing, 1)
  end
end

local function send(kind, text)
  local from = 1
  while #text - from >= PIECE do
    outgoing[#outgoing + 1] = '+' .. sub(text, from, from + PIECE - 1)
    from = from + PIECE
  end
  outgoing[#outgoing + 1] = kind .. sub(text, from)
  flush()
end

-- Take a message that comes while a chunk runs.
local function take(message)
  if not message then
    return
  end
  local is_sign, ends = hear_sign(message)
  if ends or sub(message, 1, 1) == 'i' then
    interrupted = true
  elseif not is_sign then
    letters[#letters + 1] = sub(message, 2)
  end
end

-- ---- what the host puts into chunks -------------------------------------------------------------

-- Look for an interrupt at each turn of a loop. Returns whether the chunk has to return.
function chdkshell_stop()
  polls = polls + 1
  if polls % 32 == 0 and not interrupted then
    take(read())
  end
  if interrupted and depth > 0 then
    error('interrupted', 0)
  end
  return interrupted or failure
end

local function caught(ok, ...)
  depth = 0
  if ok then
    return ...
  end
  failure = { (...) }
end

-- Run a piece that does not wait, so that an error in it does not end the script.
function chdkshell_try(piece, ...)
  if depth > 0 then
    return piece(...)
  elseif not (interrupted or failure) then
    depth = 1
    return caught(native_pcall(piece, ...))
  end
end

-- Keeps a call from being the last of a function: an error in it would not know its line.
function chdkshell_all(...)
  return ...
end

function chdkshell_iterator(iterate)
  return function(state, last)
    return chdkshell_try(iterate, state, last)
  end
end

-- ---- functions that a session has its own of ------------------------------------------------------

local function leave(outside, ...)
  depth = outside
  return ...
end

function pcall(...)
  local outside = depth
  depth = outside + 1
  return leave(outside, native_pcall(...))
end

function xpcall(...)
  local outside = depth
  depth = outside + 1
  return leave(outside, native_xpcall(...))
end

-- Make a function that waits fail as a piece does: its arguments are checked before. The camera's
-- own would fail below pcall only after it has put off what it does.
local function waiting(name, native, check)
  return function(...)
    if depth > 0 then
      error(ACROSS, 2)
    elseif interrupted or failure then
      return
    end
    local ok, problem = native_pcall(check, ...)
    if ok then
      return native(...)
    end
    local caller = getinfo(2, 'Sl')
    problem = string.gsub(problem, "'%?'", "'" .. name .. "'")
    if caller.currentline > 0 then
      problem = caller.short_src .. ':' .. caller.currentline .. ': ' .. problem
    end
    failure = { problem }
  end
end

for _, name in ipairs({
  'press',
  'release',
  'click',
  'shoot',
  'wait_click',
  'md_detect_motion',
  'file_browser',
  'textbox',
}) do
  _G[name] = _G[name] and waiting(name, _G[name], checks[name])
end

-- sleep that an interrupt ends: it waits for messages.
sleep = waiting('sleep', function(time)
  local stop = ticks() + (time == -1 and FOREVER or time)
  repeat
    take(read(math.max(stop - ticks(), 1)))
  until interrupted or ticks() >= stop
end, checks.sleep)

local function next_letter()
  local letter = letters[1]
  table.remove(letters, 1)
  return letter
end

local wait_for_letter = waiting('read_usb_msg', function(timeout)
  local stop = ticks() + (timeout == -1 and FOREVER or timeout)
  while #letters == 0 and not interrupted and ticks() < stop do
    take(read(stop - ticks()))
  end
  return next_letter()
end, checks.read_usb_msg)

function read_usb_msg(timeout)
  take(read())
  if #letters == 0 and timeout and timeout ~= 0 then
    return wait_for_letter(timeout)
  end
  return next_letter()
end

local write_and_wait = waiting('write_usb_msg', write, checks.write_usb_msg)

function write_usb_msg(...)
  local _, timeout = ...
  if timeout and timeout ~= 0 then
    return write_and_wait(...)
  end
  return write(...)
end

-- print never waits. What it writes waits for room here, up to BACKLOG messages; lines for which
-- there is no room are counted, which the host is told.
function print(...)
  local words = {}
  for i = 1, select('#', ...) do
    words[i] = tostring((select(i, ...)))
  end
  local text, last = table.concat(words, '\t'), outgoing[#outgoing]
  if #outgoing > BACKLOG then
    flush()
    take(read())
  end
  if #outgoing > BACKLOG then
    lost = lost + 1
  elseif last and sub(last, 1, 1) == '>' and #last + #text < PIECE then
    outgoing[#outgoing] = last .. '\n' .. text
    flush()
  else
    send('>', text)
  end
end

-- ---- answers ------------------------------------------------------------------------------------

-- Text for a value that has no literal: with functions, or tables in themselves.
local function describe(value, open)
  if type(value) == 'string' then
    return format('%q', value)
  elseif type(value) ~= 'table' then
    return type(value) == 'function' and '<function>' or tostring(value)
  elseif open[value] then
    return '<table>'
  end
  open[value] = true
  local parts = {}
  for key, item in pairs(value) do
    local name = type(key) == 'string' and key or '[' .. describe(key, open) .. ']'
    parts[#parts + 1] = name .. '=' .. describe(item, open)
  end
  open[value] = nil
  return '{' .. table.concat(parts, ',') .. '}'
end

local function answer(...)
  depth = 0
  if lost > 0 then
    send('!', tostring(lost))
    lost = 0
  end
  if interrupted and not failure then
    failure = { 'interrupted' }
  end
  if failure then
    send('e', describe(failure[1], {}))
    return
  end
  for i = 1, select('#', ...) do
    local value = select(i, ...)
    local plain, text = native_pcall(serialize, value)
    if plain then
      send('=', text)
    else
      send('~', describe(value, {}))
    end
  end
  send('o', '')
end

local function run(code, waits)
  chunks = chunks + 1
  local chunk, problem = loadstring(code, '=' .. chunks)
  if not chunk then
    send('c', problem)
    return
  end
  interrupted, failure = false, nil
  if waits then
    answer(chunk())
  else
    answer(chdkshell_try(chunk))
  end
end

function lua_session()
  while true do
    flush(500)
    local message = read(500)
    local kind = message and sub(message, 1, 1)
    if kind == 'q' or (not message and host_is_gone()) then
      return
    elseif kind == 'p' or kind == 'u' then
      run(sub(message, 2), kind == 'u')
      expect_host() -- it had no need to say anything meanwhile
    elseif message then
      take(message)
    end
  end
end
