-- Lua that the firmware itself runs in each script's state, as a script (modules/luascript.c).

-- Text of a table: a line for each entry, the key and then the value or the array of a table, each
-- after a tab. Types and deeper levels are lost.
function usb_msg_table_to_string(t)
  local function text(value)
    local kind = type(value)
    if kind == 'string' then return value end
    if kind == 'number' or kind == 'boolean' or kind == 'nil' then return tostring(value) end
    return ''
  end
  local lines = {}
  for key, value in pairs(t) do
    local parts = {text(key)}
    if type(value) == 'table' then
      for index = 1, table.maxn(value) do parts[index + 1] = text(value[index]) end
    else
      parts[2] = text(value)
    end
    if #parts > 1 and #parts[1] > 0 then
      lines[#lines + 1] = table.concat(parts, '\t') .. '\n'
    end
  end
  return table.concat(lines)
end
