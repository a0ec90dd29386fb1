-- Switch between record and play mode, and wait until the camera has done it.
-- Returns 'switched', 'no change' where it is in that mode, or false and why not.
local function is_record()
  local record = get_mode()
  return record
end

function switch_mode(record)
  if is_record() == record then
    return 'no change'
  end
  switch_mode_usb(record and 1 or 0)
  local last = get_tick_count() + 3000
  while is_record() ~= record do
    if get_tick_count() > last then
      return false, 'switch-failed'
    end
    sleep(10)
  end
  return 'switched'
end
