-- Wait for a shot that is under way to end: the camera would not notice the key for another one,
-- and what the shot offers would be taken for data of the next capture. Nobody fetches that any more
-- (its host went away), so the shot must not wait until its time is up.
function await_last_shot()
  if init_usb_capture then
    init_usb_capture(0)
  end
  local last = get_tick_count() + 30000
  while get_shooting() and get_tick_count() < last do
    sleep(10)
  end
end
