-- Loading code: load, loadstring, loadfile, dofile, require, and string.dump. All of it is rewritten to
-- count in integers. Precompiled code is what string.dump gave, and nothing else.

local F = ...
local type, error, select, tostring = type, F.error, F.select, F.tostring
local loadstring, find, gsub = F.loadstring, F.native_string.find, F.native_string.gsub
local sub, match = F.native_string.sub, F.native_string.match
local prepare, rewrite, argument_error = F.prepare, F.rewrite, F.argument_error
local getupvalue, setupvalue = F.native_debug.getupvalue, F.native_debug.setupvalue

local SIGNATURE = '\27'

-- The short form of a chunk name: code given as a string has none on the camera.
local function native_name(name)
  local first = sub(name, 1, 1)
  if first == '=' or first == '@' then return name end
  return '='
end

-- The function of what string.dump gave.
local function undumped(data, name)
  local first = sub(name, 1, 1)
  if first == '=' or first == '@' then
    name = sub(name, 2)
  elseif first == SIGNATURE then
    name = 'binary string'
  end
  local code, problem = F.unseal(data)
  if not code then
    return nil, match(name, '^[^%z]*') .. ': ' .. problem .. ' in precompiled chunk'
  end
  local f = loadstring(sub(code, 2), '=')
  for index = 1, 255 do
    local upvalue = getupvalue(f, index)
    if not upvalue then break end
    local helper = match(upvalue, '^_i32_+(%l+)$')
    if helper then setupvalue(f, index, F[helper]) end
  end
  if sub(code, 1, 1) == 'm' then F.note_main(f, name) end
  return f
end

local TOO_DEEP = 'chunk has too many syntax levels'

-- Compile natively. Deep code needs a stack of its own: levels of calls and of syntax count as one.
local function native_load(text, name)
  local f, message = loadstring(text, name)
  if not f and find(message, TOO_DEEP, 1, true) then
    f, message = F.afresh(function()
      return loadstring(text, name)
    end)
  end
  return f, message
end

-- The compiler's message for `source`, or nil where it is right.
local function problem_of(source, name)
  local probe, malformed = prepare(source)
  local ok, message = native_load(probe, name)
  if ok then return nil end
  local at, last = find(message, "near '0_malformed'", 1, true)
  if malformed and at then
    message = sub(message, 1, at - 1) .. "near '" .. malformed .. "'" .. sub(message, last + 1)
  end
  return message
end

-- Forms of rewritten code: see rewrite.py.
local USUAL, PLAIN_LOOPS = 0, 2

local function load_rewritten(source, name)
  local form, main, message = USUAL, nil, nil
  while form <= PLAIN_LOOPS do
    local text, problem, used = rewrite(source, form)
    if not text then return nil, match(sub(name, 2), '^[^%z]*') .. ':1: ' .. problem end
    main, message = native_load(text, name)
    if main and used == USUAL then
      return main(F.add, F.sub, F.mul, F.div, F.mod, F.pow, F.unm, F.fold, F.powers, F.results,
        F.loop, F.following, F.env)
    end
    if main then return main end
    form = used + 1
  end
  return nil, message
end

-- Return the function of `source`, or nil and the compiler's message.
function F.compile(source, full_name)
  if sub(source, 1, 1) == SIGNATURE then return undumped(source, full_name) end
  local name = native_name(full_name)
  local message = problem_of(source, name)
  if message then return nil, message end
  local main
  main, message = load_rewritten(source, name)
  if not main then return nil, message end
  F.note_main(main, full_name)
  return main
end

local compile = F.compile

function F.globals.string.dump(...)
  local f = ...
  if type(f) ~= 'function' then
    local got = select('#', ...) == 0 and 'no value' or type(f)
    argument_error(1, 'function expected, got ' .. got)
  end
  if F.is_firmware(f) then F.raise('unable to dump given function') end
  return (F.seal((F.is_main(f) and 'm' or 'f') .. F.native_string.dump(f)))
end

local function load_file(path)
  local source = F.read_source(path)
  if not source then return nil, 'cannot fopen ' .. match(path, '^[^%z]*') end
  return compile(source, '@' .. path)
end

local function check_string(index, value, count)
  if type(value) == 'number' then return tostring(value) end
  if type(value) == 'string' then return value end
  argument_error(index, 'string expected, got ' .. (index > count and 'no value' or type(value)))
end

