-- The program's command line.
local own = require 'chdkshell.own'

local cli = {last_status = true, finished = false}

-- Runs a line; returns whether it succeeded, and what it gave or why it failed.
function cli:execute(line)
  local status, text = own.command(line)
  self.last_status = status
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
