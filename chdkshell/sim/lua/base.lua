-- The standard libraries as the firmware has them: integers only, nothing that reaches the host, and
-- no way to look into, or to change, what is C on a camera.

local F = ...
local G = F.globals
local type, error, select, getinfo = type, error, select, F.getinfo
local is_firmware, argument_error = F.is_firmware, F.argument_error
local string_integer, wrap = F.string_integer, F.wrap

local function keep(library, names)
  local kept = {}
  for name in F.native_string.gmatch(names, '%a+') do kept[name] = library[name] end
  return kept
end

-- A number from an argument of `count`, as luaL_checknumber has it. `level` counts the functions
-- between this one and the one that the script called.
local function number(index, value, count, level)
  local result = F.integer(value)
  if result then return result end
  local got = index > count and 'no value' or type(value)
  argument_error(index, 'number expected, got ' .. got, (level or 0) + 1)
end

-- ---- numbers -----------------------------------------------------------------------------------

function G.tonumber(...)
  local value, base = ...
  if select('#', ...) == 0 then argument_error(1, 'value expected') end
  base = base == nil and 10 or number(2, base, 2)
  if base == 10 then return F.integer(value) end
  if type(value) ~= 'string' and type(value) ~= 'number' then
    argument_error(1, 'string expected, got ' .. type(value))
  end
  if base < 2 or base > 36 then argument_error(2, 'base out of range') end
  local sign, digits = F.native_string.match(value, '^%s*([+-]?)(%w+)%s*$')
  if base == 16 and digits then digits = F.native_string.gsub(digits, '^0[xX]', '') end
  local result = digits and F.tonumber(digits, base)
  if not result then return nil end
  if result > 4294967295 then return -1 end
  return wrap(sign == '-' and 0 - result or result)
end

local library = keep(F.math, 'abs max min random randomseed')
local random = library.random
function library.abs(...)
  local n = number(1, (...), select('#', ...))
  return n < 0 and wrap(0 - n) or n
end
function library.pow(...)
  local a, b = ...
  local count = select('#', ...)
  return F.power(number(1, a, count), number(2, b, count))
end
function library.random(...)
  local count = select('#', ...)
  if count ~= 1 and count ~= 2 then error('wrong number of arguments', 2) end
  local low, high = ...
  if count == 1 then low, high = 1, low end
  low, high = number(1, low, count), number(count, high, count)
  if low > high then argument_error(count, 'interval is empty') end
  return random(low, high)
end
G.math = library

function G.collectgarbage(...)
  local result = F.finish_native(F.pcall(F.collectgarbage, ...))
  return type(result) == 'number' and F.math.floor(result) or result
end

-- ---- strings -----------------------------------------------------------------------------------

local native_format = string.format
local strings = keep(F.native_string, [[byte char find format gmatch gsub len lower match rep reverse
  sub upper]])

-- The arguments of a format: strings that stand for a number as 32-bit integers, and what goes to
-- unsigned conversions as such.
local function converted(format, ...)
  if type(format) ~= 'string' then return format, ... end
  local values, index = {...}, 0
  local conversions = F.native_string.gsub(format, '%%%%', '')
  for conversion in F.native_string.gmatch(conversions, '%%[-+ #0-9.]*(.)') do
    index = index + 1
    local value = values[index]
    if type(value) == 'string' and not F.native_string.find(conversion, '[sq]') then
      value = string_integer(value) or 'no number'
    end
    if type(value) == 'number' and value < 0 and F.native_string.find(conversion, '[ouxX]') then
      value = value + 4294967296
    end
    values[index] = value
  end
  return format, F.unpack(values, 1, select('#', ...))
end
function strings.format(...)
  if select('#', ...) == 0 then argument_error(1, 'string expected, got no value') end
  return (F.finish_native(F.pcall(native_format, converted(...))))
end
function strings.gfind()
  error("'string.gfind' was renamed to 'string.gmatch'", 2)
end
function strings.dump()
  error('simulated camera: string.dump is not supported', 2)
end
G.string = strings
F.native_debug.getmetatable('').__index = strings

-- ---- calls and environments --------------------------------------------------------------------

local native_xpcall, native_getfenv, native_setfenv = F.xpcall, F.getfenv, F.setfenv

-- Calls may not nest as deep in C as they could: the hook that ends a killed script needs room.
local MAX_DEPTH = 64
local depth = 0

