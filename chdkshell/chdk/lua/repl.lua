-- needs: serialize
-- A session: chunks of Lua come as messages, run in one environment, and are answered with values.
-- Messages begin with a letter. From the host: p and u chunks to run (p with pcall, under which
-- nothing may sleep), s asks for the variables, i interrupts, m is for the chunk itself, q ends.
-- To the host: + a piece of what follows, > printed, = a value, ~ a value that can only be
-- described, o done, e failed, c does not compile, v the variables.
local read, write, serialize = read_usb_msg, write_usb_msg, usb_msg_table_to_string
local sub, format, ticks = string.sub, string.format, get_tick_count
local pcall, error, type, tostring, loadstring = pcall, error, type, tostring, loadstring
local PIECE, FOREVER = 4000, 86400000
local outgoing, letters, known = {}, {}, {}
local interrupted, polls = false, 0

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
  if message and sub(message, 1, 1) == 'i' then
    interrupted = true
  elseif message then
    letters[#letters + 1] = sub(message, 2)
  end
end

-- Called at each turn of a loop: the host puts the calls into the chunk.
function chdkshell_poll()
  polls = polls + 1
  if polls % 32 == 0 and not interrupted then
    take(read())
  end
  if interrupted then
    error('interrupted', 0)
  end
end

-- sleep that an interrupt ends: it waits for messages.
function sleep(time)
  local stop = ticks() + (time < 0 and FOREVER or time)
  take(read())
  while not interrupted and ticks() < stop do
    take(read(stop - ticks()))
  end
  if interrupted then
    error('interrupted', 0)
  end
end

function read_usb_msg(timeout)
  timeout = timeout or 0
  if timeout < 0 then
    timeout = FOREVER
  end
  local stop = ticks() + timeout
  take(read())
  while #letters == 0 and not interrupted and ticks() < stop do
    take(read(stop - ticks()))
  end
  if interrupted then
    error('interrupted', 0)
  end
  local letter = letters[1]
  table.remove(letters, 1)
  return letter
end

function print(...)
  local words = {}
  for i = 1, select('#', ...) do
    words[i] = tostring((select(i, ...)))
  end
  send('>', table.concat(words, '\t'))
end

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

local function answer(ok, ...)
  if not ok then
    send('e', describe((...), {}))
    return
  end
  for i = 1, select('#', ...) do
    local value = select(i, ...)
    local plain, text = pcall(serialize, value)
    if plain then
      send('=', text)
    else
      send('~', describe(value, {}))
    end
  end
  send('o', '')
end

local function run(code, protected)
  local chunk = loadstring('return ' .. code)
  local problem
  if not chunk then
    chunk, problem = loadstring(code)
  end
  if not chunk then
    send('c', problem)
    return
  end
  interrupted = false
  if protected then
    answer(pcall(chunk))
  else
    answer(true, chunk())
  end
end

-- Send the variables that were made in the session: those with literals, and the names of others.
local function send_variables()
  local kept, lost = {}, {}
  for name, value in pairs(_G) do
    if not known[name] and type(name) == 'string' and type(value) ~= 'function' then
      if pcall(serialize, value) then
        kept[name] = value
      else
        lost[#lost + 1] = name
      end
    end
  end
  send('v', serialize({ kept = kept, lost = lost }))
end

function lua_session()
  for name in pairs(_G) do
    known[name] = true
  end
  while true do
    flush(100000)
    local message = read(60000)
    local kind = message and sub(message, 1, 1)
    if kind == 'q' then
      return
    elseif kind == 's' then
      send_variables()
    elseif kind == 'p' or kind == 'u' then
      run(sub(message, 2), kind == 'p')
    elseif kind == 'm' then
      take(message)
    end
  end
end
