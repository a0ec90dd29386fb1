-- Measure as for a shot, and tell what the camera would take it with: tv, av, sv (APEX*96), nd (1 in,
-- 2 out), sd (mm) and wb (the mode of white balance), as far as this camera can be told them.
local DAYLIGHT = 1

-- Automatic white balance is another one on each camera.
local function white_balance()
  local there, case = pcall(require, 'propcase')
  local mode = there and case.WB_MODE and get_prop(case.WB_MODE)
  return mode == 0 and DAYLIGHT or mode or nil
end

local function filter()
  if get_nd_present and get_nd_present() > 0 and get_nd_current_ev96 then
    return get_nd_current_ev96() > 0 and 1 or 2
  end
end

local function distance()
  if get_sd_over_modes and get_sd_over_modes() ~= 0 then
    return get_focus()
  end
end

function measure_exposure()
  if not get_mode() then
    return false, 'not-recording'
  end
  press('shoot_half')
  local stop = get_tick_count() + 5000
  repeat
    if get_tick_count() > stop then
      release('shoot_half')
      return false, 'half-press'
    end
    sleep(10)
  until get_shooting()
  local found = { tv = get_tv96(), av = get_av96(), sv = get_sv96(), nd = filter(), sd = distance(),
                  wb = white_balance() }
  release('shoot_half')
  return found
end
