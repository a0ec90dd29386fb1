-- needs: shoot
-- What the control room's page asks of the camera: how it is set, setting it, and a half press.
local MANUAL, LOCKED = 1, 2 -- of focus, as they are told
local LOWEST_ISO = 50 -- what is below it is a place in the ISO menu
local TV_MODES, AV_MODES = { [3] = true, [5] = true }, { [4] = true, [5] = true }

local function case(name)
  local there, cases = pcall(require, 'propcase')
  return there and cases[name] or nil
end

local function focus_mode()
  if get_focus_mode() == 1 then
    return MANUAL
  end
  local lock = case('AF_LOCK')
  return lock and get_prop(lock) == 1 and LOCKED or 0
end

local function shooting_mode()
  local _, _, mode = get_mode()
  return bitand(mode, 255)
end

local function modes()
  local found = {}
  for number = 1, 39 do
    if is_capture_mode_valid(number) then
      found[#found + 1] = number
    end
  end
  return found
end

-- Returns the ISO value that is set, 0 for automatic: most cameras tell the place in their menu, and
-- have the value in a property.
local function iso_set()
  local told = get_iso_mode()
  local number = told > 0 and told < LOWEST_ISO and case('ISO_MODE')
  return number and get_prop(number) or told
end

-- Returns a table. Exposure values are APEX*96, the focus is in mm.
function room_look()
  local record, video = get_mode()
  return { record = record, video = video, mode = shooting_mode(), modes = modes(),
    tv = get_tv96(), av = get_av96(), sv = get_sv96(), iso_mode = iso_set(), ev = get_ev(),
    zoom = get_zoom(), zoom_steps = get_zoom_steps(), focus = get_focus(),
    focus_mode = focus_mode(), has_nd = get_nd_present() ~= 0, flash = get_flash_mode(),
    drive = get_drive_mode(), shots = get_exp_count() }
end

local function set_case(name, value)
  local number = case(name)
  if not number then
    return false, 'the card does not have the file that tells where this is set'
  end
  set_prop(number, value)
  return true
end

-- Each setting and what sets it. What it returns is what `room_set` returns.
local SET = {
  shutter = function(tv)
    if not TV_MODES[shooting_mode()] then
      return false, 'the camera sets the shutter time itself in this mode: TV and M leave it to you'
    end
    set_user_tv96(tv)
    return true
  end,
  aperture = function(av)
    if not AV_MODES[shooting_mode()] then
      return false, 'the camera sets the aperture itself in this mode: AV and M leave it to you'
    end
    set_user_av96(av)
    return true
  end,
  iso = function(iso)
    set_iso_mode(iso)
    return true
  end,
  ev = function(ev)
    set_ev(ev)
    return true
  end,
  zoom = function(step)
    if step >= get_zoom_steps() then
      return false, 'the lens has ' .. get_zoom_steps() .. ' steps'
    end
    set_zoom(step)
    return true
  end,
  flash = function(mode)
    return set_case('FLASH_MODE', mode)
  end,
  drive = function(mode)
    return set_case('DRIVE_MODE', mode)
  end,
  focus_mode = function(mode)
    set_aflock(mode == LOCKED)
    if set_mf(mode == MANUAL) == 0 and mode == MANUAL then
      return false, 'the camera has no manual focus in this mode'
    end
    return true
  end,
}

-- Returns true, or false and why not.
function room_set(name, value)
  if not get_mode() then
    return false, 'not-recording'
  end
  return SET[name](value)
end

local LARGEST_EV, MENU_ENDS = 192, 40

-- Returns the place of a setting in the ISO menu: some cameras tell that, others the ISO value.
local function iso_place(told)
  if told < LOWEST_ISO then
    return told
  end
  for place = 1, MENU_ENDS do
    set_iso_mode(place)
    if get_iso_mode() == told then
      return place
    end
  end
  set_iso_mode(told)
end

local function step_iso(by)
  local before = get_iso_mode()
  local place = iso_place(before)
  if place and place + by >= 0 then
    set_iso_mode(place + by)
  end
  return get_iso_mode() ~= before
end

-- How each setting goes on from where it is, and how it is told. An exposure step is a third of 96.
local STEP = {
  shutter = { function(by)
    return SET.shutter(get_user_tv96() + by)
  end, function()
    return get_user_tv96()
  end },
  aperture = { function(by)
    return SET.aperture(get_user_av96() + by)
  end, function()
    return get_user_av96()
  end },
  ev = { function(by)
    local ev = get_ev() + by
    return ev >= -LARGEST_EV and ev <= LARGEST_EV and SET.ev(ev)
  end, function()
    return get_ev()
  end },
  iso = { step_iso, iso_set },
}

-- Returns 'set', the name and the value that is set now; or false and why not, nil for the end.
function room_step(name, by)
  if not get_mode() then
    return false, 'not-recording'
  end
  local go, told = STEP[name][1], STEP[name][2]
  local before = told()
  local done, why = go(by)
  if done and told() ~= before then
    return 'set', name, told()
  end
  return false, why and name .. '-mode' or 'end'
end

local function await_count(count, timeout)
  local last = get_tick_count() + timeout
  while get_exp_count() == count and get_tick_count() < last do
    sleep(10)
  end
  return get_exp_count() ~= count
end

-- Press the button down from half down, until the shot is taken. One that takes longer, for its
-- exposure or the self-timer, goes on by itself once the button is up. Returns whether one was taken.
local function press_down()
  local count = get_exp_count()
  press('shoot_full')
  local taken = await_count(count, 10000)
  release('shoot_full')
  if not taken then
    release('shoot_half')
    while get_shooting() and get_exp_count() == count do
      sleep(10)
    end
    taken = await_count(count, 1000)
  end
  return taken
end

-- Hold the shutter button half down until nothing is heard for `silence` ms. The host says 'hold' to
-- have it held on, 'shoot' to have it pressed down, and 'release'.
-- Returns a table of the shot that was taken, false where the camera took none, or true.
function room_half(silence)
  if not get_mode() then
    return false, 'not-recording'
  end
  press('shoot_half')
  while true do
    local message = read_usb_msg(silence)
    if message == 'shoot' then
      return press_down() and shot_files({ info = true }) or false
    elseif message ~= 'hold' then
      release('shoot_half')
      return true
    end
  end
end
