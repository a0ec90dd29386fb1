-- The C layer's tables, made of the functions that Python gives. Returns what the host calls.
local py, host = ...

python, package.loaded.python = nil, nil

local STOP = setmetatable({}, {__tostring = function() return 'stopped' end})
local raw_pcall, raw_xpcall, raw_error = pcall, xpcall, error
local create, resume = coroutine.create, coroutine.resume
local sethook, getinfo, traceback = debug.sethook, debug.getinfo, debug.traceback
local select, unpack, pack = select, table.unpack, table.pack

-- ---- errors ----

local error_meta = {}

function error_meta.__tostring(err)
  return tostring(err.msg or err.etype or 'unknown error')
end

errlib = {}

function errlib.new(err, level)
  err = setmetatable(type(err) == 'table' and err or {}, error_meta)
  err.traceback = traceback('', level or 2)
  return err
end

function errlib.throw(err, level)
  raw_error(errlib.new(err, level or 3), 0)
end

local function run_handlers()
  local due = host.due()
  for i = 1, #due do
    due[i]()
  end
end

local function run_handlers_before(...)
  run_handlers()
  return ...
end

local calls = {count = 0}

-- Returns what a guard gave, or throws it; `level` is whose line a text has, as in error.
local function finish(level, word, ...)
  if word == 'ok' then
    return ...
  elseif word == 'signal' then
    return run_handlers_before(...)
  elseif word == 'stop' then
    raw_error(STOP, 0)
  elseif word == 'text' then
    raw_error((...), level)
  end
  local etype, msg, ptp_rc, critical = ...
  raw_error(errlib.new({etype = etype, msg = msg, ptp_rc = ptp_rc, critical = critical or nil}, 2), 0)
end

local function wrap(f)
  return function(...)
    calls.count = calls.count + 1
    return finish(2, f(...)) -- in place of this function: the next level is the caller
  end
end

local function library(functions)
  local made = {}
  for name, f in pairs(functions) do
    made[name] = wrap(f)
  end
  return made
end

-- What ends the program goes through whatever catches errors.
local function caught(ok, ...)
  if not ok and host.stopped() then
    raw_error(STOP, 0)
  end
  return ok, ...
end

function pcall(...)
  return caught(raw_pcall(...))
end

function xpcall(...)
  return caught(raw_xpcall(...))
end

-- ---- Ctrl-C and signals in code that calls nothing ----

local HOOK_STEPS = 10000

local function look()
  finish(2, host.look())
end

sethook(look, '', HOOK_STEPS)

function coroutine.create(f)
  local made = create(f)
  sethook(made, look, '', HOOK_STEPS)
  return made
end

function coroutine.resume(...)
  return caught(resume(...))
end

local function resumed(ok, ...)
  if not ok then
    raw_error((...), 0)
  end
  return ...
end

function coroutine.wrap(f)
  local made = coroutine.create(f)
  return function(...)
    return resumed(coroutine.resume(made, ...))
  end
end

-- ---- libraries ----

chdk = library(py.chdk)
chdk_connection = library(py.chdk_connection)
sys = library(py.sys)
readline = library(py.readline)
corevar = library(py.corevar)
guisys = library(py.guisys)
lbuf = library(py.lbuf)
liveimg = library(py.liveimg)
rawimg = library(py.rawimg)
lfs = library(py.lfs)
signal = library(py.signal)
ptp = host.codes

local put = lbuf.put
lbuf.put = nil
lfs.listing = nil
lfs._VERSION = 'chdkshell'

function lfs.dir(folder)
  local names = finish(3, py.lfs.listing(folder))
  local at = 0
  local dir = {}
  function dir.next()
    at = at + 1
    return names[at]
  end
  function dir.close()
    names = {}
  end
  return dir.next, dir
end

local function part(buffer, file, offset, count)
  if io.type(file) == 'closed file' then
    raw_error('attempt to access closed file', 3)
  end
  offset = offset or 0
  if offset < 0 or offset >= buffer:len() then
    raw_error('invalid offset', 3)
  end
  count = count or buffer:len() - offset
  if count < 0 or count > buffer:len() - offset then
    raw_error('invalid count', 3)
  end
  return offset, count
end

