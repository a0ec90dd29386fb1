-- one line
-- print whose lines the host gets, too. It never waits: a line that finds the queue of messages full
-- is lost for the host, which the numbers of the others show (chdk/prints.py).
local native, write, sleep, concat = print, write_usb_msg, sleep, table.concat
local tostring, select = tostring, select
local PRINTED, IN_ALL = '\0chdkshell: printed ', '\0chdkshell: printed in all '
local count = 0

function print(...)
  native(...)
  local words = {}
  for at = 1, select('#', ...) do
    words[at] = tostring((select(at, ...)))
  end
  count = count + 1
  write(PRINTED .. count .. ' ' .. concat(words, ' '))
end

-- Tell how many lines there were, once there is room, and return the arguments. They are not
-- returned before the host had time to make room for them, too.
function chdkshell_printed(...)
  if count > 0 and not write(IN_ALL .. count) then
    write(IN_ALL .. count, 5000)
    sleep(100)
  end
  return ...
end
