-- Whether the host is still there: it says so in messages that begin with SIGN, each with the ms for
-- which it may be silent from then on; 0 has the script end, which it answers (chdk/lifesigns.py).
-- A script that hears them ends when the host is gone, and begins no exposure any more. Signs may
-- have come while it did not read: whether the host is gone is known once there is none to read.
local SIGN, ANSWER, TIMEOUT = '\0chdkshell: alive ', '\0chdkshell: ends', 12000
local read, write, ticks = read_usb_msg, write_usb_msg, get_tick_count
local sub, tonumber = string.sub, tonumber
local last = ticks() + TIMEOUT

-- Give the host its time anew: it did not have to say anything until now.
function expect_host()
  last = ticks() + TIMEOUT
end

-- Returns the ms until the host is gone, at most `limit`; 0 where it is.
function host_time_left(limit)
  local left = last - ticks()
  return left < 0 and 0 or left > limit and limit or left
end

function host_is_gone()
  return ticks() >= last
end

-- Returns whether a message is a sign of life, and whether it has the script end.
function hear_sign(message)
  if sub(message, 1, #SIGN) ~= SIGN then
    return false, false
  end
  local timeout = tonumber(sub(message, #SIGN + 1)) or TIMEOUT
  last = ticks() + timeout
  if timeout == 0 then
    write(ANSWER)
  end
  return true, timeout == 0
end

-- Send a message in a script that takes none: as long as the host is there it may take its time to
-- read those before. Returns false where it is gone.
function send_to_host(value)
  -- with a time limit the firmware takes a tick of 10 ms even where the queue has room
  local sent = write(value)
  while not sent do
    sent = write(value, 200)
    local message = read()
    while message do
      hear_sign(message)
      message = read()
    end
    if not sent and host_is_gone() then
      return false
    end
  end
  return true
end
