-- Capture modes by name: require'capmode'
local props = require('propcase')
local capmode = { mode_to_name = require('gen/modelist'), name_to_mode = {} }

for number, name in ipairs(capmode.mode_to_name) do
  capmode.name_to_mode[name] = number
end

local function number_of(mode)
  return tonumber(mode) or capmode.name_to_mode[mode or '']
end

-- The number of the mode that is set; 0 in play mode, and where CHDK has none for it.
function capmode.get()
  local record, _, mode = get_mode()
  return record and bitand(mode, 255) or 0
end

function capmode.get_name()
  if not get_mode() then return 'PLAY' end
  return capmode.mode_to_name[capmode.get()] or 'UNKNOWN'
end

-- The camera's own number of the mode.
function capmode.get_canon()
  return bitand(get_prop(props.SHOOTING_MODE), 0xFFFF)
end

-- Whether the camera has a mode, given by number or name.
function capmode.valid(mode)
  local number = number_of(mode)
  return number ~= nil and is_capture_mode_valid(number)
end

-- Set a mode by number or name. Returns whether that worked.
function capmode.set(mode)
  local number = number_of(mode)
  return number ~= nil and set_capture_mode(number)
end

return capmode
