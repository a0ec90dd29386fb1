-- Tell the next shot of this script what it is taken with. Values are APEX*96, distances mm.
-- Options: tv, sv, svm, av, isomode, nd, sd, sdprefmode (AF, AFL or MF), sdnoenable.

-- How set_focus works at present: 'AF', 'AFL' (locked) or 'MF'.
local function focus_mode()
  if get_focus_mode() == 1 then
    return 'MF'
  end
  local found, props = pcall(require, 'propcase')
  if found and props.AF_LOCK and get_prop(props.AF_LOCK) == 1 then
    return 'AFL'
  end
  return 'AF'
end

local function change_focus_mode(mode)
  local now = focus_mode()
  if now == mode then
    return
  end
  if now == 'MF' then
    set_mf(false)
  elseif now == 'AFL' then
    set_aflock(false)
  end
  if mode == 'MF' then
    set_mf(true)
  elseif mode == 'AFL' then
    set_aflock(true)
  end
end

-- Choose a mode in which the port can set a distance: the wanted one, its kin, the present one.
local function allow_distance(wanted)
  local bits = get_sd_over_modes and get_sd_over_modes() or 0
  if bits == 0 or not get_mode() then
    error('focus override not available', 0)
  end
  local able = { AF = bitand(bits, 1) ~= 0, AFL = bitand(bits, 2) ~= 0, MF = bitand(bits, 4) ~= 0 }
  local kin = { AFL = 'MF', MF = 'AFL' }
  local now = focus_mode()
  wanted = wanted or now
  for _, mode in ipairs({ wanted, kin[wanted] or now, now, 'AF', 'AFL', 'MF' }) do
    if able[mode] then
      change_focus_mode(mode)
      return
    end
  end
end

-- Tell the next shot its exposure. CHDK forgets what it was told with each shot that it takes.
function rlib_shoot_light(opts)
  if opts.tv then
    set_tv96_direct(opts.tv)
  end
  if opts.sv then
    set_sv96(opts.sv)
  end
  if opts.svm then
    if not sv96_market_to_real then
      error('svm not supported', 0)
    end
    set_sv96(sv96_market_to_real(opts.svm))
  end
  if opts.av then
    set_av96_direct(opts.av)
  end
  if opts.nd then
    set_nd_filter(opts.nd)
  end
end

function rlib_shoot_init_exp(opts)
  rlib_shoot_light(opts)
  if opts.isomode then
    set_iso_mode(opts.isomode)
  end
  if opts.sd then
    if not opts.sdnoenable then
      allow_distance(opts.sdprefmode)
    end
    set_focus(opts.sd)
  end
end
