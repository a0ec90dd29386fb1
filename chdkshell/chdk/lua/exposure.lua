-- What the next shot of this script is taken with.
-- Options: tv, sv (real ISO), svm (market ISO) and av in APEX*96; nd (1 in, 2 out); isomode, a number
-- of the camera's ISO menu; sd, the distance of the subject in mm, with sdprefmode (the focus mode,
-- AF, AFL or MF, in which it is best set) or sdnoenable (stay in the present one); wb, a mode of white
-- balance.

-- Each option, and the function of the camera that takes its value. CHDK forgets what is told `each`
-- shot once that is taken; the rest stays. `unit` turns the value into what the function takes, and
-- `lacking` is said where the camera's CHDK does not have it.
local SETTERS = {
  { option = 'tv', call = 'set_tv96_direct', each = true },
  { option = 'av', call = 'set_av96_direct', each = true },
  { option = 'sv', call = 'set_sv96', each = true },
  { option = 'svm', call = 'set_sv96', each = true, unit = 'sv96_market_to_real',
    lacking = 'no-market-iso' },
  { option = 'nd', call = 'set_nd_filter', each = true },
  { option = 'isomode', call = 'set_iso_mode' },
}

-- Focus modes by their bits in get_sd_over_modes. `hold` is what keeps the lens where it is.
local FOCUS = {
  { name = 'AF', bit = 1 },
  { name = 'AFL', bit = 2, hold = 'set_aflock' },
  { name = 'MF', bit = 4, hold = 'set_mf' },
}
for _, mode in ipairs(FOCUS) do
  FOCUS[mode.name] = mode
end

local function present_focus()
  if get_focus_mode() == 1 then
    return FOCUS.MF
  end
  local there, case = pcall(require, 'propcase')
  local locked = there and case.AF_LOCK and get_prop(case.AF_LOCK) == 1
  return locked and FOCUS.AFL or FOCUS.AF
end

-- How well a mode stands in for the wanted one: one that holds the lens, too, comes first, then the
-- present one, which nothing has to be switched for.
local function fitness(mode, wanted, present)
  if mode == wanted then
    return 3
  elseif mode.hold and wanted.hold then
    return 2
  end
  return mode == present and 1 or 0
end

local function hold(mode, on)
  if mode.hold then
    _G[mode.hold](on)
  end
end

-- Bring the lens into a focus mode in which this port can be told a distance.
local function admit_distance(name)
  local able = get_sd_over_modes and get_sd_over_modes() or 0
  if able == 0 or not get_mode() then
    error('no-focus-override', 0)
  end
  local present = present_focus()
  local wanted = name and FOCUS[name] or present
  local best, most = nil, -1
  for _, mode in ipairs(FOCUS) do
    local fits = fitness(mode, wanted, present)
    if bitand(able, mode.bit) ~= 0 and fits > most then
      best, most = mode, fits
    end
  end
  if best and best ~= present then
    hold(present, false)
    hold(best, true)
  end
end

local function apply(setter, value)
  if setter.unit then
    local convert = _G[setter.unit]
    if not convert then
      error(setter.lacking, 0)
    end
    value = convert(value)
  end
  _G[setter.call](value)
end

local function tell(opts, wants)
  for _, setter in ipairs(SETTERS) do
    local value = opts[setter.option]
    if value and wants(setter) then
      apply(setter, value)
    end
  end
end

-- For each shot after the first: what CHDK has forgotten.
function expose_again(opts)
  tell(opts, function(setter)
    return setter.each
  end)
end

function expose(opts)
  tell(opts, function()
    return true
  end)
  if opts.sd then
    if not opts.sdnoenable then
      admit_distance(opts.sdprefmode)
    end
    set_focus(opts.sd)
  end
  if opts.wb then
    local there, case = pcall(require, 'propcase')
    if there and case.WB_MODE then
      set_prop(case.WB_MODE, opts.wb)
    end
  end
end
