-- needs: exposure, dummy, host_messages
-- Take the shots of a remote capture while the host fetches them.
-- Options: those of exposure.lua, shots, int (ms), cont, quick, filedummy, and on_request: one shot
-- for each message 'shoot' of the host, until 'quit'. All of them end when the host is gone.

local function leave_dummy(opts)
  if opts.filedummy then
    write_dummies()
  end
end

-- The key stays down: the next shot may begin any time.
local function after_shot(opts)
  expose_again(opts)
  leave_dummy(opts)
end

local stopped, wanted = false, 0

-- Hear the host for `wait` ms, or until it says a word. Returns whether to stop.
local function told_to_stop(wait)
  local message = read_usb_msg(wait)
  if message == 'shoot' then
    wanted = wanted + 1
  elseif message == 'quit' or message == 'stop' then
    stopped = true
  end
  return stopped or (not message and host_is_gone())
end

-- Returns false where the host stops it before the camera is ready.
local function half_press()
  press('shoot_half')
  repeat
    if told_to_stop(10) then
      release('shoot_half')
      return false
    end
  until get_shooting()
  sleep(20)
  return true
end

local function capture_ended()
  return get_usb_capture_target and get_usb_capture_target() == 0
end

-- What shoot() does, but it hears the host meanwhile. Returns false where that is to stop.
local function take_shot()
  if not half_press() then
    return false
  end
  local count = get_exp_count()
  click('shoot_full_only')
  while get_exp_count() == count and not capture_ended() do
    if told_to_stop(10) then
      release('shoot_half')
      return false
    end
  end
  release('shoot_half')
  while get_shooting() do
    if told_to_stop(10) then
      return false
    end
  end
  return true
end

local function shoot_full(opts)
  local due = get_tick_count()
  for shot = 1, opts.shots do
    expose(opts)
    if not take_shot() then
      return
    end
    leave_dummy(opts)
    due = due + opts.int
    local wait = due - get_tick_count()
    if shot < opts.shots and told_to_stop(wait > 0 and wait or 0) then
      return
    end
  end
end

local function shoot_on_request(opts)
  while true do
    while wanted == 0 do
      if told_to_stop(10000) then
        return
      end
    end
    wanted = wanted - 1
    expose(opts)
    if not take_shot() then
      return
    end
    leave_dummy(opts)
  end
end

-- Wait until the counter of shots moves on from `count`. `look` is called meanwhile.
local function counted(count, look)
  while get_exp_count() == count do
    look()
    if told_to_stop(10) then
      return false
    end
    if capture_ended() then
      return false
    end
  end
  return true
end

-- Returns a function that lets `key` go once `shots` more shots have passed hook_shoot: from there
-- on the camera would begin another.
local function let_go_after(shots, key)
  if type(hook_shoot) ~= 'table' then
    return function() end
  end
  local last = hook_shoot.count() + shots
  return function()
    if last and hook_shoot.count() >= last then
      release(key)
      last = nil
    end
  end
end

-- Return how many shots lie between two values of the counter, which goes from 9999 to 1.
local function shots_between(before, now)
  return now > before and now - before or now - before + 9999
end

local function shoot_cont(opts)
  local count, taken = get_exp_count(), 0
  local look = let_go_after(opts.shots, 'shoot_full')
  press('shoot_full')
  -- A script that was held up may find that the counter has moved on by more than one.
  while taken < opts.shots and counted(count, look) do
    local now = get_exp_count()
    taken = taken + shots_between(count, now)
    count = now
    after_shot(opts)
  end
  release('shoot_full')
end

local function hook_reached()
  while not hook_shoot.is_ready() do
    if told_to_stop(10) then
      return false
    end
  end
  return true
end

local function shoot_cont_hook(opts)
  hook_shoot.set(opts.int + 10000)
  local due
  press('shoot_full')
  for shot = 1, opts.shots do
    local count = get_exp_count()
    if not hook_reached() then
      break
    end
    if shot == opts.shots then
      release('shoot_full')
    end
    due = (due or get_tick_count() - opts.int) + opts.int
    local wait = due - get_tick_count()
    if wait > 0 and told_to_stop(wait) then
      break
    end
    expose_again(opts) -- for certain: the camera may have been here before after_shot
    hook_shoot.continue()
    if not counted(count, function() end) then
      break
    end
    after_shot(opts)
  end
  hook_shoot.set(0)
  hook_shoot.continue()
  release('shoot_full')
end

local function shoot_quick(opts)
  local due = get_tick_count()
  for shot = 1, opts.shots do
    local count = get_exp_count()
    local look = let_go_after(1, 'shoot_full_only')
    press('shoot_full_only')
    local ok = counted(count, look)
    release('shoot_full_only')
    if not ok then
      break
    end
    after_shot(opts)
    due = due + opts.int
    local wait = due - get_tick_count()
    if shot < opts.shots and wait > 0 and told_to_stop(wait) then
      break
    end
  end
end

function rs_shoot(opts)
  opts.int = opts.int or 0
  opts.shots = opts.shots or 1
  if opts.on_request then
    return shoot_on_request(opts)
  elseif not (opts.cont or opts.quick) then
    return shoot_full(opts)
  end
  expose(opts)
  if not half_press() then
    return
  end
  if opts.quick then
    shoot_quick(opts)
  elseif opts.int > 0 then
    shoot_cont_hook(opts)
  else
    shoot_cont(opts)
  end
  release('shoot_half')
end
