-- one line
-- Write tables that are sent to the host as Lua literals.
-- The firmware's own function loses types and nesting; this one takes its place.
local function put(out, value, open)
  local kind = type(value)
  if kind == 'string' then
    out[#out + 1] = string.format('%q', value)
  elseif kind ~= 'table' then
    if kind ~= 'number' and kind ~= 'boolean' and kind ~= 'nil' then
      error('cannot send a ' .. kind .. ' in a table', 0)
    end
    out[#out + 1] = tostring(value)
  elseif open[value] then
    error('cannot send a table that contains itself', 0)
  else
    open[value] = true
    out[#out + 1] = '{'
    local last, comma = #value, ''
    for i = 1, last do
      out[#out + 1] = comma
      put(out, value[i], open)
      comma = ','
    end
    for key, item in pairs(value) do
      if type(key) ~= 'number' or key < 1 or key > last then
        out[#out + 1] = comma
        if type(key) == 'string' and string.find(key, '^[%a_][%w_]*$') then
          out[#out + 1] = key
        elseif type(key) == 'table' then
          error('cannot send a table that has a table as a key', 0)
        else
          out[#out + 1] = '['
          put(out, key, open)
          out[#out + 1] = ']'
        end
        out[#out + 1] = '='
        put(out, item, open)
        comma = ','
      end
    end
    out[#out + 1] = '}'
    open[value] = nil
  end
end

function usb_msg_table_to_string(value)
  local out = {}
  put(out, value, {})
  return table.concat(out)
end