local function leave(ok, ...)
  depth = depth - 1
  if not ok then return false, (F.without_place((...))) end
  return true, ...
end

function G.pcall(...)
  if select('#', ...) == 0 then argument_error(1, 'value expected') end
  if depth >= MAX_DEPTH then return false, 'C stack overflow' end
  depth = depth + 1
  return leave(F.pcall(...))
end

-- A handler of the script must not hold up its end: hooks rest while it runs.
function G.xpcall(...)
  local f, handler = ...
  if select('#', ...) < 2 then argument_error(2, 'value expected') end
  if depth >= MAX_DEPTH then return false, 'C stack overflow' end
  depth = depth + 1
  return leave(native_xpcall(f, function(message)
    if F.killed then return message end
    return handler(message)
  end))
end

-- The function that getfenv and setfenv mean, or nil for level 0 (and where there is none).
local function meant(f, level)
  if type(f) == 'function' then return f end
  local n = f == nil and 1 or number(1, f, 1, 1)
  if n == 0 then return nil end
  if n < 0 then argument_error(1, 'level must be non-negative', 1) end
  local info = getinfo(n + level, 'f')
  if not info then argument_error(1, 'invalid level', 1) end
  return info.func or error("no function environment for tail call at level " .. n, 4)
end

function G.getfenv(f)
  f = meant(f, 2)
  if not f or is_firmware(f) then return native_getfenv(0) end
  return native_getfenv(f)
end

function G.setfenv(...)
  local f, environment = ...
  if type(environment) ~= 'table' then
    local got = select('#', ...) < 2 and 'no value' or type(environment)
    argument_error(2, 'table expected, got ' .. got)
  end
  f = meant(f, 2)
  if not f then return native_setfenv(0, environment) end
  if is_firmware(f) then error("'setfenv' cannot change environment of given object", 2) end
  return native_setfenv(f, environment)
end

-- Called only for the script's console: `print`.
function G.print(...)
  local parts = {}
  for index = 1, select('#', ...) do
    local text = G.tostring((select(index, ...)))
    if type(text) ~= 'string' then error("'tostring' must return a string to 'print'", 2) end
    parts[index] = text
  end
  F.console(F.native_string.sub(F.table.concat(parts, ' '), 1, 127))
end

-- ---- debug -------------------------------------------------------------------------------------

local native = F.native_debug
local debugging = keep(native, 'getmetatable setmetatable traceback')
local registry = {}

function debugging.getregistry()
  return registry
end

function debugging.getinfo(f, what)
  if type(f) == 'number' then f = f + 1 end
  local info = getinfo(f, what or 'nSluf')
  if info and info.source == '=[C]' then
    info.what, info.linedefined, info.lastlinedefined, info.currentline = 'C', -1, -1, -1
  end
  return info
end

function debugging.getlocal(level, index)
  local info = getinfo(level + 1, 'f')
  if info and (not info.func or is_firmware(info.func)) then return nil end
  return native.getlocal(level + 1, index)
end

function debugging.setlocal(level, index, value)
  local info = getinfo(level + 1, 'f')
  if info and (not info.func or is_firmware(info.func)) then return nil end
  return native.setlocal(level + 1, index, value)
end

function debugging.getupvalue(f, index)
  if is_firmware(f) then return end
  return native.getupvalue(f, index)
end

function debugging.setupvalue(f, index, value)
  if is_firmware(f) then return end
  return native.setupvalue(f, index, value)
end

function debugging.getfenv(object)
  if type(object) == 'function' and is_firmware(object) then return native_getfenv(0) end
  return native.getfenv(object)
end

function debugging.setfenv(object, environment)
  if type(object) ~= 'function' or is_firmware(object) then
    error("'setfenv' cannot change environment of given object", 2)
  end
  return native.setfenv(object, environment)
end

function debugging.gethook()
  return nil, '', 0
end

function debugging.sethook(hook)
  if hook ~= nil then error('simulated camera: debug.sethook is not supported', 2) end
end
G.debug = debugging

-- ---- what the firmware does not have -----------------------------------------------------------

G.coroutine, G.module, G.python, G.io, G.os = nil, nil, nil, nil, nil
G.package = {
  loaded = {}, preload = {}, cpath = '', path = 'A/CHDK/SCRIPTS/?.lua;A/CHDK/LUALIB/?.lua;',
  config = '/\n;\n?\n!\n-',
}
registry._LOADED = G.package.loaded
