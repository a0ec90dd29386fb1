-- imath: integers that stand for thousandths (lib/lua/limathlib.c). Inside, numbers have 17 bits after
-- the point, and whole parts below 16384. Angles are turned by CORDIC (modules/cordic_math.c).

local F = ...
local G, select, math = F.globals, F.select, F.math
local number, truncate, wrap = F.number, F.truncate, F.wrap
local floor, fmod = math.floor, math.fmod

local THOUSAND, ONE = 1000, 2 ^ 17
local MAX_INTEGER, MAX_WHOLE = 2147483647, 16383

local function size_of(n)
  return n < 0 and (n < -MAX_INTEGER and MAX_INTEGER or -n) or n
end

local function sign_of(n)
  return n < 0 and -1 or 1
end

-- ---- conversions: thousandths, numbers with a point, and those with 17 bits after it ---------------

local function to_fixed(n)
  local size = size_of(n) * ONE / THOUSAND
  return truncate(sign_of(n) * (size > MAX_INTEGER and MAX_INTEGER or size))
end

local function cut(fixed)
  return truncate(sign_of(fixed) * (size_of(fixed) * THOUSAND / ONE))
end

local function rounded(fixed)
  return truncate(sign_of(fixed) * (size_of(fixed) * THOUSAND / ONE + 0.5))
end

local function to_float(n)
  return to_fixed(n) / ONE
end

local function float_to_fixed(x)
  local sign = 1
  if x < 0 then sign, x = -1, -x end
  if x > MAX_WHOLE then x = MAX_WHOLE end
  return truncate(x * ONE * sign)
end

local function scaled(a, b, c)
  if c == 0 then return 0 end
  local sign = sign_of(a) * sign_of(b) * sign_of(c)
  local result = size_of(a) / ONE * (size_of(b) / ONE) / (size_of(c) / ONE)
  return float_to_fixed(result > MAX_INTEGER and MAX_INTEGER or sign * result)
end

-- ---- CORDIC --------------------------------------------------------------------------------------

local STEPS = 17

-- Angles of the steps, and what the steps shorten a length by, in both units.
local RADIANS = {gain = 0x136e9, full = 0xc90fd, half = 0x6487e, quarter = 0x3243f,
  0x1921f, 0xed63, 0x7d6d, 0x3fab, 0x1ff5, 0xffe, 0x7ff, 0x3ff, 0x1ff}
local DEGREES = {gain = 0x136e8, full = 0x2d00000, half = 0x1680000, quarter = 0xb40000,
  0x5a0000, 0x35214e, 0x1c128e, 0xe4002, 0x72715, 0x3946f, 0x1ca54, 0xe52d, 0x7297}
for _, unit in F.next, {RADIANS, DEGREES} do
  for index = #unit + 1, STEPS do unit[index] = floor(unit[index - 1] / 2) end
end

-- Coordinates above this would not fit.
local MAX_COORDINATE = 0x36f602be

local function turned(unit, x, y, z, onto_axis)
  local power = 1
  for index = 1, STEPS do
    local dx, dy = floor(y / power), floor(x / power)
    local back = z < 0
    if onto_axis then back = y >= 0 end
    if back then
      x, y, z = x + dx, y - dy, z + unit[index]
    else
      x, y, z = x - dx, y + dy, z - unit[index]
    end
    power = power * 2
  end
  return x, y, z
end

local function sine_and_cosine(unit, angle)
  angle = fmod(fmod(angle, unit.full) + unit.full, unit.full)
  local quadrant = floor(angle / unit.quarter) + 1
  if quadrant == 2 then angle = unit.half - angle end
  if quadrant == 3 then angle = angle - unit.half end
  if quadrant == 4 then angle = unit.full - angle end
  local x, y = turned(unit, unit.gain, 0, angle)
  if quadrant == 2 or quadrant == 3 then x = -x end
  if quadrant == 3 or quadrant == 4 then y = -y end
  return y, x
end

local function angle_and_length(unit, x, y)
  local is_up, is_left, is_long = y >= 0, x < 0, false
  x, y = size_of(x), size_of(y)
  while x > MAX_COORDINATE or y > MAX_COORDINATE do
    x, y, is_long = floor(x / 2), floor(y / 2), true
  end
  if x == 0 and y == 0 then return 0, 0 end
  local length, _, angle = turned(unit, x, y, 0, true)
  if is_left then
    angle = is_up and unit.half - angle or angle - unit.half
  elseif not is_up then
    angle = -angle
  end
  return angle, is_long and 0 or length
