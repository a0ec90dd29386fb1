-- Values as text for people and programs: as Lua writes them, tables over several lines.
local MAX_DEPTH = 10

local write

local function write_key(key, out)
  if type(key) == 'string' and key:find('^[%a_][%w_]*$') then
    out[#out + 1] = key
  else
    out[#out + 1] = '['
    write(key, out, MAX_DEPTH)
    out[#out + 1] = ']'
  end
end

-- First what stands at 1, 2, 3 ..., on one line where it can be; then a line for each other field.
local function write_table(value, out, depth, inside)
  inside[value] = true
  local line = '\n' .. (' '):rep(depth + 1)
  local count = #value
  out[#out + 1] = '{'
  for i = 1, count do
    out[#out + 1] = i == 1 and line or ','
    write(value[i], out, depth + 1, inside)
  end
  local between = count > 0 and ',' .. line or ''
  for key, item in pairs(value) do
    if not (type(key) == 'number' and key >= 1 and key <= count and key % 1 == 0) then
      out[#out + 1] = between .. line
      between = ','
      write_key(key, out)
      out[#out + 1] = '='
      write(item, out, depth + 1, inside)
    end
  end
  out[#out + 1] = '\n' .. (' '):rep(depth) .. '}'
  inside[value] = nil
end

function write(value, out, depth, inside)
  local kind = type(value)
  if kind == 'table' and depth < MAX_DEPTH and not inside[value] then
    write_table(value, out, depth, inside)
  elseif kind == 'number' or kind == 'boolean' or kind == 'nil' then
    out[#out + 1] = tostring(value)
  else
    out[#out + 1] = string.format('%q', tostring(value))
  end
end

-- Returns the text of all values, a comma between them.
return function(...)
  local out = {}
  for i = 1, select('#', ...) do
    if i > 1 then
      out[#out + 1] = ','
    end
    write((select(i, ...)), out, 0, {})
  end
  return table.concat(out)
end
