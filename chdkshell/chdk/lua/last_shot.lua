-- Wait for a shot that is under way to end: the camera would not notice the key for another one,
-- and what the shot offers would be taken for data of the next capture.
function await_last_shot()
  local last = get_tick_count() + 30000
  while get_shooting() and get_tick_count() < last do
    sleep(10)
  end
end
