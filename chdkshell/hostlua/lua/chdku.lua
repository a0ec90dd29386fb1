-- Cameras: connections with the methods that Lua programs call most.
local own = require 'chdkshell.own'
local liveview = require 'liveview'

local chdku = {rlibs = {}, default_libs = {}}

local version = chdk.program_version()
local api = chdk.host_api_version()
chdku.ver = {
  MAJOR = version.MAJOR, MINOR = version.MINOR, BUILD = version.BUILD, DESC = version.DESC,
  FULL_STR = string.format('%d.%d.%d %s', version.MAJOR, version.MINOR, version.BUILD, version.DESC),
}
chdku.apiver = api
chdku.live_what = {viewport = 1, bitmap = 4, palette = 8, opacity = 16}

function chdku.sleep(ms)
  sys.sleep(ms)
end

local con_methods = {}

for name, method in pairs(liveview.methods) do
  con_methods[name] = method
end

-- A connection has the methods here, those of the C layer, and each as NAME_pcall.
local con_meta = {}

local function failing(method)
  return function(...)
    return pcall(method, ...)
  end
end

function con_meta.__index(con, name)
  local method = con_methods[name]
  if method == nil then
    local core = chdk_connection[name]
    if core then
      method = function(self, ...)
        return core(self._con, ...)
      end
    end
  end
  if method == nil and type(name) == 'string' and name:find('_pcall$') then
    local plain = con[name:sub(1, -7)]
    method = plain and failing(plain)
  end
  if method == nil then
    own.note_lack(name)
  else
    con_methods[name] = method
  end
  return method
end

-- What a caller asks for, with defaults for the rest.
local function completed(defaults, asked)
  return util.extend_table(defaults, asked)
end

local PROBLEMS = {
  nomsg = 'read_msg_strict no message',
  bad_script_id = 'msg from unexpected script id',
  wrongmsg_error = 'unexpected error: ',
  wrongmsg = 'unexpected msg type: ',
  wrongmsg_sub = 'wrong message subtype: ',
  unserialize = 'unserialize error',
  timeout = 'wait_msg timed out',
}

local function refuse(etype, detail)
  errlib.throw({etype = etype, msg = PROBLEMS[etype] .. (detail or '')}, 3)
end

-- ---- connecting ----

function con_methods:update_connection_info()
  for field, question in pairs{condev = 'get_con_devinfo', ptpdev = 'get_ptp_devinfo'} do
    self[field] = chdk_connection[question](self._con)
  end
  local ok, major, minor = pcall(chdk_connection.camera_api_version, self._con)
  if not ok and major.ptp_rc ~= ptp.RC_OperationNotSupported then
    error(major, 0)
  end
  self.apiver = ok and {MAJOR = major, MINOR = minor} or {MAJOR = -1, MINOR = -1}
end

function con_methods:connect(opts)
  chdk_connection.connect(self._con)
  if not (opts and opts.raw) then
    self:update_connection_info()
  end
end

local function same_camera(a, b)
  return a.model == b.model and a.serial_number == b.serial_number
end

-- opts: wait (ms before it connects), strict (another camera is an error; true if not said)
function con_methods:reconnect(asked)
  local way = completed({strict = true, wait = 2500}, asked)
  local before = self.ptpdev
  if self:is_connected() then
    self:disconnect()
  end
  chdku.sleep(way.wait)
  self:connect()
  if before == nil or same_camera(before, self.ptpdev) then
    return
  end
  local problem = 'reconnected to a different device'
  if not way.strict then
    util.warnf(problem .. '\n')
    return
  end
  self:disconnect()
  error(problem, 2)
end

function con_methods:is_ver_compatible(major, minor)
  return self.apiver ~= nil and self.apiver.MAJOR == major and self.apiver.MINOR >= minor
end

-- match: model, serial_number (Lua patterns), plain
function con_methods:match_ptp_info(match)
  local info = self.ptpdev
  local function fits(text, pattern)
    return not pattern or (text or ''):find(pattern, 1, match.plain) ~= nil
  end
  return fits(info.model, match.model) and fits(info.serial_number, match.serial_number)
end

-- ---- scripts ----

local function give(target, value, data)
  if type(target) == 'function' then
    target(value, data)
  else
    table.insert(target, value)
  end
end

local function take(self, opts, messages, count, ...)
  for i = 1, #messages do
    if opts.msgs then
      give(opts.msgs, messages[i], opts.fdata)
    end
  end
  if not opts.rets then
    return ...
  end
  for i = 1, count do
    local value = (select(i, ...))
    give(opts.rets, {type = 'return', subtype = type(value), value = value, script_id = self:get_script_id()},
      opts.fdata)
  end
end

local function require_known(libs)
  for _, name in ipairs(type(libs) == 'table' and libs or {libs}) do
    if name ~= 'serialize_msgs' and name ~= 'serialize' then
      errlib.throw({etype = 'bad_arg', msg = "unknown rlib '" .. tostring(name)
        .. "': it comes with chdkptp's own Lua files (CHDKPTP_LUA)"}, 4)
    end
  end
end

-- opts: wait, libs, clobber (end a script that runs), flush_cam_msgs, msgs, rets, fdata
function con_methods:exec(code, opts)
  opts = opts or {}
  if opts.libs then
    require_known(opts.libs)
  end
  if opts.wait then
    return take(self, opts, own.call(self._con, code, opts))
  end
  own.start(self._con, code, opts)
end

function con_methods:execwait(code, opts)
  return self:exec(code, completed({wait = true}, opts))
end

