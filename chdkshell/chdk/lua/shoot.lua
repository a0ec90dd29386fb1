-- needs: exposure, last_shot, settings
-- Take a picture to the card. Options are those of exposure.lua, and raw (0 or 1), dng (0 or 1),
-- cfmt (Canon's formats: 1 JPEG, 2 CR2, 3 both) and info. What they change is put back.
-- Returns true, or with info a table that says which files there are; false and why not.
local DNG, DNG_SUFFIX, RAW_DIR, RAW_PREFIX, RAW_SUFFIX, RAW_EXCEPTION = 226, 234, 35, 36, 37, 1251

local function set_format(wanted)
  if not get_canon_image_format then
    return nil, 'no-format-control'
  end
  if wanted ~= 1 and not get_canon_raw_support() then
    return nil, 'no-canon-raw'
  end
  set_canon_image_format(wanted)
  return true
end

-- Returns a table that says which files the last shot left, which was taken with `opts`.
function shot_files(opts)
  local raw = opts.raw or get_raw()
  local format = opts.cfmt or (get_canon_image_format and get_canon_image_format() or 1)
  local info = { dir = get_image_dir(), exp = get_exp_count(), format = format,
                 raw = raw == true or raw == 1, tv = get_tv96(), av = get_av96(), sv = get_sv96() }
  if sv96_real_to_market then -- what the camera's display and its files call the ISO value
    info.sv = sv96_real_to_market(info.sv)
  end
  -- CHDK can be set to leave its raw files out where Canon's are written
  if bitand(format, 2) ~= 0 and get_config_value(RAW_EXCEPTION) == 1 then
    info.raw = false
  end
  if info.raw then
    info.raw_dir = get_config_value(RAW_DIR)
    info.raw_prefix = get_config_value(RAW_PREFIX)
    info.raw_suffix = get_config_value(RAW_SUFFIX)
    info.dng = (opts.dng or get_config_value(DNG)) == 1
    info.dng_suffix = get_config_value(DNG_SUFFIX) == 1
  end
  return info
end

-- Have the next shot leave the files that are asked for. Returns true, or false and why not.
function choose_files(opts)
  if opts.cfmt then
    local set, why = set_format(opts.cfmt)
    if not set then
      return false, why
    end
  end
  if opts.raw then
    set_raw(opts.raw)
  end
  if opts.dng then
    set_dng(opts.dng)
  end
  return true
end

local function take(opts)
  local chosen, why = choose_files(opts)
  if not chosen then
    return false, why
  end
  expose(opts)
  local failed = shoot()
  if failed and failed ~= 0 then
    return false, 'shot-not-ready'
  end
  return not opts.info or shot_files(opts)
end

function rlib_shoot(opts)
  if not get_mode() then
    return false, 'not-recording'
  end
  await_last_shot()
  settings_kept = settings_before(opts)
  local result, why = take(opts)
  if settings_kept then
    put_back(settings_kept)
  end
  return result, why
end

-- Wait until the firmware has written a file: there, not empty, and of one size for a while.
function wait_file(path, timeout)
  local last = get_tick_count() + timeout
  local size
  repeat
    local st = os.stat(path)
    if st and st.size > 0 and st.size == size then
      return true
    end
    size = st and st.size
    sleep(20)
  until get_tick_count() > last
  return false, path .. ': the camera did not write it in time'
end
