-- needs: sync_shot, shoot
local function wait_for_end(ms)
  local stop = get_tick_count() + ms
  while get_shooting() and get_tick_count() < stop do
    read_usb_msg(10)
  end
end

-- A shot to the card; options are those of shoot.lua and sync_shot.lua. Returns what shot_files does,
-- `called off`, or false and why there was no shot.
function sync_card_shot(opts)
  await_last_shot()
  local result, why = choose_files(opts)
  if result then
    result, why = sync_shot(opts)
  end
  if result == true then
    wait_for_end(opts.shot_ms)
    result = shot_files(opts)
  end
  if settings_kept then
    put_back(settings_kept)
  end
  return result, why
end
