-- Where the camera is: require'gpsLib' gives false on cameras without a receiver.
local props, binstr = require('propcase'), require('binstr')

gpsLib = { version = '1.0' }

-- Where the number of satellites lies in the property, by platform.
local SATELLITES = { d20 = 0x74, d30 = 0x74, s100 = 0x98, sx230hs = 0x98, sx260hs = 0x74 }
local LATITUDE, LONGITUDE, HEIGHT, TIME, STATUS, DATE = 0x00, 0x1C, 0x38, 0x44, 0x5C, 0x65

-- Time zones of parameter 20 in minutes, eastward from London.
local ZONES = {
  0, 60, 120, 180, 210, 240, 270, 300, 330, 345, 360, 390, 420, 480, 540, 570, 600, 660, 720, 765,
  -660, -600, -540, -480, -420, -360, -300, -240, -210, -180, -150, -120, -60,
}

local satellites_at = SATELLITES[get_buildinfo().platform]

local function read()
  if not satellites_at or not props.GPS then return nil end
  local data = get_prop_str(props.GPS, satellites_at + 4)
  return data and #data == satellites_at + 4 and data or nil
end

local function number_at(data, offset)
  return binstr.getnum(data, 4, offset + 1)
end

-- The sum of `count` fractions, each of a sixtieth of the one before, times `scale`. What stands
-- before them says on which side of zero it lies.
local function angle_at(data, offset, count, positive, scale)
  local sum = 0
  for index = count, 1, -1 do
    local at = offset + 8 * index - 4
    local over, under = number_at(data, at), number_at(data, at + 4)
    if under ~= 0 then sum = sum / 60 + scale * over / under end
  end
  return number_at(data, offset) == positive and sum or -sum
end

local function time_of(data)
  local time = {}
  for index = 1, 3 do
    local at = TIME + 8 * (index - 1)
    local under = number_at(data, at + 4)
    if under == 0 then return { 0, 0, 0 } end
    time[index] = number_at(data, at) / under
  end
  return time
end

local function date_of(data)
  local year, month, day = data:sub(DATE + 1, DATE + 10):match('(%d+):(%d+):(%d+)')
  return { tonumber(day) or 0, tonumber(month) or 0, tonumber(year) or 0 }
end

-- The zone in minutes, and whether summer time is kept: at home, or where the traveller is.
local function zone()
  local data = get_parameter_data(20)
  if not data or #data < 7 then return 0, 0 end
  local home, _, abroad, _, away, home_summer, abroad_summer = data:byte(1, 7)
  local travels = away == 1
  return ZONES[(travels and abroad or home) + 1], (travels and abroad_summer or home_summer) == 1
end

-- What the receiver knows: status (is it valid), lat, lon and height times `scale` (10), date as
-- day, month, year, time as hour, minute, second, tz, isdst, sats, and fix (0, 2 or 3 dimensions).
function gpsLib.data(scale)
  local data = read()
  if not data then return nil end
  scale = scale or 10
  local found = {
    status = data:sub(STATUS + 1, STATUS + 1) == 'A',
    lat = angle_at(data, LATITUDE, 3, ('N'):byte(), scale),
    lon = angle_at(data, LONGITUDE, 3, ('E'):byte(), scale),
    height = angle_at(data, HEIGHT, 1, 0, scale),
    date = date_of(data),
    time = time_of(data),
    sats = number_at(data, satellites_at),
    fix = 0,
  }
  found.tz, found.isdst = zone()
  if found.status and found.sats > 2 then found.fix = found.sats > 5 and 3 or 2 end
  return found
end

return read() ~= nil and gpsLib
