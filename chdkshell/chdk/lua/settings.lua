-- The camera's settings that a command changes for its own sake, and how they are put back.

local DNG = 226 -- a number of CHDK's settings

-- CHDK writes its settings to the card as a script changes one, unless it is told not to: this change
-- does not last.
function set_dng(value)
  if set_config_autosave then
    set_config_autosave(false)
  end
  set_config_value(DNG, value)
  if set_config_autosave then
    set_config_autosave(true)
  end
end

-- Where the card does not have the file that tells, a command that locks is taken to find it open.
local function focus_is_locked(opts)
  local there, case = pcall(require, 'propcase')
  if there and case.AF_LOCK then
    return get_prop(case.AF_LOCK) == 1
  elseif opts.sdprefmode == 'AFL' or opts.sdprefmode == 'MF' then
    return false
  end
end

-- The number of the property that is the mode of white balance, nil where the card does not have it.
local function white_balance()
  local there, case = pcall(require, 'propcase')
  return there and case.WB_MODE or nil
end

-- Each setting with the options that change it. `get` gives nil on a camera that has it not. The ISO
-- menu is none of them: isomode is there to set it.
local SETTINGS = {
  { name = 'raw', options = { 'raw' }, get = get_raw, set = set_raw },
  { name = 'dng', options = { 'dng' }, get = function()
    return get_config_value(DNG)
  end, set = set_dng },
  { name = 'format', options = { 'cfmt', 'fformat' }, get = get_canon_image_format,
    set = set_canon_image_format },
  { name = 'mf', options = { 'sd' }, get = function()
    return get_focus_mode() == 1
  end, set = set_mf },
  { name = 'aflock', options = { 'sd' }, get = focus_is_locked, set = set_aflock },
  { name = 'wb', options = { 'wb' }, get = function()
    return white_balance() and get_prop(white_balance())
  end, set = function(mode)
    set_prop(white_balance(), mode)
  end },
}

local function changes(opts, setting)
  for _, option in ipairs(setting.options) do
    if opts[option] then
      return setting.get and setting.set
    end
  end
end

-- Returns what `put_back` takes, or nil where a command with these options changes nothing.
function settings_before(opts)
  local before = { capture = opts.fformat and true or nil, edge = opts.edge }
  for _, setting in ipairs(SETTINGS) do
    if changes(opts, setting) then
      before[setting.name] = setting.get(opts)
    end
  end
  return next(before) ~= nil and before or nil
end

local function wait_for_shot(stop)
  while get_shooting() and get_tick_count() < stop do
    sleep(10)
  end
end

-- Disarm the capture once the host has fetched the last shot, or its time is up; with `give_up` now.
local function disarm(give_up)
  while not give_up and get_shooting() and get_usb_capture_target
    and get_usb_capture_target() ~= 0 do
    sleep(10)
  end
  init_usb_capture(0)
end

local function is_off(value)
  return value == false or value == 0
end

-- With `give_up` a shot that is under way is called off and has so many ms to end: what it goes on to
-- offer must not be taken for data of the next capture.
function put_back(before, give_up)
  if before.capture and init_usb_capture then
    disarm(give_up)
    wait_for_shot(get_tick_count() + (give_up or 2000))
    init_usb_capture(0)
  elseif give_up then
    wait_for_shot(get_tick_count() + give_up)
  end
  if before.edge and usb_sync_wait and usb_force_active then
    usb_sync_wait(false)
    usb_force_active(false)
  end
  for _, off in ipairs({ true, false }) do -- two ways to hold the focus exclude each other
    for _, setting in ipairs(SETTINGS) do
      local value = before[setting.name]
      if value ~= nil and is_off(value) == off and setting.get(before) ~= value then
        setting.set(value)
      end
    end
  end
end
