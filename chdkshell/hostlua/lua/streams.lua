-- io.stdout, io.stderr and io.stdin by way of the host: its output has one order.
local host = ...

local raw_type, raw_open, raw_lines = io.type, io.open, io.lines
local Stream = {}
Stream.__index = Stream

function Stream.__tostring(stream)
  return 'file (' .. stream.name .. ')'
end

function Stream:write(...)
  for i = 1, select('#', ...) do
    self.put((select(i, ...)))
  end
  return self
end

function Stream:flush()
  return self
end

function Stream:setvbuf()
  return true
end

function Stream:seek()
  return nil, 'Illegal seek', 29
end

function Stream:close()
  return true
end

-- ---- reading: lines come from the host, what is left of one waits here ----

local rest = ''

local function more()
  local line = host.read_line()
  if not line or line == '' then
    return false
  end
  rest = rest .. line
  return true
end

local function read_line(keep)
  while not rest:find('\n', 1, true) and more() do
  end
  if rest == '' then
    return nil
  end
  local line = rest:match('^[^\n]*\n?')
  rest = rest:sub(#line + 1)
  if not keep then
    line = line:gsub('\n$', '')
  end
  return line
end

local function read_count(count)
  while #rest < count and more() do
  end
  if rest == '' and (count > 0 or not more()) then
    return nil
  end
  local part = rest:sub(1, count)
  rest = rest:sub(count + 1)
  return part
end

local function read_all()
  while more() do
  end
  local all = rest
  rest = ''
  return all
end

local function read_number()
  local line = read_line(true)
  if not line then
    return nil
  end
  local digits, left = line:match('^%s*([-+%w.]+)(.*)$')
  local number = digits and tonumber(digits)
  rest = (number and left or line) .. rest
  return number
end

local function read_one(form)
  if type(form) == 'number' then
    return read_count(form)
  end
  local letter = tostring(form):gsub('^%*', ''):sub(1, 1)
  if letter == 'l' or letter == 'L' then
    return read_line(letter == 'L')
  elseif letter == 'a' then
    return read_all()
  elseif letter == 'n' then
    return read_number()
  end
  error('invalid format', 3)
end

function Stream:read(...)
  if not self.reads then
    return nil, 'Bad file descriptor', 9
  end
  local forms = select('#', ...) > 0 and {...} or {'l'}
  local found = {}
  for i = 1, #forms do
    found[i] = read_one(forms[i])
    if found[i] == nil then
      break
    end
  end
  return table.unpack(found, 1, #forms)
end

function Stream:lines(...)
  local forms = {...}
  return function()
    return self:read(table.unpack(forms))
  end
end

io.stdout = setmetatable({name = 'stdout', put = host.write}, Stream)
io.stderr = setmetatable({name = 'stderr', put = host.write_error}, Stream)
io.stdin = setmetatable({name = 'stdin', reads = true, put = function()
  error('stdin is read', 3)
end}, Stream)

-- ---- the functions that use them ----

local input, output = io.stdin, io.stdout

function io.type(thing)
  return getmetatable(thing) == Stream and 'file' or raw_type(thing)
end

local function opened(file, mode)
  if type(file) ~= 'string' then
    return file
  end
  local made, problem = raw_open(file, mode)
  return made or error(problem, 3)
end

function io.output(file)
  if file ~= nil then
    output = opened(file, 'w')
  end
  return output
end

function io.input(file)
  if file ~= nil then
    input = opened(file, 'r')
  end
  return input
end

function io.write(...)
  return output:write(...)
end

function io.read(...)
  return input:read(...)
end

function io.flush()
  return output:flush()
end

function io.lines(file, ...)
  if file == nil then
    return input:lines(...)
  end
  return raw_lines(file, ...)
end

function io.close(file)
  return (file or output):close()
end

function print(...)
  local words = {}
  for i = 1, select('#', ...) do
    words[i] = tostring((select(i, ...)))
  end
  io.stdout:write(table.concat(words, '\t') .. '\n')
end
