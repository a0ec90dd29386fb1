-- What the viewfinder has the camera do, and what its status line tells.
function viewfinder_status()
  local record, video = get_mode()
  return record, video, get_tv96(), get_av96(), get_sv96(), get_zoom(), get_exp_count()
end

-- The firmware's integers: a division has no remainder.
function viewfinder_zoom(direction)
  local step = get_zoom_steps() / 12
  if step < 1 then
    step = 1
  end
  set_zoom_rel(direction * step)
  return get_zoom()
end

function viewfinder_shoot()
  if not get_mode() then
    return 'play'
  end
  local failed = shoot()
  if failed and failed ~= 0 then
    return 'not ready'
  end
  return 'taken', get_exp_count()
end

-- Focuses and measures; the keys of a script are released when it ends.
function viewfinder_half()
  if not get_mode() then
    return 'play'
  end
  local last = get_tick_count() + 3000
  press('shoot_half')
  while not get_shooting() and get_tick_count() < last do
    sleep(20)
  end
  local result = 'not ready'
  if get_shooting() then
    result = get_focus_ok() and 'focused' or 'not focused'
  end
  sleep(300)
  release('shoot_half')
  return result
end

function viewfinder_switch()
  local record = get_mode()
  local last = get_tick_count() + 3000
  if record then
    switch_mode_usb(0)
  else
    switch_mode_usb(1)
  end
  while get_mode() == record and get_tick_count() < last do
    sleep(20)
  end
  return get_mode() and 'record' or 'playback'
end

-- Returns some bytes of a file, nothing where it is not there or ends before.
function viewfinder_read(path, offset, size)
  local file = io.open(path, 'rb')
  if not file then
    return nil
  end
  file:seek('set', offset)
  local data = file:read(size)
  file:close()
  return data
end
