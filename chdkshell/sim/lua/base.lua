-- The base and math libraries as the firmware has them: integers only, nothing that reaches the host,
-- and no way to look into, or to change, what is C on a camera.

local F = ...
local G = F.globals
local type, error, select, getinfo = type, error, F.select, F.getinfo
local is_firmware, argument_error, raise, place = F.is_firmware, F.argument_error, F.raise, F.place
local string_integer, wrap, integer = F.string_integer, F.wrap, F.integer
local match, gsub, sub = F.native_string.match, F.native_string.gsub, F.native_string.sub

-- ---- arguments -----------------------------------------------------------------------------------

-- The number that argument `index` of `count` stands for.
local function number(index, value, count)
  local result = integer(value)
  if result then return result end
  argument_error(index, 'number expected, got ' .. (index > count and 'no value' or type(value)))
end
F.number = number

-- The same, or `default` for nil and no value.
function F.optional(index, value, default)
  if value == nil then return default end
  return (number(index, value, index))
end
local optional = F.optional

-- All arguments, for a native function: strings that stand for a number as numbers at those of
-- `positions`, and strings that do not so that it refuses them.
function F.with_numbers(positions, ...)
  local values, count = {...}, select('#', ...)
  for index = 1, count do
    if positions[index] and type(values[index]) == 'string' then
      values[index] = string_integer(values[index]) or 'no number'
    end
  end
  return F.unpack(values, 1, count)
end

-- ---- numbers -----------------------------------------------------------------------------------

local function digit_value(digit)
  return F.tonumber(digit, 36) or 99
end

-- What strtoul reads in `base`, or nil where that is not the whole text.
local function unsigned(text, base)
  text = match(text, '^[^%z]*')
  local sign, digits = match(text, '^%s*([+-]?)(%w+)%s*$')
  if not digits then return nil end
  if base == 16 and F.native_string.find(digits, '^0[xX]%x') then digits = sub(digits, 3) end
  local result = 0
  for digit in F.native_string.gmatch(digits, '.') do
    local value = digit_value(digit)
    if value >= base then return nil end
    result = result * base + value
    if result > 4294967295 then result = 1 / 0 end
  end
  if result > 4294967295 then return -1 end
  return wrap(sign == '-' and 0 - result or result)
end

function G.tonumber(...)
  local value, base = ...
  local count = select('#', ...)
  if type(base) ~= 'nil' then base = number(2, base, 2) end
  if base == nil or base == 10 then
    if count == 0 then argument_error(1, 'value expected') end
    return (integer(value))
  end
  if type(value) == 'number' then value = F.tostring(value) end
  if type(value) ~= 'string' then
    argument_error(1, 'string expected, got ' .. (count == 0 and 'no value' or type(value)))
  end
  if base < 2 or base > 36 then argument_error(2, 'base out of range') end
  return (unsigned(value, base))
end

local library = {}
function library.abs(...)
  local n = number(1, (...), select('#', ...))
  return n < 0 and wrap(0 - n) or n
end

function library.pow(...)
  local a, b = ...
  local count = select('#', ...)
  b = number(2, b, count)
  return (F.power(number(1, a, count), b))
end

local function extreme(better)
  return function(...)
    local count = select('#', ...)
    local best = number(1, (...), count)
    for index = 2, count do
      local n = select(index, ...)
      n = number(index, n, count)
      if better(n, best) then best = n end
    end
    return best
  end
end
library.max = extreme(function(a, b) return a > b end)
library.min = extreme(function(a, b) return a < b end)

local native_random, native_seed = F.math.random, F.math.randomseed
function library.random(...)
  local count = select('#', ...)
  if count ~= 1 and count ~= 2 then raise('wrong number of arguments') end
  local low, high = ...
  if count == 1 then low, high = 1, low end
  if count == 2 then low = number(1, low, count) end
  high = number(count, high, count)
  if low > high then argument_error(count, 'interval is empty') end
  return (F.math.floor(native_random() * (high - low + 1)) + low)
end

function library.randomseed(...)
  native_seed(number(1, (...), select('#', ...)))
end
G.math = library

-- What a script sees of the collector's settings: the real ones keep the limit of its memory.
local settings = {setpause = 200, setstepmul = 200}

function G.collectgarbage(...)
  local option, value = ...
  if settings[option] then
    local before = settings[option]
    settings[option] = optional(2, value, 0)
    return before
  end
  local result = F.collectgarbage(F.with_numbers({[2] = true}, ...))
  return type(result) == 'number' and F.math.floor(result) or result
end

-- ---- values --------------------------------------------------------------------------------------

-- A value's name has an address of 32 bits.
function G.tostring(...)
  if select('#', ...) == 0 then argument_error(1, 'value expected') end
  local value = ...
  local text = F.tostring(value)
  local kind = type(value)
  if kind ~= 'string' and kind ~= 'number' and type(text) == 'string' then
    local name, address = match(text, '^(%a+): 0x(%x+)$')
    if name == kind then text = name .. ': 0x' .. sub('0000000' .. address, -8) end
  end
  return text
end

