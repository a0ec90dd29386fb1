-- Searches with patterns in Lua, where a script that searches for long can be ended: a native search
-- that goes back and forth over a long text cannot. strings.lua decides which searches come here.

local F = ...
local type, select, error = type, F.select, F.error
local raise, argument_error, number, optional = F.raise, F.argument_error, F.number, F.optional
local native = F.native_string
local byte, char, find, sub, match = native.byte, native.char, native.find, native.sub, native.match
local setmetatable, unpack, concat, tostring = F.setmetatable, F.unpack, F.table.concat, F.tostring

-- ---- patterns as items ---------------------------------------------------------------------------

-- The characters that one item of a pattern stands for, as a table that finds out when it is asked.
local function characters(class)
  local anchored = '^' .. class
  return setmetatable({}, {__index = function(known, code)
    local is_in = find(char(code), anchored) ~= nil
    known[code] = is_in
    return is_in
  end})
end

-- The end of the class that begins at `at`.
local function class_end(pattern, at)
  local first = sub(pattern, at, at)
  if first == '%' then
    if at == #pattern then raise("malformed pattern (ends with '%')") end
    return at + 1
  end
  if first ~= '[' then return at end
  at = sub(pattern, at + 1, at + 1) == '^' and at + 2 or at + 1
  repeat
    local c = sub(pattern, at, at)
    if c == '' then raise("malformed pattern (missing ']')") end
    at = at + (c == '%' and 2 or 1)
  until sub(pattern, at, at) == ']'
  return at
end

