-- Zoom positions and focal lengths: require'zoomutil'
-- fl is the lens's focal length, efl that of 35 mm film, both in thousandths of a millimetre.
local zoomutil = {}

local function last_step()
  return get_zoom_steps() - 1
end

-- The step whose length is nearest to `wanted`, the wider one where two are.
local function nearest(wanted, length_at)
  if get_buildinfo().platform:sub(1, 1) == 'm' then return 0 end -- EOS M: lenses have no steps
  local best, best_gap = 0, math.abs(length_at(0) - wanted)
  for step = 1, last_step() do
    local gap = math.abs(length_at(step) - wanted)
    if gap < best_gap then best, best_gap = step, gap end
  end
  return best
end

for name, length_at in pairs({ fl = get_focal_length, efl = get_eff_focal_length }) do
  local find = 'get_zoom_for_' .. name

  zoomutil[find] = function(wanted)
    return nearest(wanted, length_at)
  end

  zoomutil['set_zoom_' .. name] = function(wanted)
    return set_zoom(zoomutil[find](wanted))
  end

  zoomutil['get_min_' .. name] = function()
    return length_at(0)
  end

  zoomutil['get_max_' .. name] = function()
    return length_at(last_step())
  end
end

-- By how much efl is more than fl, as a number of fmath.
function zoomutil.get_efl_factor()
  return fmath.new(get_eff_focal_length(0)) / fmath.new(get_focal_length(0))
end

-- One kind of length as the other, rounded, times `scale` (1).
function zoomutil.fl_to_efl(length, scale)
  return (fmath.new(length) * zoomutil.get_efl_factor() * (scale or 1)):round()
end

function zoomutil.efl_to_fl(length, scale)
  return (fmath.new(length) / zoomutil.get_efl_factor() * (scale or 1)):round()
end

return zoomutil
