-- fmath: numbers in double precision (lib/lua/lfmathlib.c), as userdata.

local F = ...
local G, newproxy, type = F.globals, F.newproxy, type
local math, integer, argument_error = F.math, F.integer, F.argument_error
local format, floor = F.native_string.format, math.floor

local values = setmetatable({}, {__mode = 'k'})
local prototype = newproxy(true)
local meta = F.native_debug.getmetatable(prototype)
meta.__index = meta

local function new(value)
  local result = newproxy(prototype)
  values[result] = value
  return result
end

-- The number that argument `index` stands for. Called by functions of the script's.
local function get(index, value)
  local result = values[value] or integer(value)
  if result then return result end
  argument_error(index, 'number expected, got ' .. (value == nil and 'no value' or type(value)), 1)
end

local function truncate(value)
  if value ~= value then return 0 end
  value = value < 0 and math.ceil(value) or floor(value)
  return value > 2147483647 and 2147483647 or value < -2147483648 and -2147483648 or value + 0
end

-- The metamethods cannot have the `number` of an operand wrong: Lua calls them for fmath values.
local function operand(value)
  local result = values[value] or integer(value)
  if result then return result end
  F.error('bad argument #2 to arithmetic (number expected, got ' .. type(value) .. ')', 3)
end

function meta.__add(a, b) return new(operand(a) + operand(b)) end
function meta.__sub(a, b) return new(operand(a) - operand(b)) end
function meta.__mul(a, b) return new(operand(a) * operand(b)) end
function meta.__div(a, b) return new(operand(a) / operand(b)) end
function meta.__pow(a, b) return new(operand(a) ^ operand(b)) end
function meta.__unm(a) return new(-operand(a)) end
function meta.__mod(a, b)
  a, b = operand(a), operand(b)
  return new(a - truncate(a / b) * b)
end

local library = {}
function library.__eq(a, b) return operand(a) == operand(b) end
function library.__lt(a, b) return operand(a) < operand(b) end
function library.__le(a, b) return operand(a) <= operand(b) end

local function log2(x) return math.log(x) / math.log(2) end
local one = {
  log = math.log, log2 = log2, log10 = math.log10, sqrt = math.sqrt, deg = math.deg, rad = math.rad,
  sin = math.sin, cos = math.cos, tan = math.tan, asin = math.asin, acos = math.acos,
  atan = math.atan,
}
for name, f in F.next, one do
  library[name] = function(x) return new(f((get(1, x)))) end
end

local whole = {
  int = truncate, ceil = math.ceil, floor = floor,
  round = function(x) return truncate(x < 0 and x - 0.5 or x + 0.5) end,
}
for name, f in F.next, whole do
  library[name] = function(x) return truncate(f((get(1, x)))) end
end

function library.new(n, d)
  n = integer(n) or argument_error(1, 'number expected, got ' .. (n == nil and 'no value' or type(n)))
  if d ~= nil then
    d = integer(d) or argument_error(2, 'number expected, got ' .. type(d))
  end
  if d == 0 then F.error('divide by 0', 2) end
  return new(n / (d or 1))
end

function library.tostr(x, digits)
  x = get(1, x)
  digits = digits == nil and 6 or get(2, digits)
  digits = digits < 0 and 0 or digits > 9 and 9 or digits
  local size = (x < 0 and -x or x) + 0.5 / 10 ^ digits
  local sign = x < 0 and '-' or ''
  if digits == 0 then return sign .. format('%d', truncate(size)) end
  local part = floor((size - floor(size)) * 10 ^ digits)
  return sign .. format('%d.%0' .. digits .. 'd', truncate(size), part)
end

function library.rec(r, theta)
  r, theta = get(1, r), get(2, theta)
  return new(r * math.cos(theta)), new(r * math.sin(theta))
end

function library.pol(x, y)
  x, y = get(1, x), get(2, y)
  return new(math.sqrt(x * x + y * y)), new(math.atan2(y, x))
end

for name, f in F.next, library do meta[name] = f end
library.pi2, library.pi, library.pi_2 = new(2 * math.pi), new(math.pi), new(math.pi / 2)
G.fmath = library

-- ---- imath: integers that stand for thousandths (lib/lua/limathlib.c) ---------------------------

local SCALE = 1000
local imath = {scale = SCALE, pi2 = 6283, pi = 3142, pi_2 = 1571}

-- The firmware counts with 17 bits after the point, and keeps the whole part below 16384.
local MAX_WHOLE = 16383

local function thousandths(value)
  if value ~= value then return 0 end
  value = value > MAX_WHOLE and MAX_WHOLE or value < -MAX_WHOLE and -MAX_WHOLE or value
  return truncate(value * SCALE + (value < 0 and -0.5 or 0.5))
end

local function number(index, value)
  local result = integer(value)
  if result then return result end
  argument_error(index, 'number expected, got ' .. (value == nil and 'no value' or type(value)), 1)
end

local function scaled(a, b, c)
  local result, limit = a * b / c, MAX_WHOLE * 2 ^ 17
  return truncate(result > limit and limit or result < -limit and -limit or result)
end

function imath.muldiv(a, b, c)
  a, b, c = number(1, a), number(2, b), number(3, c)
  if c == 0 then F.error('divide by 0', 2) end
  return scaled(a, b, c)
end

function imath.mul(a, b)
  return scaled(number(1, a), number(2, b), SCALE)
end

function imath.div(a, b)
  a, b = number(1, a), number(2, b)
  if b == 0 then F.error('divide by 0', 2) end
  return scaled(SCALE, a, b)
end

local function define(name, f)
  imath[name] = function(x) return thousandths(f(number(1, x) / SCALE)) end
end

for name, f in F.next, {sin = math.sin, cos = math.cos, tan = math.tan} do
  define(name .. 'r', f)
  define(name .. 'd', function(x) return f(math.rad(x)) end)
end
for name, f in F.next, {asin = math.asin, acos = math.acos, atan = math.atan} do
  define(name .. 'r', f)
  define(name .. 'd', function(x) return math.deg(f(x)) end)
end
for name, f in F.next, {deg = math.deg, rad = math.rad, log = math.log, log2 = log2,
    log10 = math.log10, sqrt = math.sqrt, ceil = math.ceil, floor = floor,
    int = function(x) return x < 0 and math.ceil(x) or floor(x) end,
    round = function(x) return floor(x + 0.5) end} do
  define(name, f)
end

function imath.pow(a, b)
  return thousandths((number(1, a) / SCALE) ^ (number(2, b) / SCALE))
end

function imath.frac(x)
  return math.fmod(number(1, x), SCALE) + 0
end

for suffix, turn in F.next, {r = 1, d = 180 / math.pi} do
  imath['rec' .. suffix] = function(r, theta)
    r, theta = number(1, r) / SCALE, number(2, theta) / SCALE / turn
    return thousandths(r * math.cos(theta)), thousandths(r * math.sin(theta))
  end
  imath['pol' .. suffix] = function(x, y)
    x, y = number(1, x) / SCALE, number(2, y) / SCALE
    return thousandths(math.sqrt(x * x + y * y)), thousandths(math.atan2(y, x) * turn)
  end
end
G.imath = imath
