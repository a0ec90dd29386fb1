-- The program's command line.
local own = require 'chdkshell.own'

local cli = {last_status = true, finished = false}

-- Commands may connect another camera.
local function follow_current()
  local place = own.current()
  local now = place and chdku.connection(place)
  if now and (not con or now._con ~= con._con) then
    now:update_connection_info()
    con = now
  end
end

-- Runs a line on the camera of `con`; returns whether it succeeded, and what it gave or why it failed.
function cli:execute(line)
  local status, text = own.command(line, con and con._con)
  self.last_status = status
  follow_current()
  return status, text
end

-- Prints what `execute` returned, and returns it.
function cli:print_status(status, text)
  text = text or ''
  if text ~= '' then
    if text:sub(-1) ~= '\n' then
      text = text .. '\n'
    end
    if status then
      io.stdout:write(text)
    else
      io.stderr:write('ERROR: ' .. text)
    end
  end
  return status, text
end

function cli.infomsg(...)
  if prefs.cli_verbose > 0 then
    util.printf(...)
  end
end

function cli.dbgmsg(...)
  if prefs.cli_verbose > 1 then
    util.printf(...)
  end
end

return cli
