-- Shooting modes by name: require'capmode'. This camera has these five.
local capmode = {}

capmode.mode_to_name = { 'AUTO', 'P', 'TV', 'AV', 'M' }
capmode.name_to_mode = {}
for number, name in ipairs(capmode.mode_to_name) do
  capmode.name_to_mode[name] = number
end

local function number_of(mode)
  if type(mode) == 'string' then
    return capmode.name_to_mode[mode]
  end
  return mode
end

-- The number of the mode that is set, 0 where it is none of these.
function capmode.get()
  local record, video, mode = get_mode()
  return bitand(mode, 255)
end

function capmode.get_name()
  return capmode.mode_to_name[capmode.get()] or 'UNKNOWN'
end

-- Whether the camera has a mode, given by number or name.
function capmode.valid(mode)
  local number = number_of(mode)
  return number ~= nil and is_capture_mode_valid(number)
end

-- Set a mode by number or name. Returns whether that worked.
function capmode.set(mode)
  return capmode.valid(mode) and set_capture_mode(number_of(mode))
end

return capmode
