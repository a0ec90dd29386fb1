-- needs: exposure, dummy, host_messages
-- Take shots of a remote capture at the host's word, half pressed all the while.
-- Messages: s (shoot), l (shoot and end), q (end), exec CODE, pcall CODE.
-- Options: those of exposure.lua, cont, filedummy, idle (ms that may pass without a message).
-- Returns true, or false and why not.
local GONE = 'host-gone'

local function answer_with(first, ...)
  for i = first, select('#', ...) do
    local value = select(i, ...)
    write_usb_msg(value == nil and 'nil' or value, 1000)
  end
end

local function run(command, code)
  local chunk, problem = loadstring(code)
  if not chunk then
    answer_with(1, problem)
  elseif command == 'exec' then
    answer_with(1, chunk())
  else
    answer_with(1, pcall(chunk))
  end
  write_usb_msg(nil, 1000) -- that was all
  expect_host()
end

local function handle(message)
  local command, code = string.match(message, '^(%w+)%s*(.*)$')
  if command == 'exec' or command == 'pcall' then
    run(command, code)
    return nil
  elseif command == 's' or command == 'l' or command == 'q' then
    return command
  end
  write_usb_msg('unknown command ' .. tostring(command or message), 1000)
end

local function capture_ended()
  return get_usb_capture_target and get_usb_capture_target() == 0
end

local function get_ready()
  local last = get_tick_count() + 5000
  press('shoot_half')
  while not get_shooting() do
    if get_tick_count() > last then
      return false
    end
    sleep(10)
  end
  return true
end

-- Once the number of a shot is there, write its dummy and get ready for the next. `count` is the
-- number before it.
local function note_shot(opts, count)
  local last = get_tick_count() + 5000
  while get_exp_count() == count and get_tick_count() < last do
    sleep(10)
  end
  expose_again(opts)
  if opts.filedummy then
    write_dummies()
  end
end

local function single(opts)
  local last = get_tick_count() + opts.idle
  while true do
    local message = read_usb_msg(10)
    local command = message and handle(message)
    if message then
      last = get_tick_count() + opts.idle
    end
    if command == 's' or command == 'l' then
      local count = get_exp_count()
      click('shoot_full_only')
      note_shot(opts, count)
    end
    if command == 'l' or command == 'q' then
      return true
    elseif capture_ended() then
      return false, 'capture-cancelled'
    elseif not message and host_is_gone() then
      return false, GONE
    elseif get_tick_count() > last then
      return false, 'no-command'
    end
  end
end

-- In continuous mode the camera waits in hook_shoot before each shot.
local function continuous(opts)
  hook_shoot.set(opts.idle)
  press('shoot_full')
  local wanted, command, seen, passed
  local ok, why = true, nil
  while ok and not (command == 'l' and not wanted) do
    local message = read_usb_msg(10)
    local got = message and handle(message)
    if got == 's' or got == 'l' then
      command, wanted = got, true
    elseif got == 'q' then
      break
    end
    if not message and host_is_gone() then
      ok, why = false, GONE
    elseif hook_shoot.is_ready() then
      seen, passed = hook_shoot.count(), false
      if wanted then
        if command == 'l' then
          release('shoot_full')
        end
        local count = get_exp_count()
        wanted = false
        expose_again(opts) -- for certain: the camera may have been here before note_shot
        hook_shoot.continue()
        note_shot(opts, count)
      end
    elseif capture_ended() then
      ok, why = false, 'capture-cancelled'
    elseif seen and hook_shoot.count() > seen then
      -- once may be the moment in which the shot reaches the hook
      ok, why = not passed, 'no-command'
      passed = true
    end
  end
  hook_shoot.set(0)
  release('shoot_full')
  -- A shot that the key has begun cannot be called off: its capture can.
  if command ~= 'l' then
    init_usb_capture(0)
  end
  hook_shoot.continue()
  return ok, why
end

function rsint_run(opts)
  expose(opts)
  if not get_ready() then
    return false, 'half-press'
  end
  local ok, why
  if opts.cont then
    ok, why = continuous(opts)
  else
    ok, why = single(opts)
  end
  release('shoot_half')
  return ok, why
end
