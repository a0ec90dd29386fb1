-- fmath: numbers in double precision (lib/lua/lfmathlib.c), as userdata. Angles are turned by CORDIC, in
-- so many steps that about five digits are right.

local F = ...
local G, newproxy, type, select = F.globals, F.newproxy, F.type, F.select
local math, number, optional = F.math, F.number, F.optional
local format, floor, sqrt = F.native_string.format, math.floor, math.sqrt

local values = F.setmetatable({}, {__mode = 'k'})
local prototype = newproxy(true)
local meta = F.native_debug.getmetatable(prototype)
meta.__index = meta

local function new(value)
  local result = newproxy(prototype)
  values[result] = value
  return result
end

-- The number that argument `index` of `count` stands for.
local function get(index, value, count)
  return values[value] or (number(index, value, count))
end

-- As C code makes an integer of it: towards zero, and at the ends of 32 bits.
local function truncate(value)
  if value ~= value then return 0 end
  value = value < 0 and math.ceil(value) or floor(value)
  return value > 2147483647 and 2147483647 or value < -2147483648 and -2147483648 or value + 0
end
F.truncate = truncate

function F.log2(x)
  if x <= 0 or x ~= x or x == 1 / 0 then return math.log(x) end
  local fraction, exponent = math.frexp(x)
  return exponent + math.log(fraction) / math.log(2)
end

local function remainder(x, y)
  return x - truncate(x / y) * y
end

-- ---- CORDIC --------------------------------------------------------------------------------------

local STEPS, GAIN, PI = 17, 0.60725293501477, math.pi
local ANGLES = {
  0.78539816339745, 0.46364760900081, 0.24497866312686, 0.12435499454676, 0.06241880999596,
  0.03123983343027, 0.01562372862048, 0.00781234106010, 0.00390623013197,
}
for index = #ANGLES + 1, STEPS do ANGLES[index] = ANGLES[index - 1] / 2 end

-- Turn (x, y) by the angle z, or onto the x axis.
local function turned(x, y, z, onto_axis)
  local power = 1
  for index = 1, STEPS do
    local dx, dy = y / power, x / power
    local back = z < 0
    if onto_axis then back = y >= 0 end
    if back then
      x, y, z = x + dx, y - dy, z + ANGLES[index]
    else
      x, y, z = x - dx, y + dy, z - ANGLES[index]
    end
    power = power * 2
  end
  return x, y, z
end

local function sine_and_cosine(angle)
  angle = remainder(remainder(angle, PI * 2) + PI * 2, PI * 2)
  local quadrant = truncate(angle / (PI / 2)) + 1
  if quadrant == 2 then angle = PI - angle end
  if quadrant == 3 then angle = angle - PI end
  if quadrant == 4 then angle = PI * 2 - angle end
  local x, y = turned(GAIN, 0, angle)
  if quadrant == 2 or quadrant == 3 then x = -x end
  if quadrant == 3 or quadrant == 4 then y = -y end
  return y, x
end

local function angle_and_length(x, y)
  if x == 0 and y == 0 then return 0, 0 end
  local is_up, is_left = y >= 0, x < 0
  local length, _, angle = turned(x < 0 and -x or x, y < 0 and -y or y, 0, true)
  if is_left then angle = is_up and PI - angle or angle - PI elseif not is_up then angle = -angle end
  return angle, length
end

local function other_side(x)
  return sqrt((1 + x) * (1 - x))
end

-- ---- functions -----------------------------------------------------------------------------------

local two = {
  __add = function(a, b) return a + b end, __sub = function(a, b) return a - b end,
  __mul = function(a, b) return a * b end, __div = function(a, b) return a / b end,
  __pow = math.pow, __mod = remainder,
}
for name, f in F.next, two do
  meta[name] = function(...)
    local a, b = ...
    local count = select('#', ...)
    a = get(1, a, count)
    return (new(f(a, get(2, b, count))))
  end
end

local library = {}

local comparisons = {
  __eq = function(a, b) return a == b end, __lt = function(a, b) return a < b end,
  __le = function(a, b) return a <= b end,
}
for name, f in F.next, comparisons do
  library[name] = function(...)
    local a, b = ...
    local count = select('#', ...)
    a = get(1, a, count)
    return f(a, get(2, b, count))
  end
end

local one = {
  __unm = function(x) return -x end,
  log = math.log, log2 = F.log2, log10 = math.log10, sqrt = sqrt,
  deg = function(x) return x * 180 / PI end, rad = function(x) return x * PI / 180 end,
  sin = function(x) return (sine_and_cosine(x)) end,
  cos = function(x) return (select(2, sine_and_cosine(x))) end,
  tan = function(x)
    local sine, cosine = sine_and_cosine(x)
    return sine / cosine
  end,
  asin = function(x) return (angle_and_length(other_side(x), x)) end,
  acos = function(x) return (angle_and_length(x, other_side(x))) end,
  atan = function(x) return (angle_and_length(1, x)) end,
}
for name, f in F.next, one do
  local where = name == '__unm' and meta or library
  where[name] = function(...)
    local x = get(1, (...), select('#', ...))
    return (new(f(x)))
  end
end

local whole = {
  int = truncate,
  ceil = function(x) return x > 0 and x ~= truncate(x) and truncate(x) + 1 or truncate(x) end,
  floor = function(x) return x < 0 and x ~= truncate(x) and truncate(x) - 1 or truncate(x) end,
  round = function(x) return truncate(x < 0 and x - 0.5 or x + 0.5) end,
}
for name, f in F.next, whole do
  library[name] = function(...)
    local x = get(1, (...), select('#', ...))
    return (F.wrap(f(x)))
  end
end

function library.new(...)
  local n, d = ...
  n = number(1, n, select('#', ...))
  d = optional(2, d, 1)
  if d == 0 then F.raise('divide by 0') end
  return (new(n / d))
end

function library.tostr(...)
  local x, digits = ...
  x = get(1, x, select('#', ...))
  digits = optional(2, digits, 6)
  digits = digits < 0 and 0 or digits > 9 and 9 or digits
  local power = 10 ^ digits
  local size = (x < 0 and -x or x) + 0.5 / power
  local sign, before = x < 0 and '-' or '', truncate(size)
  if digits == 0 then return sign .. format('%d', before) end
  local after = truncate((size - before) * power)
  return sign .. format('%d.%0' .. digits .. 'd', before, after)
end

function library.rec(...)
  local length, angle = ...
  local count = select('#', ...)
  length = get(1, length, count)
  local sine, cosine = sine_and_cosine(get(2, angle, count))
  return new(length * cosine), new(length * sine)
end

function library.pol(...)
  local x, y = ...
  local count = select('#', ...)
  x = get(1, x, count)
  local angle, length = angle_and_length(x, get(2, y, count))
  return new(length * GAIN), new(angle)
end

for name, f in F.next, library do meta[name] = f end
library.pi2, library.pi, library.pi_2 = new(2 * PI), new(PI), new(PI / 2)
F.guard(meta)
G.fmath = library
