-- Drawings that are kept, to be drawn again, changed and removed one by one: require'drawings'
draw = {}

-- Names of colours; their numbers go on from 256.
draw.colors = { 'trans', 'black', 'white' }
for _, hue in ipairs({ 'red', 'green', 'blue', 'grey', 'yellow' }) do
  for _, shade in ipairs({ '', '_dark', '_light' }) do
    table.insert(draw.colors, hue .. shade)
  end
end
table.insert(draw.colors, 'grey_trans')
table.insert(draw.colors, 'magenta')
draw.colors_map = {}
for index, name in ipairs(draw.colors) do
  draw.colors_map[name] = 255 + index
end

-- The function that draws each kind of drawing, and which of its values are colours.
local KINDS = {
  pixel = { 'draw_pixel', 3 },
  line = { 'draw_line', 5 },
  rect = { 'draw_rect', 5 },
  rectf = { 'draw_rect_filled', 5, 6 },
  elps = { 'draw_ellipse', 5 },
  elpsf = { 'draw_ellipse_filled', 5 },
  string = { 'draw_string', 4, 5 },
}
local MOST_VALUES = 7

-- Each drawing: its kind and its values. False is one that was removed.
local drawings = {}

-- The number of a colour that has a name, else what was given.
function draw.make_color(color)
  return draw.colors_map[color] or color
end

-- Foreground and background of a setting of colours, and the setting of two colours.
function draw.unpack_cnf_colors(setting)
  return bitand(setting, 0x1FF), bitand(bitshru(setting, 16), 0x1FF)
end

function draw.pack_cnf_colors(foreground, background)
  local low, high = draw.make_color(foreground), draw.make_color(background)
  return bitor(bitand(low, 0x1FF), bitshl(bitand(high, 0x1FF), 16))
end

local function set(number, kind, ...)
  if not KINDS[kind] then return false end
  local drawing = { kind, ... }
  for index = 2, #KINDS[kind] do
    local at = KINDS[kind][index] + 1
    drawing[at] = draw.make_color(drawing[at])
  end
  drawings[number] = drawing
  return number
end

-- Keep a drawing, without drawing it. Returns its number; false: there is no such kind.
function draw.add(...)
  return set(#drawings + 1, ...)
end

-- Put another in the place of a drawing.
function draw.replace(number, ...)
  draw.remove(number)
  return set(number, ...)
end

-- Its kind and values in a table, which is empty where it was removed.
function draw.get_params(number)
  return { unpack(drawings[number] or {}, 1, MOST_VALUES + 1) }
end

-- Forget a drawing. The others keep their numbers.
function draw.remove(number)
  if drawings[number] then drawings[number] = false end
end

-- Draw all of them over what is on the screen.
function draw.overdraw()
  for _, drawing in ipairs(drawings) do
    if drawing then
      _G[KINDS[drawing[1]][1]](unpack(drawing, 2, MOST_VALUES + 1))
    end
  end
end

-- Draw all of them on a clean screen.
function draw.redraw()
  draw_clear()
  draw.overdraw()
end

-- Forget all of them, and clean the screen.
function draw.clear()
  for number in ipairs(drawings) do
    draw.remove(number)
  end
  draw_clear()
end
