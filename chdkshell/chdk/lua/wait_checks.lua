-- one line
-- By the names of functions that wait: what fails as they do for wrong arguments, and does nothing
-- else. Those that take the place of the camera's own check arguments by them.
local error, select, type, tonumber, format = error, select, type, tonumber, string.format

local function numbers(...)
  for at = 1, select('#', ...) do
    local value = select(at, ...)
    if value ~= nil and not tonumber(value) then
      error(format("bad argument #%d to '?' (number expected, got %s)", at, type(value)), 0)
    end
  end
end

local function a_number(...)
  if select('#', ...) == 0 or (...) == nil then
    error("bad argument #1 to '?' (number expected, got no value)", 0)
  end
  numbers(...)
end

local function message(...)
  local value, timeout = ...
  if select('#', ...) == 0 then
    error('missing argument', 0)
  elseif type(value) == 'table' then
    usb_msg_table_to_string(value)
  elseif type(value) == 'function' or type(value) == 'userdata' then
    error('unsupported type', 0)
  end
  numbers(timeout)
end

local function texts(...)
  for at = 1, select('#', ...) do
    local kind = type((select(at, ...)))
    if kind ~= 'string' and kind ~= 'number' and kind ~= 'nil' then
      error(format("bad argument #%d to '?' (string expected, got %s)", at, kind), 0)
    end
  end
end

chdkshell_checks = {
  press = is_pressed,
  release = is_pressed,
  click = is_pressed,
  shoot = numbers,
  wait_click = numbers,
  md_detect_motion = numbers,
  file_browser = texts,
  textbox = texts,
  sleep = a_number,
  read_usb_msg = numbers,
  write_usb_msg = message,
}
