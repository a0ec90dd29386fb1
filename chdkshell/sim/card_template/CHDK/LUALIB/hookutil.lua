-- Waiting for the hooks in shooting: require'hookutil'
-- hook_preshoot, hook_shoot and hook_raw get wait_ready(options), with these in the options' place:
-- timeout in ms; timeout_error: it is an error when that is over, else false is returned. For the
-- raw hook the exposure comes on top, where raw_adj_tv or raw_adj_dfs says so, and with raw_adj_dfs
-- that of a dark frame, too.
local hookutil = {
  wait_ready_defaults = {
    timeout = 10000, timeout_error = true, raw_adj_tv = true, raw_adj_dfs = true,
  },
}

local ONE_SECOND = 1000
local NOISE_REDUCTION_AUTO, NOISE_REDUCTION_ON = 0, 2

-- How many ms the exposure adds to the wait for the raw hook.
function hookutil.raw_timeout_tv_adjust(options)
  if not (options.raw_adj_tv or options.raw_adj_dfs) then return 0 end
  local exposure, reduction = tv96_to_usec(get_tv96()) / 1000, get_raw_nr()
  local dark_frame = reduction == NOISE_REDUCTION_ON
    or reduction == NOISE_REDUCTION_AUTO and exposure >= ONE_SECOND
  return options.raw_adj_dfs and dark_frame and 2 * exposure or exposure
end

local function waiter(name, hook)
  return function(options)
    options = options or {}
    for key, value in pairs(hookutil.wait_ready_defaults) do
      if options[key] == nil then options[key] = value end
    end
    local limit = get_tick_count() + options.timeout
    if name == 'hook_raw' then limit = limit + hookutil.raw_timeout_tv_adjust(options) end
    while not hook.is_ready() do
      if get_tick_count() > limit then
        if options.timeout_error then error(name .. ' wait_ready timeout', 2) end
        hook.set(0) -- it may have been reached since
        return false
      end
      sleep(10)
    end
    return true
  end
end

for _, name in ipairs({ 'hook_preshoot', 'hook_shoot', 'hook_raw' }) do
  _G[name].wait_ready = waiter(name, _G[name])
end

return hookutil
