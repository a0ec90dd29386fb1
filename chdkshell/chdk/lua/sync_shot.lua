-- needs: tick_clock, exposure, host_messages
-- One shot at a tick that the host names, and never without the host's last word.
-- Messages: `clock` (tell_ticks, until another message comes), `at TICK TURNS` (when the shot is due,
-- and the turns of `spin` after that tick), `go` (fire then), `off` (do not fire).
-- Answers: `ready COUNT`, `set`, `go on`, `go late`, `fired TICK`, `counted COUNT`.
-- Options: those of exposure.lua; card (the shot goes there); edge (it waits for the USB line); shot_ms
-- (how long it may take).
local HALF_PRESS_MS, WAKE_MS, CALLED_OFF = 5000, 10, 'called off'
local due, turns, may_fire, is_off

local function hear(message)
  if message == 'clock' then
    message = tell_ticks()
  end
  if message == 'off' then
    is_off = true
  elseif message == 'go' then
    may_fire = due ~= nil and get_tick_count() < due - WAKE_MS
    write_usb_msg(may_fire and 'go on' or 'go late')
  elseif message then
    local tick, rest = string.match(message, '^at (-?%d+) (%d+)$')
    if tick then
      due, turns = tonumber(tick), tonumber(rest)
      write_usb_msg('set')
    end
  end
end

-- Returns whether the shot was called off.
local function listen(ms)
  local message = read_usb_msg(ms)
  hear(message)
  is_off = is_off or (not message and host_is_gone())
  return is_off
end

local function half_press()
  press('shoot_half')
  local stop = get_tick_count() + HALF_PRESS_MS
  repeat
    if listen(10) then
      return CALLED_OFF
    elseif get_tick_count() > stop then
      return false, 'half-press'
    end
  until get_shooting()
end

-- Returns false where the shot is not to be.
local function await_due()
  while not (may_fire and due - get_tick_count() <= WAKE_MS) do
    local left = may_fire and due - get_tick_count() - WAKE_MS or 1000
    if listen(left > 0 and left or 0) then
      return false
    end
  end
  return true
end

-- The key goes down `turns` of an empty loop after the tick has come. Returns the tick count then.
local function fire()
  local ticks, due, turns = get_tick_count, due, turns
  while ticks() < due do
  end
  spin(turns)
  local fired = ticks()
  press('shoot_full_only')
  return fired
end

-- Wait until the shot is counted. Returns false where it is not in time.
local function counted(before, ms)
  local stop = get_tick_count() + ms
  while get_exp_count() == before do
    if get_tick_count() > stop then
      return false
    end
    read_usb_msg(10)
  end
  return true
end

local function take(opts)
  expose(opts)
  local ended, why = half_press()
  if ended ~= nil then
    return ended, why
  end
  local before = get_exp_count()
  write_usb_msg('ready ' .. before)
  if not await_due() then
    return CALLED_OFF
  end
  if opts.edge then
    usb_force_active(true) -- put_back of settings.lua ends both
    usb_sync_wait(true)
  end
  local fired = without_yield(fire)
  write_usb_msg('fired ' .. fired)
  local taken = counted(before, opts.shot_ms)
  release('shoot_full_only')
  if not taken then
    return false, 'shot-not-ready'
  end
  write_usb_msg('counted ' .. get_exp_count())
  return true
end

-- Returns true, `called off`, or false and why there was no shot.
function sync_shot(opts)
  if not get_mode() then
    return false, 'not-recording'
  elseif opts.card and get_jpg_count and get_jpg_count() < 1 then
    return false, 'card-full'
  elseif opts.edge and not (usb_sync_wait and usb_force_active) then
    return false, 'no-edge'
  end
  local result, why = take(opts)
  release('shoot_half')
  return result, why
end
