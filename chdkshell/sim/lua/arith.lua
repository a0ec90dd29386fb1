-- Arithmetic of 32-bit integers (lib/lua/luaconf.h and lvm.c of the firmware; division and modulo as
-- the newer cameras do them). Rewritten scripts call these: see rewrite.py.

local F = ...
local type, error, select, getinfo = type, error, select, debug.getinfo
local floor, ceil, fmod = math.floor, math.ceil, math.fmod
local getmetatable, rawget = debug.getmetatable, rawget
local match, sub, tonumber, next = string.match, string.sub, tonumber, next

local function wrap(n)
  return (n + 2147483648) % 4294967296 - 2147483648
end
F.wrap = wrap

-- The integer that a string stands for, or nil: strtol, or strtoul for hexadecimal.
local function string_integer(text)
  text = match(text, '^[^%z]*')
  local sign, digits = match(text, '^%s*([+-]?)0[xX](%x+)%s*$')
  if digits then
    digits = match(digits, '^0*(.*)$')
    if #digits > 8 then return -1 end
    local value = tonumber('0' .. digits, 16)
    return wrap(sign == '-' and -value or value)
  end
  sign, digits = match(text, '^%s*([+-]?)(%d+)%s*$')
  if not digits then return nil end
  local value = tonumber(digits)
  if sign == '-' then
    return value > 2147483648 and -2147483648 or 0 - value
  end
  return value > 2147483647 and 2147483647 or value
end
F.string_integer = string_integer

local function integer(value)
  if type(value) == 'number' then return value end
  if type(value) == 'string' then return string_integer(value) end
  return nil
end
F.integer = integer

local function multiply(a, b)
  local product = a * b
  if product <= 9007199254740992 and product >= -9007199254740992 then return wrap(product) end
  local high, low = floor(a / 65536), a % 65536
  return wrap((high * b % 65536) * 65536 + low * b)
end

local function divide(a, b)
  if b == 0 then
    if a == 0 then return 0 end
    return a > 0 and 2147483647 or -2147483648
  end
  local quotient = a / b
  return wrap(quotient < 0 and ceil(quotient) or floor(quotient))
end

local function modulo(a, b)
  return b == 0 and 0 or fmod(a, b) + 0
end

local function power(a, b)
  if b < 0 then return 0 end
  local result = 1
  while b > 0 do
    if b % 2 == 1 then result = multiply(result, a) end
    b = floor(b / 2)
    a = multiply(a, a)
  end
  return result
end
F.power = power

local integers = {
  __add = function(a, b) return wrap(a + b) end,
  __sub = function(a, b) return wrap(a - b) end,
  __mul = multiply, __div = divide, __mod = modulo, __pow = power,
}
local natives = {
  __add = function(a, b) return (a + b) end,
  __sub = function(a, b) return (a - b) end,
  __mul = function(a, b) return (a * b) end,
  __div = function(a, b) return (a / b) end,
  __mod = function(a, b) return (a % b) end,
  __pow = function(a, b) return (a ^ b) end,
}

local function has(value, event)
  local meta = getmetatable(value)
  return meta and rawget(meta, event) ~= nil
end

-- Raise the error of an operand that does not count. `level`: of the function that holds the code.
local function bad_operand(value, name, line, level)
  local message = 'attempt to perform arithmetic on '
  if name then
    message = message .. name .. ' (a ' .. type(value) .. ' value)'
  else
    message = message .. 'a ' .. type(value) .. ' value'
  end
  if line then
    error(getinfo(level, 'S').short_src .. ':' .. line .. ': ' .. message, 0)
  end
  error(message, level)
end

-- Operands that are not both numbers: strings that are, metamethods, or an error.
local function other(event, a, b, a_name, b_name, line)
  local x, y = integer(a), integer(b)
  if x and y then return integers[event](x, y) end
  if has(a, event) or has(b, event) then return (natives[event](a, b)) end
  if x then a, a_name = b, b_name end
  bad_operand(a, a_name, line, 4)
end