function G.select(...)
  local n = ...
  local count = select('#', ...)
  if type(n) == 'string' and sub(n, 1, 1) == '#' then return count - 1 end
  local index = number(1, n, count)
  if index < 0 then index = count + index elseif index > count then index = count end
  if index < 1 then argument_error(1, 'index out of range') end
  return select(index + 1, ...)
end

-- As many values as a C function may put on the stack, beside its arguments.
local MAX_VALUES = 8000

function G.unpack(...)
  local t, first, last = ...
  local count = select('#', ...)
  if type(t) ~= 'table' then
    argument_error(1, 'table expected, got ' .. (count == 0 and 'no value' or type(t)))
  end
  first = optional(2, first, 1)
  last = last == nil and #t or number(3, last, 3)
  if first > last then return end
  if last - first + 1 + count > MAX_VALUES then raise('too many results to unpack') end
  return F.unpack(t, first, last)
end

-- Called only for the script's console: `print`.
local CONSOLE_LINE = 127
function G.print(...)
  local line = ''
  for index = 1, select('#', ...) do
    local value = select(index, ...)
    if type(value) == 'number' then
      value = F.tostring(value)
    else
      value = G.tostring(value)
      if type(value) == 'number' then value = F.tostring(value) end
      if type(value) ~= 'string' then raise("'tostring' must return a string to 'print'") end
    end
    if index > 1 then line = line .. ' ' end
    line = line .. match(value, '^[^%z]*')
    if #line >= CONSOLE_LINE - 1 then break end
  end
  F.console(sub(line, 1, CONSOLE_LINE))
end

-- ---- errors --------------------------------------------------------------------------------------

function G.error(...)
  local message, level = ...
  level = optional(2, level, 1)
  if level > 0 and (type(message) == 'string' or type(message) == 'number') then
    message = F.where(level) .. message
  end
  error(message, 0)
end

-- So many calls from C may be in each other. The hook that ends a killed script needs one, too: the
-- innermost ones have a stack of their own.
local MAX_DEPTH, DEEP = 198, 150
local depth = 0

local function all(...)
  return ...
end

local function is_callable(f)
  if type(f) == 'function' then return true end
  local meta = F.native_debug.getmetatable(f)
  return meta ~= nil and F.rawget(meta, '__call') ~= nil
end

-- Nothing here may be a tail call: it would be a level of its own to a script. What cannot be called
-- gets no arguments: the error would name our own variable.
local function protected(f, handler, count, ...)
  local call = f
  if count > 0 and is_callable(f) then
    local arguments = {...}
    call = function()
      return all(f(F.unpack(arguments, 1, count)))
    end
    F.hidden[call], F.callers[call] = true, true
  end
  if depth ~= DEEP then return all(F.xpcall(call, handler)) end
  return all(F.afresh(function()
    return F.xpcall(call, handler)
  end))
end

local function leave(before, ...)
  depth = before
  return ...
end

function G.pcall(...)
  local count = select('#', ...)
  if count == 0 then argument_error(1, 'value expected') end
  if depth >= MAX_DEPTH then return false, 'C stack overflow' end
  depth = depth + 1
  return leave(depth - 1, protected(..., place, count - 1, select(2, ...)))
end

-- A handler of the script must not hold up its end: hooks rest while it runs.
function G.xpcall(...)
  local f, handler = ...
  if select('#', ...) < 2 then argument_error(2, 'value expected') end
  if depth >= MAX_DEPTH then return false, 'C stack overflow' end
  local function handle(message)
    if F.killed then return message end
    local result = handler(place(message))
    return result
  end
  F.hidden[handle], F.callers[handle] = true, true
  depth = depth + 1
  return leave(depth - 1, protected(f, handle, 0))
end

-- ---- environments --------------------------------------------------------------------------------

-- The function that argument 1 means, or nil for level 0. `default`: where it is nil or no value.
local function meant(value, count, default)
  if type(value) == 'function' then return value end
  local n = default or number(1, value, count)
  if n == 0 then return nil end
  if n < 0 then argument_error(1, 'level must be non-negative') end
  local thread, level = F.frame(n)
  if not thread then argument_error(1, 'invalid level') end
  local info = getinfo(thread, level, 'f')
  return info.func or raise('no function environment for tail call at level ' .. n)
end

function G.getfenv(...)
  local f = ...
  f = meant(f, select('#', ...), f == nil and 1 or nil)
  if not f or is_firmware(f) then return (F.getfenv(0)) end
  return (F.getfenv(f))
end

function G.setfenv(...)
  local f, environment = ...
  local count = select('#', ...)
  if type(environment) ~= 'table' then
    argument_error(2, 'table expected, got ' .. (count < 2 and 'no value' or type(environment)))
  end
  local target = meant(f, count)
  if not target then
    F.setfenv(0, environment)
    return
  end
  if is_firmware(target) then raise("'setfenv' cannot change environment of given object") end
  return (F.setfenv(target, environment))
end

-- ---- what the firmware does not have -----------------------------------------------------------

G.coroutine, G.module, G.python, G.io, G.os = nil, nil, nil, nil, nil
G.package = {
  loaded = {}, preload = {}, cpath = '', path = 'A/CHDK/SCRIPTS/?.lua;A/CHDK/LUALIB/?.lua;',
  config = '/\n;\n?\n!\n-',
}
