-- More functions for `rawop`: require'rawoplib'
-- Those for a colour of the sensor take each of a quad's four pixels by itself: red, the first
-- green, blue, the second green.
local offsets = rawop.get_cfa_offsets()
local QUAD = { offsets.r, offsets.g1, offsets.b, offsets.g2 }

local function even(number)
  return bitand(number, -2)
end

-- Call `draw` for the four sides of a frame, `line` pixels wide, unless there is no room for them.
local function sides(x, y, width, height, line, least, draw)
  if line < least or width < 2 * line or height < 2 * line then return end
  local inner = height - 2 * line
  draw(x, y, width, line)
  draw(x, y + height - line, width, line)
  draw(x, y + line, line, inner)
  draw(x + width - line, y + line, line, inner)
end

-- Fill a rectangle of whole quads. Without g2, both greens are g1.
function rawop.fill_rect_rgbg(x, y, width, height, r, g1, b, g2)
  x, y, width, height = even(x), even(y), even(width), even(height)
  for index, value in ipairs({ r, g1, b, g2 or g1 }) do
    rawop.fill_rect(x + QUAD[index].x, y + QUAD[index].y, width, height, value, 2)
  end
end

-- A frame of quads; its line is 2 pixels wide at least.
function rawop.rect_rgbg(x, y, width, height, line, r, g1, b, g2)
  sides(x, y, width, height, line, 2, function(left, top, across, down)
    rawop.fill_rect_rgbg(left, top, across, down, r, g1, b, g2)
  end)
end

-- A frame of one value.
function rawop.rect(x, y, width, height, line, value, xstep, ystep)
  sides(x, y, width, height, line, 1, function(left, top, across, down)
    rawop.fill_rect(left, top, across, down, value, xstep, ystep)
  end)
end

-- The mean of each colour from the quad at x, y on. Steps must be even: nothing otherwise.
function rawop.meter_rgbg(x, y, columns, rows, xstep, ystep)
  if bitand(bitor(xstep, ystep), 1) == 1 then return end
  local means = {}
  for index, place in ipairs(QUAD) do
    means[index] = rawop.meter(even(x) + place.x, even(y) + place.y, columns, rows, xstep, ystep)
  end
  return unpack(means, 1, #QUAD)
end

-- The same, without the second green.
function rawop.meter_rgb(...)
  local r, g, b = rawop.meter_rgbg(...)
  if r or g or b then return r, g, b end
end

-- Names of before, for numbers of 1/96 EV.
rawop.raw_to_ev96, rawop.ev96_to_raw = rawop.raw_to_ev, rawop.ev_to_raw
