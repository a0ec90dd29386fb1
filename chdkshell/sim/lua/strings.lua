-- The string library as the firmware has it: integers only, and nothing that cannot be ended.

local F = ...
local G = F.globals
local type, error, select = type, error, F.select
local string_integer, with_numbers, raise = F.string_integer, F.with_numbers, F.raise
local native = F.native_string
local find, gsub, gmatch = native.find, native.gsub, native.gmatch

local library = {}
for _, name in F.next, {'len', 'lower', 'reverse', 'upper'} do library[name] = native[name] end

-- Longer strings than this take more memory than a camera has.
local MAX_LENGTH = 2 ^ 26
local NO_MEMORY = 'not enough memory'

local SECOND_AND_THIRD = {[2] = true, [3] = true}

function library.byte(...)
  local _, first, last = ...
  if type(first) == 'string' or type(last) == 'string' then
    return native.byte(with_numbers(SECOND_AND_THIRD, ...))
  end
  return native.byte(...)
end

function library.sub(...)
  local _, first, last = ...
  if type(first) == 'string' or type(last) == 'string' then
    return native.sub(with_numbers(SECOND_AND_THIRD, ...))
  end
  return native.sub(...)
end

local EVERY = F.setmetatable({}, {__index = function() return true end})
function library.char(...)
  return native.char(with_numbers(EVERY, ...))
end

function library.rep(...)
  local text, count = ...
  if type(count) == 'string' then
    count = string_integer(count)
    if not count then return native.rep(with_numbers(SECOND_AND_THIRD, ...)) end
    local result = library.rep(text, count)
    return result
  end
  if type(count) == 'number' and (type(text) == 'string' or type(text) == 'number') then
    if type(text) == 'number' then text = F.tostring(text) end
    if text == '' or count < 1 then return '' end
    if #text * count > MAX_LENGTH then error(NO_MEMORY, 0) end
  end
  return native.rep(...)
end

-- The arguments of a format: strings that stand for a number as 32-bit integers, and what goes to
-- unsigned conversions as such.
local function converted(...)
  local format = ...
  if type(format) ~= 'string' then return ... end
  local values, index = {...}, 1
  local conversions = gsub(format, '%%%%', '')
  for conversion in gmatch(conversions, '%%[-+ #0-9.]*(.)') do
    index = index + 1
    local value = values[index]
    if type(value) == 'string' and not find(conversion, '[sq]') then
      value = string_integer(value) or 'no number'
    end
    if type(value) == 'number' and value < 0 and find(conversion, '[ouxX]') then
      value = value + 4294967296
    end
    values[index] = value
  end
  return F.unpack(values, 1, select('#', ...))
end

function library.format(...)
  return native.format(converted(...))
end

function library.gfind()
  raise("'string.gfind' was renamed to 'string.gmatch'")
end

-- ---- patterns ------------------------------------------------------------------------------------

-- A native search cannot be ended. It is for those that take no longer than this many steps at worst,
-- whatever the text is, and no deeper than this in C; others are made by pattern.lua.
local MAX_STEPS, MAX_ITEMS = 3e8, 1000
local MAX_KNOWN = 100

local function all(...)
  return ...
end

local known, known_count = {}, 0

local function cost(pattern)
  local found = known[pattern]
  if not found then
    if known_count >= MAX_KNOWN then known, known_count = {}, 0 end
    found = {F.search_power(pattern)}
    known[pattern], known_count = found, known_count + 1
  end
  return found[1], found[2]
end

local function is_short(text, pattern)
  if type(text) ~= 'string' or type(pattern) ~= 'string' then return true end
  local length, size = #text, #pattern
  -- most are so small that no pattern of their size takes long
  if size < 12 and length ^ (size / 2 + 1) < MAX_STEPS then return true end
  local power, items = cost(pattern)
  return items <= MAX_ITEMS and length ^ power * (size < 64 and 1 or size / 64) < MAX_STEPS
end

-- A search by native code where that is short. `position` is that of an argument that is a number.
local function fenced(name, position)
  local search, slow = native[name], F.slow[name]
  local positions = {[position] = true}
  local function fenced_search(...)
    local text, pattern = ...
    local value = select(position, ...)
    if type(value) == 'string' then
      if not string_integer(value) then return search(with_numbers(positions, ...)) end
      return all(fenced_search(with_numbers(positions, ...)))
    end
    if is_short(text, pattern) then return search(...) end
    return slow(...)
  end
  return fenced_search
end

library.find, library.match = fenced('find', 3), fenced('match', 3)
library.gmatch, library.gsub = fenced('gmatch', 3), fenced('gsub', 4)

G.string = library
F.native_debug.getmetatable('').__index = library
