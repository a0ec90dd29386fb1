-- needs: restore, wait_checks
-- one line
-- Ends a script where it waits or prints, once the host asks for it. Its own `restore` is called
-- before, as when a person ends it with the shutter button.
local INTERRUPT, FOREVER = '\0chdkshell: interrupt', 86400000
local read, ticks, max, remove = read_usb_msg, get_tick_count, math.max, table.remove
local error, pcall, gsub, default, checks = error, pcall, string.gsub, restore, chdkshell_checks
local letters, is_ending = {}, false

local function hear(message)
  if message == INTERRUPT and not is_ending then
    is_ending = true
    if restore and restore ~= default then
      restore()
    end
  elseif message then
    letters[#letters + 1] = message
  end
  if is_ending then
    error(INTERRUPT, 0)
  end
end

local function hear_until(stop, enough)
  repeat
    hear(read(max(stop - ticks(), 1)))
  until ticks() >= stop or (enough and letters[1])
end

local function end_of(time)
  return ticks() + (time == -1 and FOREVER or time)
end

local function hearing(name, wait)
  local check = checks[name]
  return function(...)
    local ok, problem = pcall(check, ...)
    if not ok then
      error((gsub(problem, "'%?'", "'" .. name .. "'")), 2)
    end
    hear(read())
    return wait(...)
  end
end

local print_line, write = print, write_usb_msg
local waits = {
  sleep = function(time)
    hear_until(end_of(time))
  end,
  read_usb_msg = function(timeout)
    if not letters[1] and timeout and timeout ~= 0 then
      hear_until(end_of(timeout), true)
    end
    local letter = letters[1]
    remove(letters, 1)
    return letter
  end,
  write_usb_msg = write,
}
for name in pairs(checks) do
  _G[name] = _G[name] and hearing(name, waits[name] or _G[name])
end

function print(...)
  if not is_ending then
    hear(read())
  end
  print_line(...)
end