-- The items of a pattern, from `at` on: what each is, and for a class how often it may come.
local function parsed(pattern, at)
  pattern = match(pattern, '^[^%z]*')
  local items = {}
  while at <= #pattern do
    local c, two = sub(pattern, at, at), sub(pattern, at, at + 1)
    local item
    if two == '()' then
      item, at = {kind = 'position'}, at + 2
    elseif c == '(' then
      item, at = {kind = 'open'}, at + 1
    elseif c == ')' then
      item, at = {kind = 'close'}, at + 1
    elseif c == '$' and at == #pattern then
      item, at = {kind = 'end'}, at + 1
    elseif two == '%b' then
      if #pattern < at + 3 then raise('unbalanced pattern') end
      item = {kind = 'balance', first = byte(pattern, at + 2), last = byte(pattern, at + 3)}
      at = at + 4
    elseif two == '%f' then
      if sub(pattern, at + 2, at + 2) ~= '[' then raise("missing '[' after '%f' in pattern") end
      local last = class_end(pattern, at + 2)
      item, at = {kind = 'frontier', set = characters(sub(pattern, at + 2, last))}, last + 1
    elseif find(two, '^%%%d') then
      item, at = {kind = 'back', index = byte(pattern, at + 1) - 48}, at + 2
    else
      local last = class_end(pattern, at)
      item = {kind = 'class', set = characters(sub(pattern, at, last))}
      at = last + 1
      local sign = sub(pattern, at, at)
      if sign ~= '' and find('*+-?', sign, 1, true) then item.times, at = sign, at + 1 end
    end
    items[#items + 1] = item
  end
  return items
end

-- ---- matching ------------------------------------------------------------------------------------

local OPEN, POSITION = -1, -2
local MAX_CAPTURES = 32

-- A matcher of `items`: the end of a match at `start`, or nil, and its captures.
local function matcher(text, items)
  local length, count = #text, #items
  local captures, level = {}, 0
  local match_items

  local function open(what, at, index)
    if level >= MAX_CAPTURES then raise('too many captures') end
    level = level + 1
    captures[level] = {at, what}
    local last = match_items(at, index + 1)
    if not last then level = level - 1 end
    return last
  end

  local function close(at, index)
    for number = level, 1, -1 do
      local capture = captures[number]
      if capture[2] == OPEN then
        capture[2] = at - capture[1]
        local last = match_items(at, index + 1)
        if not last then capture[2] = OPEN end
        return last
      end
    end
    raise('invalid pattern capture')
  end

  local function balanced(item, at)
    if at > length or byte(text, at) ~= item.first then return nil end
    local depth = 1
    for position = at + 1, length do
      local code = byte(text, position)
      if code == item.last then
        depth = depth - 1
        if depth == 0 then return position + 1 end
      elseif code == item.first then
        depth = depth + 1
      end
    end
  end

  local function repeated(item, at, index)
    local set, times = item.set, item.times
    if times == '-' then
      while true do
        local last = match_items(at, index + 1)
        if last then return last end
        if at > length or not set[byte(text, at)] then return nil end
        at = at + 1
      end
    end
    local most = at
    while most <= length and set[byte(text, most)] do most = most + 1 end
    for position = most, times == '+' and at + 1 or at, -1 do
      local last = match_items(position, index + 1)
      if last then return last end
    end
  end

  local function captured(item)
    local capture = captures[item.index]
    if not capture or item.index > level or capture[2] == OPEN then
      raise('invalid capture index')
    end
    return sub(text, capture[1], capture[1] + capture[2] - 1)
  end

  function match_items(at, index)
    while index <= count do
      local item = items[index]
      local kind = item.kind
      if kind == 'class' then
        local times = item.times
        local fits = times ~= '*' and at <= length and item.set[byte(text, at)]
        if times == '?' then
          local last = fits and match_items(at + 1, index + 1)
          if last then return last end
        elseif times then
          return (repeated(item, at, index))
        elseif fits then
          at = at + 1
        else
          return nil
        end
      elseif kind == 'open' then
        return (open(OPEN, at, index))
      elseif kind == 'position' then
        return (open(POSITION, at, index))
      elseif kind == 'close' then
        return (close(at, index))
      elseif kind == 'end' then
        if at <= length then return nil end
      elseif kind == 'balance' then
        at = balanced(item, at)
        if not at then return nil end
      elseif kind == 'frontier' then
        local before, after = byte(text, at - 1), byte(text, at)
        if at == 1 then before = 0 end
        if item.set[before] or not item.set[after or 0] then return nil end
      else
        local piece = captured(item)
        if sub(text, at, at + #piece - 1) ~= piece then return nil end
        at = at + #piece
      end
      index = index + 1
    end
    return at
  end

  local function values(first, last, whole)
    local result = {}
    for index = 1, level do
      local capture = captures[index]
      if capture[2] == OPEN then raise('unfinished capture') end
      result[index] = capture[2] == POSITION and capture[1]
        or sub(text, capture[1], capture[1] + capture[2] - 1)
    end
    if level == 0 and whole then result[1] = sub(text, first, last - 1) end
    return result
  end

  return function(start)
    level = 0
    return match_items(start, 1)
  end, values
end

-- ---- the library's functions ---------------------------------------------------------------------

local slow = {}
F.slow = slow

local function first_place(text, start)
  start = optional(3, start, 1)
  if start < 0 then start = start + #text + 1 end
  return start < 1 and 1 or start > #text + 1 and #text + 1 or start
end

local function search(text, pattern, start)
  start = first_place(text, start)
  local anchored = sub(pattern, 1, 1) == '^'
  local at, values = matcher(text, parsed(pattern, anchored and 2 or 1))
  for first = start, anchored and start or #text + 1 do
    local last = at(first)
    if last then return first, last, values end
  end
end

function slow.find(text, pattern, start, plain)
  if plain or not find(pattern, '[%^%$%*%+%?%.%(%[%%%-]') then
    local first = F.find_text(text, pattern, first_place(text, start))
    if first == 0 then return nil end
    return first, first + #pattern - 1
  end
  local first, last, values = search(text, pattern, start)
  if first then return first, last - 1, unpack(values(first, last)) end
  return nil
end

function slow.match(text, pattern, start)
  local first, last, values = search(text, pattern, start)
  if first then return unpack(values(first, last, true)) end
  return nil
end

function slow.gmatch(text, pattern)
  local at, values = matcher(text, parsed(pattern, 1))
  local start = 1
  return function()
    for first = start, #text + 1 do
      local last = at(first)
      if last then
        start = last == first and last + 1 or last
        return unpack(values(first, last, true))
      end
    end
    start = #text + 2
  end
end

local function replaced(replacement, text, first, last, values)
  local captures = values(first, last, true)
  local kind = type(replacement)
  local whole, result = sub(text, first, last - 1), nil
  if kind == 'function' then
    result = replacement(unpack(captures))
  elseif kind == 'table' then
    result = replacement[captures[1]]
  else
    return (native.gsub(replacement, '%%(.?)', function(sign)
      if not find(sign, '%d') then return sign end
      if sign == '0' then return whole end
      return tostring(captures[sign + 0] or raise('invalid capture index'))
    end))
  end
  if not result then return whole end
  if type(result) ~= 'string' and type(result) ~= 'number' then
    raise('invalid replacement value (a ' .. type(result) .. ')')
  end
  return result
end

function slow.gsub(text, pattern, replacement, most)
  local kind = type(replacement)
  if kind ~= 'string' and kind ~= 'number' and kind ~= 'function' and kind ~= 'table' then
    argument_error(3, 'string/function/table expected')
  end
  if kind == 'number' then replacement = tostring(replacement) end
  most = optional(4, most, #text + 1)
  local anchored = sub(pattern, 1, 1) == '^'
  local at, values = matcher(text, parsed(pattern, anchored and 2 or 1))
  local parts, start, count = {}, 1, 0
  while count < most do
    local last = at(start)
    if last then
      count = count + 1
      parts[#parts + 1] = replaced(replacement, text, start, last, values)
    end
    if last and last > start then
      start = last
    elseif start <= #text then
      parts[#parts + 1] = sub(text, start, start)
      start = start + 1
    else
      break
    end
    if anchored then break end
  end
  parts[#parts + 1] = sub(text, start)
  return concat(parts), count
end

-- ---- what a search may cost ----------------------------------------------------------------------

local function overlap(one, other)
  for code = 0, 255 do
    if one[code] and other[code] then return true end
  end
  return false
end

-- How often a search may go over its text at worst: for its starting points, and for each item that
-- can end in more than one place.
function F.search_power(pattern)
  local anchored = sub(pattern, 1, 1) == '^'
  local ok, items = F.pcall(parsed, pattern, anchored and 2 or 1)
  if not ok then return 1, 0 end
  local power, runs = anchored and 0 or 1, 0
  for index, item in F.ipairs(items) do
    local after = index
    repeat
      after = after + 1
      local kind = items[after] and items[after].kind
    until kind ~= 'open' and kind ~= 'close' and kind ~= 'position'
    local follower = items[after]
    local settled = item.times and follower and follower.kind == 'class' and not follower.times
      and not overlap(item.set, follower.set)
    if item.kind == 'balance' or item.times and follower and not settled then
      power = power + 1
    elseif settled then
      runs = 1
    end
  end
  return power + runs, #items
end