function lbuf.fread(buffer, file, offset, count)
  offset, count = part(buffer, file, offset, count)
  local content = file:read(count)
  if not content or #content < count then
    return false
  end
  put(buffer, offset, content)
  return true
end

function lbuf.fwrite(buffer, file, offset, count)
  offset, count = part(buffer, file, offset, count)
  local ok, problem = file:write(buffer:string(offset + 1, offset + count))
  if not ok then
    raw_error('write failed: ' .. tostring(problem), 2)
  end
  return true
end

-- ---- objects ----

local classes = {}
for kind, functions in pairs(py.objects) do
  classes[kind] = library(functions)
end
classes.Lbuf.fread, classes.Lbuf.fwrite = lbuf.fread, lbuf.fwrite
assert(loadfile(host.own_folder .. '/ahead.lua'))()(classes, calls)

local NO_METHODS = {}
local class_of = setmetatable({}, {
  __mode = 'k',
  __index = function(known, object)
    local class = classes[host.kind_of(object)] or NO_METHODS
    known[object] = class
    return class
  end,
})

-- All objects of the host have one metatable.
debug.getmetatable(host.kind_of).__index = function(object, name)
  return class_of[object][name]
end

for _, name in ipairs{'lfs', 'signal', 'lbuf', 'liveimg', 'rawimg'} do
  package.loaded[name] = _G[name]
end

-- ---- what Lua 5.1 had, and the streams ----

for name, value in pairs{loadstring = load, unpack = unpack} do
  _G[name] = _G[name] or value
end
table.maxn = table.maxn or sys.maxn

local streams = library(py.streams)
os.exit = function(code)
  streams.exit(code)
end

assert(loadfile(host.own_folder .. '/streams.lua'))(streams)

-- ---- what the host calls ----

local core = {
  text = assert(loadfile(host.own_folder .. '/display.lua'))(),
}

local lacking = {}

-- What only the files of this project use.
package.preload['chdkshell.own'] = function()
  local own = library(py.own)
  function own.note_lack(name)
    lacking[name] = true
  end
  return own
end

-- Whether a program asked the files of this project for a name that they do not have.
function core.lacks(name)
  return lacking[name] == true
end

-- Nothing native: libraries made for another Lua would bring the program down.
package.cpath = ''
local path = package.path

function core.add_path(folder)
  package.path = folder .. '/?.lua;' .. path
end

-- Returns the line that a chunk's text is at; nil where it is not on the way to what calls this.
local function line_of(chunk)
  local source = getinfo(chunk, 'S').source
  local level = 2
  local info = getinfo(level, 'Sl')
  while info and info.source ~= source do
    level = level + 1
    info = getinfo(level, 'Sl')
  end
  return info and info.currentline
end

-- Returns what ended a chunk: its text, and the chunk's line where that has none of its own.
local function described(err, chunk)
  local meta = getmetatable(err)
  if type(err) == 'table' and type(meta) == 'table' and meta.__tostring then
    return {text = tostring(err), etype = err.etype, line = line_of(chunk)}
  elseif type(err) ~= 'string' then
    local text = string.format('unexpected error type %s [%s]', type(err), tostring(err))
    return {text = text, line = line_of(chunk)}
  end
  return {text = err}
end

local function same(...)
  return ...
end

-- Calls in an expression are no tail calls: their errors have the place of the expression.
local function load_expression(code, name)
  return load('return ' .. code, name) and load('return (...)(' .. code .. '\n)', name)
end

-- What is both, a call, is a statement, as in chdkptp, and an expression where `shows_calls`.
function core.run(code, name, shows_calls)
  lacking = {}
  local statements, problem = load(code, name)
  local expression = (shows_calls or not statements) and load_expression(code, name)
  local chunk = expression or statements
  if not chunk then
    return 'compile', problem
  end
  local function ended(err)
    return described(err, chunk)
  end
  local results = pack(raw_xpcall(chunk, ended, same))
  if results[1] then
    return 'ok', results.n - 1, unpack(results, 2, results.n)
  end
  return 'call', results[2].text, results[2].etype, results[2].line
end

function core.current()
  local now = rawget(_G, 'con')
  return type(now) == 'table' and rawget(now, '_con') or nil
end

function core.stand_for(spec)
  raw_pcall(function()
    con = chdku.connection(spec)
    con:update_connection_info()
  end)
end

return core
