-- needs: host
-- Messages and waits of a script that ends when its host is gone.
local read, ticks, hear_sign, host_time_left = read_usb_msg, get_tick_count, hear_sign, host_time_left

-- As CHDK's own, but past the signs of life, and no longer than the host is there.
function read_usb_msg(timeout)
  local stop = ticks() + (timeout == -1 and 86400000 or timeout or 0)
  while true do
    local left = host_time_left(stop - ticks())
    local message
    if left > 0 then
      message = read(left)
    else
      message = read()
    end
    if not message then
      if left <= 0 then
        return nil
      end
    elseif not hear_sign(message) then
      return message
    end
  end
end

-- sleep that ends when the host is gone.
function sleep_with_host(time)
  local stop = ticks() + time
  repeat
    read_usb_msg(stop - ticks())
  until ticks() >= stop or host_is_gone()
end
