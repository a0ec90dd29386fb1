-- needs: last_shot
-- Set a remote capture up, and take it down again.
-- Options: fformat (bits of init_usb_capture), lstart, lcount, shots, cont, int, cap_timeout.

local function is_continuous()
  local mode = get_drive_mode()
  return mode == 1 or (mode == 2 and get_propset() > 1)
end

-- Have Canon's firmware make the files that are asked for. Returns the format before, or nil.
local function choose_format(bits)
  if not get_canon_raw_support or not get_canon_raw_support() then
    return nil
  end
  local wanted = 1
  if bitand(bits, 8) ~= 0 then
    wanted = bitand(bits, 1) ~= 0 and 3 or 2
  end
  local before = get_canon_image_format()
  if before == wanted then
    return nil
  end
  if not set_canon_image_format(wanted) then
    return nil, 'unsupported canon format'
  end
  return before
end

-- Returns a table for rs_cleanup, or false and why not.
function rs_init(opts)
  if not get_mode() then
    return false, 'not in rec mode'
  end
  if not init_usb_capture then
    return false, 'usb capture not supported'
  end
  if opts.cont and not is_continuous() then
    return false, 'not in continuous mode'
  end
  if opts.cont and (opts.needs_hook or (opts.int or 0) > 0) and type(hook_shoot) ~= 'table' then
    return false, 'cont with interval requires hook_shoot support'
  end
  if bitand(get_usb_capture_support(), opts.fformat) ~= opts.fformat then
    return false, 'unsupported format'
  end
  await_last_shot()
  local format, why = choose_format(opts.fformat)
  if why then
    return false, why
  end
  if not init_usb_capture(opts.fformat, opts.lstart or 0, opts.lcount or 0) then
    if format then
      set_canon_image_format(format)
    end
    return false, 'init failed'
  end
  if opts.cap_timeout then
    set_usb_capture_timeout(opts.cap_timeout)
  end
  return { format = format }
end

-- With `give_up` (ms) a shot that is under way is called off and has so long to end: what it goes on
-- to offer must not be taken for data of the next capture.
function rs_cleanup(saved, give_up)
  if give_up then
    init_usb_capture(0)
  end
  local last = get_tick_count() + (give_up or 2000)
  while get_shooting() and get_tick_count() < last do
    sleep(10)
  end
  init_usb_capture(0)
  if saved.format then
    set_canon_image_format(saved.format)
  end
end
