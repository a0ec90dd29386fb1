-- Methods of connections for the camera's screen.
local methods = {}

local live_methods = {}

function live_methods:get_frame()
  return self._frame
end

-- Fetches a frame into con.live._frame; `what` is a sum of chdku.live_what.
function methods:live_get_frame(what)
  local live = self.live
  live._frame = self:get_live_data(live._frame, what)
  return live._frame
end

-- What `lvdump` writes: a head, and frames with their lengths before them (32 bits, little-endian).
local DUMP_HEAD = {magic = 'chlv', version = {1, 0}}

local function words_of(...)
  local made = lbuf.new(4 * select('#', ...))
  made:set_u32(0, ...)
  return made:string()
end

-- Opens a file to write frames to; named by date and time where no name is given.
function methods:live_dump_start(name)
  if not self:live_is_api_compatible() then
    error('incompatible api', 2)
  end
  local live = self.live
  if live.dump_fh then
    self:live_dump_end()
  end
  name = name or string.format('chdk_%x_%s.lvdump', self.condev.product_id or 0, os.date('%Y%m%d_%H%M%S'))
  local head = DUMP_HEAD.magic .. words_of(8, unpack(DUMP_HEAD.version))
  live.dump_fh = fsutil.open_e(name, 'wb')
  live.dump_fh:write(head)
  live.dump_fn, live.dump_size = name, #head
  return true
end

-- Writes the frame that was fetched last.
function methods:live_dump_frame()
  local live = self.live
  if not live.dump_fh then
    error('not dumping', 2)
  elseif not live._frame then
    error('no frame', 2)
  end
  live.dump_fh:write(words_of(live._frame:len()))
  live._frame:fwrite(live.dump_fh)
  live.dump_size = live.dump_size + 4 + live._frame:len()
  return true
end

function methods:live_dump_end()
  local file = self.live.dump_fh
  self.live.dump_fh = nil
  return not file or file:close()
end

local LIVE_VIEW_SINCE = {MAJOR = 2, MINOR = 3}

function methods:live_is_api_compatible()
  local since = LIVE_VIEW_SINCE
  return self:is_ver_compatible(since.MAJOR, since.MINOR)
end

local liveview = {methods = methods}

-- What a connection keeps of its screen.
function liveview.new()
  return setmetatable({}, {__index = live_methods})
end

return liveview
