-- The table library. What moves or joins so many values that it would take long is done in Lua, where
-- a script can be ended.

local F = ...
local G = F.globals
local type, select = type, F.select
local argument_error, number, optional = F.argument_error, F.number, F.optional
local rawget, rawset = rawget, F.rawset
local native = F.table

local library = {}
for _, name in F.next, {'foreach', 'foreachi', 'getn', 'maxn', 'sort'} do
  library[name] = native[name]
end

local function check_table(t, count)
  if type(t) == 'table' then return end
  argument_error(1, 'table expected, got ' .. (count == 0 and 'no value' or type(t)))
end

function library.setn(...)
  check_table((...), select('#', ...))
  F.raise("'setn' is obsolete")
end

function library.insert(...)
  local t, position, value = ...
  local count = select('#', ...)
  if type(t) == 'table' and count == 2 then return native.insert(t, position) end
  check_table(t, count)
  if count ~= 3 then F.raise("wrong number of arguments to 'insert'") end
  position = number(2, position, count)
  local last = #t + 1
  if position > last then last = position end
  for index = last, position + 1, -1 do
    rawset(t, index, rawget(t, index - 1))
  end
  rawset(t, position, value)
end

function library.remove(...)
  local t, position = ...
  check_table(t, select('#', ...))
  local last = #t
  position = optional(2, position, last)
  if position < 1 or position > last then return end
  return native.remove(t, position)
end

function library.concat(...)
  local t, separator, first, last = ...
  if type(first) == 'string' or type(last) == 'string' then
    return native.concat(F.with_numbers({[3] = true, [4] = true}, ...))
  end
  return native.concat(...)
end

G.table = library
F.native_table = native
