-- Metatables of userdata, and what is called when userdata go. Native finalizers run where no hook is
-- called, and could not be ended: the script's run in a coroutine of their own.

local F = ...
local G = F.globals
local type, error = type, F.error
local setmetatable, getmetatable, rawset = F.setmetatable, F.getmetatable, F.rawset
local argument_error = F.argument_error
local native = F.native_debug

-- Metatables of userdata, and all metatables that no script sees.
local guarded, secret = setmetatable({}, {__mode = 'k'}), setmetatable({}, {__mode = 'k'})
local closed = false

local function finalizer(f)
  local function finalize(object)
    if closed or F.killed then return end
    local ok, message = F.apart(f, object)
    if not ok then error(message, 0) end
  end
  F.hidden[finalize] = true
  return finalize
end

local function set(t, key, value)
  if key == '__gc' and type(value) == 'function' then value = finalizer(value) end
  rawset(t, key, value)
end

-- Take care of a metatable of userdata. `rest` has fields that only a script sees.
local function guard(t, rest)
  if guarded[t] then return end
  guarded[t] = true
  local gc = F.rawget(t, '__gc')
  if gc then set(t, '__gc', gc) end
  local meta = {__newindex = set, __index = rest}
  secret[meta] = true
  if not native.getmetatable(t) then native.setmetatable(t, meta) end
end
F.guard = guard

-- Give a table fields that no script finds in it.
function F.add_secretly(t, fields)
  local meta = {__index = fields}
  secret[meta] = true
  native.setmetatable(t, meta)
end

function G.newproxy(...)
  local proxy = F.newproxy(...)
  local meta = native.getmetatable(proxy)
  if meta then guard(meta) end
  return proxy
end

function G.rawset(...)
  local t, key, value = ...
  if key == '__gc' and guarded[t] and type(value) == 'function' then
    return (rawset(t, key, finalizer(value)))
  end
  return (rawset(...))
end

function G.getmetatable(...)
  local meta = getmetatable(...)
  if secret[meta] then return nil end
  return meta
end

local debugging = G.debug

function debugging.getmetatable(...)
  local meta = native.getmetatable(...)
  if secret[meta] then return nil end
  return meta
end

function debugging.setmetatable(...)
  local object, meta = ...
  if type(meta) ~= 'table' and meta ~= nil or F.select('#', ...) < 2 then
    argument_error(2, 'nil or table expected')
  end
  if type(object) == 'userdata' and meta then guard(meta) end
  return (native.setmetatable(object, meta))
end

-- The script has ended: no finalizer is called any more.
function F.close()
  closed = true
  for t in F.next, guarded do rawset(t, '__gc', nil) end
end

F.add_secretly(G.string, {
  _i32_add = F.add, _i32_sub = F.sub, _i32_mul = F.mul, _i32_div = F.div, _i32_mod = F.mod,
  _i32_pow = F.pow, _i32_unm = F.unm, _i32_fold = F.fold, _i32_powers = F.powers, _i32_results = F.results,
  _i32_loop = F.loop, _i32_following = F.following, _i32_env = F.env,
})