function F.globals.loadstring(...)
  local source, name = ...
  source = check_string(1, source, select('#', ...))
  name = name == nil and source or check_string(2, name, 2)
  return compile(source, name)
end

-- More of a source than this takes more memory than a camera has.
local MAX_SOURCE = 2 ^ 20

-- A source as small as this is looked at with every part that comes.
local LOOKED_AT_ALL = 4000

-- Whether the compiler refuses what has come so far, whatever follows. A last token may go on.
local function is_refused(text)
  if sub(text, 1, 1) == SIGNATURE then return false end
  local whole = match(text, '^.*%s')
  local message = whole and problem_of(whole, '=')
  return message ~= nil and not find(message, "near '<eof>'", 1, true)
end

-- What a reader gives, up to its end or the first error in it; or nil and its own error.
local function read_all(reader)
  local text, next_look = '', 0
  while #text < MAX_SOURCE do
    local ok, part = F.xpcall(reader, F.place)
    if not ok then return nil, part end
    if part == nil then return text end
    if type(part) ~= 'string' and type(part) ~= 'number' then
      return nil, F.where(1) .. 'reader function must return a string'
    end
    if part == '' then return text end
    text = text .. part
    if #text >= next_look then
      if is_refused(text) then return text end
      next_look = #text < LOOKED_AT_ALL and 0 or #text + #text / 4
    end
  end
  return nil, 'not enough memory'
end

function F.globals.load(...)
  local reader, name = ...
  name = name == nil and '=(load)' or check_string(2, name, 2)
  if type(reader) ~= 'function' then
    local got = select('#', ...) == 0 and 'no value' or type(reader)
    argument_error(1, 'function expected, got ' .. got)
  end
  local text, problem = read_all(reader)
  if not text then return nil, problem end
  return compile(text, name)
end

-- The path of a file; without one the camera looks for a file of no name.
local function path_of(...)
  local path = ...
  if path == nil then return '(null)' end
  return (check_string(1, path, select('#', ...)))
end

function F.globals.loadfile(...)
  return load_file(path_of(...))
end

-- As a function in C calls: what is called cannot yield, and no call is a tail call.
local function called(ok, ...)
  if not ok then error((...), 0) end
  return ...
end

function F.globals.dofile(...)
  local chunk, message = load_file(path_of(...))
  if not chunk then error(message, 0) end
  return called(F.xpcall(chunk, F.place))
end

local package = F.globals.package
local loaded, sentinel = package.loaded, F.newproxy()

local function find_file(name)
  name = gsub(name, '%.', '/')
  if type(package.path) ~= 'string' then error("'package.path' must be a string", 0) end
  local tried = ''
  for template in F.native_string.gmatch(package.path, '[^;]+') do
    local path = gsub(template, '%?', (gsub(name, '%%', '%%%%')))
    if F.read_source(path) then return path, tried end
    tried = tried .. "\n\tno file '" .. path .. "'"
  end
  return nil, tried
end

local function preload_loader(name)
  if type(package.preload) ~= 'table' then error("'package.preload' must be a table", 0) end
  return package.preload[name] or "\n\tno field package.preload['" .. name .. "']"
end

local function file_loader(name)
  local path, tried = find_file(name)
  if not path then return tried end
  local chunk, message = load_file(path)
  if not chunk then
    error("error loading module '" .. name .. "' from file '" .. path .. "':\n\t" .. message, 0)
  end
  return chunk
end

package.loaders = {preload_loader, file_loader}

local function find_loader(name)
  if type(package.loaders) ~= 'table' then F.raise("'package.loaders' must be a table") end
  local tried = ''
  for index = 1, 1000 do
    local loader = package.loaders[index]
    if loader == nil then F.raise("module '" .. name .. "' not found:" .. tried) end
    local found = loader(name)
    if type(found) == 'function' then return found end
    if type(found) == 'string' then tried = tried .. found end
  end
end

function F.globals.require(...)
  local name = ...
  name = match(check_string(1, name, select('#', ...)), '^[^%z]*')
  local module = loaded[name]
  if module then
    if module == sentinel then
      F.raise("loop or previous error loading module '" .. name .. "'")
    end
    return module
  end
  local loader = find_loader(name)
  loaded[name] = sentinel
  local result = called(F.xpcall(function()
    return (loader(name))
  end, F.place))
  if result ~= nil then loaded[name] = result end
  if loaded[name] == sentinel then loaded[name] = true end
  return loaded[name]
end