-- Calls a function of the camera with values of this computer's Lua.
function con_methods:call_remote(name, opts, ...)
  local words = {}
  for i = 1, select('#', ...) do
    words[i] = util.serialize((select(i, ...)), {pretty = false})
  end
  return self:execwait('return ' .. name .. '(' .. table.concat(words, ',') .. ')', opts)
end

-- Waits until the script's state is as opts say: run, msg (true or false), timeout, poll (ms).
function con_methods:wait_status(opts)
  opts = completed({timeout = 86400000, poll = 250, pollstart = 4}, opts)
  local pause = opts.pollstart or opts.poll
  local start = sys.gettick()
  sys.sleep(opts.initwait or 0)
  while true do
    local now = self:script_status()
    if opts.rsdata then
      now.rsdata, now.rsimgnum = self:capture_ready()
    end
    local is_there = opts.run == nil and opts.msg == nil and not opts.rsdata
      or opts.run ~= nil and now.run == opts.run
      or opts.msg ~= nil and now.msg == opts.msg
      or opts.rsdata and now.rsdata ~= 0
    local left = opts.timeout - (sys.gettick() - start) * 1000
    if is_there or left <= 0 then
      now.timeout = not is_there or nil
      return now
    end
    sys.sleep(math.min(pause, left))
    pause = math.min(pause * 2, opts.poll)
  end
end

-- opts: mtype, msubtype, munserialize (return the value of a table)
function con_methods:read_msg_strict(opts)
  opts = opts or {}
  local message = self:read_msg()
  if message.type == 'none' then
    refuse('nomsg')
  elseif message.script_id ~= self:get_script_id() then
    refuse('bad_script_id')
  elseif opts.mtype and message.type == 'error' and opts.mtype ~= 'error' then
    refuse('wrongmsg_error', message.value)
  elseif opts.mtype and message.type ~= opts.mtype then
    refuse('wrongmsg', message.type)
  elseif opts.msubtype and message.subtype ~= opts.msubtype then
    refuse('wrongmsg_sub', message.subtype)
  end
  if not opts.munserialize then
    return message
  end
  local value = util.unserialize(message.value)
  if opts.msubtype and type(value) ~= opts.msubtype then
    refuse('unserialize')
  end
  return value
end

-- Waits for one message and returns it. What may be asked is what waiting and reading take.
function con_methods:wait_msg(asked)
  local way = completed({}, asked)
  way.run, way.msg = nil, true
  if self:wait_status(way).timeout then
    refuse('timeout')
  end
  return self:read_msg_strict(way)
end

-- opts: user, error, ['return'], default: a table that takes the messages, or a function that may
-- return false to end it
function con_methods:read_all_msgs(opts)
  while true do
    local message = self:read_msg()
    if message.type == 'none' then
      return true
    end
    local target = opts and (opts[message.type] or opts.default)
    if type(target) == 'function' then
      local ok, problem = target(message, opts)
      if ok == false then
        return false, problem
      end
    elseif target then
      table.insert(target, message)
    end
  end
end

function con_methods:flushmsgs()
  self:read_all_msgs()
end

-- ---- the card ----

-- The camera's own, with their arguments and results.
for _, name in ipairs{'stat', 'utime', 'mkdir', 'remove', 'rename'} do
  con_methods[name] = function(self, ...)
    return self:call_remote('os.' .. name, nil, ...)
  end
end

function con_methods:mkdir_m(path)
  own.mkdir_m(self._con, path)
  return true
end

local LIST = [[
local path,stat,all,dirsonly=...
local names,why=os.listdir(path,all)
if not names then return false,why end
local found={}
for _,name in ipairs(names) do
 local st=(stat or dirsonly) and os.stat((path:sub(-1)=='/' and path or path..'/')..name)
 if not dirsonly or st and st.is_dir then
  local item=name
  if stat=='/' then item=st and st.is_dir and name..'/' or name
  elseif type(stat)=='table' then
   item={name=name}
   for _,key in ipairs(stat) do if st and key~='name' then item[key]=st[key] end end
  elseif stat then item=st or {} item.name=name end
  found[#found+1]=item
 end
end
return found
]]

-- What is in a directory. opts: stat ('*', '/' or names of fields), listall, dirsonly, match
function con_methods:listdir(path, opts)
  if type(opts) == 'string' then
    opts = util.unserialize(opts)
  end
  opts = opts or {}
  local words = util.serialize({path, opts.stat or false, opts.listall or false, opts.dirsonly or false},
    {pretty = false})
  local code = 'local a=' .. words .. '\nreturn (function(...)\n' .. LIST .. 'end)(a[1],a[2],a[3],a[4])'
  local found, problem = self:execwait(code)
  if not found then
    errlib.throw{etype = 'remote', msg = tostring(problem)}
  end
  if opts.match then
    local all = found
    found = {}
    for _, item in ipairs(all) do
      local name = type(item) == 'table' and item.name or item
      if name:find(opts.match) then
        found[#found + 1] = item
      end
    end
  end
  return found
end

function con_methods:readfile(path)
  return own.readfile(self._con, path)
end

-- Copies files and directories. opts: mtime, overwrite, pretend, fmatch, dmatch, rmatch, maxdepth
function con_methods:mdownload(paths, folder, opts)
  return own.download_tree(self._con, paths, folder or '.', opts)
end

function con_methods:mupload(paths, directory, opts)
  return own.upload_tree(self._con, paths, directory, opts)
end

-- The connection to a place, which is a device of a bus or a port of a host, or to nowhere.
function chdku.connection(spec)
  local con = setmetatable({}, con_meta)
  con._con = chdk.connection(spec)
  con.live = liveview.new()
  return con
end

return chdku