function F.add(a, b, ...)
  if type(a) == 'number' and type(b) == 'number' then
    local sum = a + b
    if sum > 2147483647 then return sum - 4294967296 end
    if sum < -2147483648 then return sum + 4294967296 end
    return sum
  end
  return (other('__add', a, b, ...))
end

function F.sub(a, b, ...)
  if type(a) == 'number' and type(b) == 'number' then
    local difference = a - b
    if difference > 2147483647 then return difference - 4294967296 end
    if difference < -2147483648 then return difference + 4294967296 end
    return difference
  end
  return (other('__sub', a, b, ...))
end

function F.mul(a, b, ...)
  if type(a) == 'number' and type(b) == 'number' then return (multiply(a, b)) end
  return (other('__mul', a, b, ...))
end

function F.div(a, b, ...)
  if type(a) == 'number' and type(b) == 'number' then return (divide(a, b)) end
  return (other('__div', a, b, ...))
end

function F.mod(a, b, ...)
  if type(a) == 'number' and type(b) == 'number' then return (modulo(a, b)) end
  return (other('__mod', a, b, ...))
end

function F.pow(a, b, ...)
  if type(a) == 'number' and type(b) == 'number' then return (power(a, b)) end
  return (other('__pow', a, b, ...))
end

function F.unm(a, name, line)
  local x = integer(a)
  if x then return wrap(0 - x) end
  if has(a, '__unm') then return (-a) end
  bad_operand(a, name, line, 3)
end

-- A row of operators, and all its operands.
local operators = {
  ['+'] = F.add, ['-'] = F.sub, ['*'] = F.mul, ['/'] = F.div, ['%'] = F.mod, ['^'] = F.pow,
}
function F.fold(row, result, ...)
  local operands = {...}
  for index = 1, #row do
    result = operators[sub(row, index, index)](result, operands[index])
  end
  return result
end

-- Operands of a row of `^`, which bind to the right.
function F.powers(...)
  local operands, count = {...}, select('#', ...)
  if operands[count] == nil then count = count - 1 end
  local result = operands[count]
  for index = count - 1, 1, -1 do result = F.pow(operands[index], result) end
  return result
end

-- The values of a call in a return statement that must not become a tail call.
function F.results(...)
  return ...
end

-- ---- numeric loops ------------------------------------------------------------------------------

local MAX, MIN = 2147483647, -2147483648

-- Where a loop goes on that has come to its limit: its next number, if that is beyond 32 bits, begins
-- at the other end, and may be within the limit again.
local function following(start, limit, step)
  if step > 0 and limit + step <= MAX or step < 0 and limit + step >= MIN or step == 0 then
    return nil
  end
  local beyond = start + floor((limit - start) / step) * step + step
  local next_start = wrap(beyond)
  if next_start == beyond or step > 0 and next_start > limit or step < 0 and next_start < limit then
    return nil
  end
  return next_start
end
F.following = following

local function loop_number(value, what, line)
  local number = integer(value)
  if number then return number end
  local message = "'for' " .. what .. ' must be a number'
  if line then error(getinfo(3, 'S').short_src .. ':' .. line .. ': ' .. message, 0) end
  error(message, 3)
end

-- The first run of a numeric loop: where it starts, its limit and step, and where a next one would
-- start. No start: the loop makes no pass.
function F.loop(start, limit, step, line)
  if step == 1 and type(start) == 'number' and type(limit) == 'number' and limit < MAX then
    if start <= limit then return start, limit, 1 end
    return nil
  end
  if type(start) ~= 'number' then start = loop_number(start, 'initial value', line) end
  if type(limit) ~= 'number' then limit = loop_number(limit, 'limit', line) end
  if type(step) ~= 'number' then step = loop_number(step, 'step', line) end
  if step > 0 then
    if start > limit then return nil end
  elseif start < limit then
    return nil
  end
  return start, limit, step, following(start, limit, step)
end

-- The globals of the function that calls.
local getfenv = F.getfenv
function F.env()
  local globals = getfenv(2)
  return globals
end

for _, name in next, {'add', 'sub', 'mul', 'div', 'mod', 'pow', 'unm', 'fold', 'powers', 'results', 'loop',
    'following', 'env'} do
  F.hidden[F[name]] = true
end