end

local function other_side(x)
  x = x / ONE
  return float_to_fixed(math.sqrt((1 + x) * (1 - x)))
end

-- ---- functions -----------------------------------------------------------------------------------

local imath = {scale = THOUSAND, pi2 = 6283, pi = 3142, pi_2 = 1571}

-- Arguments are looked at from the last one on, as the compiler of the firmware has it.
local function numbers(wanted, ...)
  local count, first, second, third = select('#', ...), ...
  if wanted > 2 then third = number(3, third, count) end
  if wanted > 1 then second = number(2, second, count) end
  return number(1, first, count), second, third
end

local function check_divisor(index, ...)
  local divisor = select(index, ...)
  if number(index, divisor, select('#', ...)) == 0 then F.raise('divide by 0') end
end

function imath.muldiv(...)
  check_divisor(3, ...)
  return (scaled(numbers(3, ...)))
end

function imath.mul(...)
  local a, b = numbers(2, ...)
  return (scaled(a, b, THOUSAND))
end

function imath.div(...)
  check_divisor(2, ...)
  local a, b = numbers(2, ...)
  return (scaled(THOUSAND, a, b))
end

local function define(name, f)
  imath[name] = function(...)
    return (f((numbers(1, ...))))
  end
end

for suffix, unit in F.next, {r = RADIANS, d = DEGREES} do
  define('sin' .. suffix, function(n) return rounded((sine_and_cosine(unit, to_fixed(n)))) end)
  define('cos' .. suffix, function(n)
    local _, cosine = sine_and_cosine(unit, to_fixed(n))
    return rounded(cosine)
  end)
  define('tan' .. suffix, function(n)
    return rounded(scaled(ONE, sine_and_cosine(unit, to_fixed(n))))
  end)
  define('asin' .. suffix, function(n)
    local x = to_fixed(n)
    return rounded((angle_and_length(unit, other_side(x), x)))
  end)
  define('acos' .. suffix, function(n)
    local x = to_fixed(n)
    return rounded((angle_and_length(unit, x, other_side(x))))
  end)
  define('atan' .. suffix, function(n)
    return rounded((angle_and_length(unit, ONE, to_fixed(n))))
  end)
  imath['rec' .. suffix] = function(...)
    local length, angle = numbers(2, ...)
    length = to_fixed(length)
    local sine, cosine = sine_and_cosine(unit, to_fixed(angle))
    return rounded(scaled(length, cosine, ONE)), rounded(scaled(length, sine, ONE))
  end
  imath['pol' .. suffix] = function(...)
    local x, y = numbers(2, ...)
    local angle, length = angle_and_length(unit, to_fixed(x), to_fixed(y))
    return rounded(scaled(length, unit.gain, ONE)), rounded(angle)
  end
end

local floats = {
  deg = function(x) return x * 180 / math.pi end, rad = function(x) return x * math.pi / 180 end,
  log = math.log, log2 = F.log2, log10 = math.log10, sqrt = math.sqrt,
}
for name, f in F.next, floats do
  define(name, function(n) return rounded(float_to_fixed(f(to_float(n)))) end)
end

function imath.pow(...)
  local a, b = numbers(2, ...)
  return (rounded(float_to_fixed(to_float(a) ^ to_float(b))))
end

local function whole(fixed)
  return sign_of(fixed) * floor(size_of(fixed) / ONE) * ONE
end

local function below(fixed)
  local part = whole(fixed)
  return (fixed > 0 or fixed == part) and part or wrap(part - ONE)
end

define('int', function(n) return cut(whole(to_fixed(n))) end)
define('frac', function(n) return wrap(n - cut(whole(to_fixed(n)))) end)
define('floor', function(n) return cut(below(to_fixed(n))) end)
define('round', function(n) return cut(below(wrap(to_fixed(n) + ONE / 2))) end)
define('ceil', function(n)
  local fixed = to_fixed(n)
  local part = whole(fixed)
  return cut((fixed < 0 or fixed == part) and part or wrap(part + ONE))
end)
G.imath = imath
