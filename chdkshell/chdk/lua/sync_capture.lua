-- needs: sync_shot, capture_setup, capture_end
-- A remote capture, which the host fetches; options are those of capture_setup.lua and sync_shot.lua.
-- Returns true, `called off`, or false and why there was no shot.
function sync_capture(opts)
  local result, why = begin_capture(opts)
  if not result then
    return false, why
  end
  result, why = sync_shot(opts)
  end_capture()
  return result, why
end
