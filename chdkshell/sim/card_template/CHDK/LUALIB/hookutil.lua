-- Waiting for the hooks in shooting: hook_preshoot, hook_shoot and hook_raw get wait_ready.
local function add_wait(name, hook)
  -- Waits until the hook is reached; returns whether it was. opts: timeout and poll in ms, and
  -- timeout_error: false returns false where it was not, all else is an error then.
  function hook.wait_ready(opts)
    opts = opts or {}
    local limit = get_tick_count() + (opts.timeout or 10000)
    while not hook.is_ready() do
      if get_tick_count() >= limit then
        if opts.timeout_error == false then return false end
        error(name .. ' timeout', 2)
      end
      sleep(opts.poll or 10)
    end
    return true
  end
end

for _, name in ipairs{'hook_preshoot', 'hook_shoot', 'hook_raw'} do
  if type(_G[name]) == 'table' then add_wait(name, _G[name]) end
end

return true
