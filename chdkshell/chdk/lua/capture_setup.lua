-- needs: last_shot
-- Set a remote capture up; put_back of settings.lua takes it down again.
-- Options: fformat (bits of init_usb_capture), lstart and lcount (the lines of raw data), shots,
-- cont, int (ms), needs_hook.

local JPEG, CANON_RAW = 1, 8 -- bits of init_usb_capture

local function drive_is_continuous()
  local drive = get_drive_mode()
  -- property set 1 has the self timer at 2
  return drive == 1 or (get_propset() ~= 1 and drive == 2)
end

local function held_by_hook(opts)
  return opts.cont and (opts.needs_hook or (opts.int or 0) > 0)
end

-- What must hold before a capture, in the order in which it is asked, and what is said if it does not.
local DEMANDS = {
  { 'not-recording', get_mode },
  { 'no-remote-capture', function()
    return init_usb_capture
  end },
  { 'not-continuous', function(opts)
    return not opts.cont or drive_is_continuous()
  end },
  { 'no-hook-shoot', function(opts)
    return not held_by_hook(opts) or type(hook_shoot) == 'table'
  end },
  { 'capture-format', function(opts)
    return bitand(opts.fformat, get_usb_capture_support()) == opts.fformat
  end },
}

-- The image format of Canon's firmware is that of the files which are asked for; nil where this
-- camera has no choice.
local function canon_format(fformat)
  if get_canon_raw_support and get_canon_raw_support() then
    return bitand(fformat, CANON_RAW) == 0 and 1 or 2 + bitand(fformat, JPEG)
  end
end

-- Returns true, or false and why not; nothing is changed then.
function begin_capture(opts)
  for _, demand in ipairs(DEMANDS) do
    if not demand[2](opts) then
      return false, demand[1]
    end
  end
  await_last_shot()
  local wanted = canon_format(opts.fformat)
  local before = wanted and get_canon_image_format()
  if wanted ~= before then
    if not set_canon_image_format(wanted) then
      return false, 'canon-format'
    end
  end
  if not init_usb_capture(opts.fformat, opts.lstart or 0, opts.lcount or 0) then
    if wanted ~= before then
      set_canon_image_format(before)
    end
    return false, 'capture-init'
  end
  return true
end
