-- needs: host
-- The time of the tick count, for the host and for this script.
local read, write, ticks, hear_sign = read_usb_msg, write_usb_msg, get_tick_count, hear_sign
local BUSY, REST, CHUNK, LONG = 30, 10, 60, 250

-- A loop that does nothing: what takes less time than a tick.
function spin(turns)
  for _ = 1, turns do
  end
end

-- Run a function without making way for the camera's other tasks.
function without_yield(run, ...)
  local count, ms = set_yield(-1, -1)
  local result = run(...)
  set_yield(count, ms)
  return result
end

local function tick_edge()
  local before, now = ticks(), nil
  repeat
    now = ticks()
  until now ~= before
  return now
end

-- Returns the turns of `spin` in a second.
local function turns_of_spin()
  local turns = 0
  local start = tick_edge()
  local stop = start + 50
  repeat
    spin(LONG)
    turns = turns + LONG
  until ticks() >= stop
  return turns * 1000 / (ticks() - start)
end

-- Messages are looked for all the time, so that they are met at any moment of a tick: a script that
-- waits for one gets it as a tick begins. Every few ticks the camera's other tasks get their turn.
local function tell_while_busy()
  local stop = ticks() + BUSY
  repeat
    local message = read()
    if message == 't' then
      write(ticks())
    elseif message and not hear_sign(message) then
      return message
    end
    spin(CHUNK)
  until ticks() >= stop
end

-- Answer each message `t` with the tick count, and `c` with the turns of `spin` in a second, until
-- another one comes, which is returned, or the host is gone.
function tell_ticks()
  local message
  repeat
    message = without_yield(tell_while_busy)
    if message == 'c' then
      message = nil
      write(without_yield(turns_of_spin))
    end
    sleep(REST)
  until message or host_is_gone()
  return message
end
