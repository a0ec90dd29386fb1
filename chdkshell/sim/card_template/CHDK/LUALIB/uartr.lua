-- What the firmware prints on its serial line, in a file: require'uartr'
-- Wants a DryOS camera, and native calls switched on.
local uartr = {}

local REQUEST = 'A/UARTR.REQ' -- the firmware redirects nothing without this file
local ready = false

local function make_ready()
  if ready then return end
  if call_event_proc('System.Create') == -1 then error('this camera cannot redirect', 3) end
  if not os.stat(REQUEST) then
    local file = assert(io.open(REQUEST, 'wb'))
    file:write(string.char(0x77, 0x21, 0xCE, 0x82))
    file:close()
  end
  ready = true
end

-- Begin to write to `name`, after what the file has unless `replace` is true. Without a name the
-- camera finds one.
function uartr.start(name, replace, buffer_size)
  make_ready()
  local named = type(name) == 'string'
  if named and replace then os.remove(name) end
  call_event_proc('StartRedirectUART', buffer_size or 0, named and name or 0)
  sleep(10)
  call_event_proc('Printf', 'uartr: start\n')
end

function uartr.stop()
  make_ready()
  call_event_proc('Printf', 'uartr: stop\n')
  call_event_proc('StopRedirectUART')
end

return uartr
