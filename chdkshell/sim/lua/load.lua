-- Loading code: load, loadstring, loadfile, dofile, require. All of it is rewritten to count in
-- integers, and none of it may be precompiled.

local F = ...
local type, error, tostring = type, error, tostring
local loadstring, find, gsub, sub = loadstring, string.find, string.gsub, string.sub
local prepare, rewrite, argument_error = F.prepare, F.rewrite, F.argument_error

-- The short form of a chunk name: code given as a string has none on the camera.
local function native_name(name)
  local first = sub(name, 1, 1)
  if first == '=' or first == '@' then return name end
  return '='
end

-- Return the function of `source`, or nil and the compiler's message.
function F.compile(source, name)
  name = native_name(name)
  if sub(source, 1, 1) == '\27' then
    return nil, sub(name, 2) .. ': bad header in precompiled chunk'
  end
  local probe, malformed = prepare(source)
  local ok, message = loadstring(probe, name)
  if not ok then
    local at, last = find(message, "near '0_malformed'", 1, true)
    if malformed and at then
      message = sub(message, 1, at - 1) .. "near '" .. malformed .. "'" .. sub(message, last + 1)
    end
    return nil, message
  end
  local text, problem = rewrite(source)
  if not text then return nil, sub(name, 2) .. ':1: ' .. problem end
  local outer
  outer, message = loadstring(text, name)
  if not outer then return nil, message end
  return outer(F.add, F.sub, F.mul, F.div, F.mod, F.pow, F.unm, F.results)
end

local compile = F.compile

local function load_file(path)
  local source = F.read_source(path)
  if not source then return nil, 'cannot fopen ' .. path end
  return compile(source, '@' .. path)
end

local function check_string(index, value, count)
  if type(value) == 'number' then return tostring(value) end
  if type(value) == 'string' then return value end
  argument_error(index, 'string expected, got ' .. (index > count and 'no value' or type(value)), 1)
end

function F.globals.loadstring(...)
  local source, name = ...
  source = check_string(1, source, select('#', ...))
  name = name == nil and source or check_string(2, name, 2)
  return compile(source, name)
end

function F.globals.load(...)
  local reader, name = ...
  name = name == nil and '=(load)' or check_string(2, name, 2)
  if type(reader) ~= 'function' then
    local got = select('#', ...) == 0 and 'no value' or type(reader)
    argument_error(1, 'function expected, got ' .. got)
  end
  local parts = {}
  while true do
    local ok, part = F.pcall(reader)
    if not ok then return nil, part end
    if part == nil then break end
    if type(part) ~= 'string' and type(part) ~= 'number' then
      local _, message = F.pcall(error, 'reader function must return a string', 3)
      return nil, message
    end
    if part == '' then break end
    parts[#parts + 1] = part
  end
  return compile(F.table.concat(parts), name)
end

function F.globals.loadfile(...)
  local path = ...
  path = check_string(1, path, select('#', ...))
  return load_file(path)
end

-- Call `f` so that it cannot yield, as called by a C function.
local function called_from_c(ok, ...)
  if ok then return ... end
  error((...), 0)
end

function F.globals.dofile(...)
  local path = ...
  path = check_string(1, path, select('#', ...))
  local chunk, message = load_file(path)
  if not chunk then error(message, 0) end
  return called_from_c(F.pcall(chunk))
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
  if type(package.loaders) ~= 'table' then error("'package.loaders' must be a table", 3) end
  local tried = ''
  for index = 1, 1000 do
    local loader = package.loaders[index]
    if loader == nil then error("module '" .. name .. "' not found:" .. tried, 3) end
    local found = loader(name)
    if type(found) == 'function' then return found end
    if type(found) == 'string' then tried = tried .. found end
  end
end

function F.globals.require(...)
  local name = ...
  name = check_string(1, name, select('#', ...))
  local module = loaded[name]
  if module then
    if module == sentinel then
      error("loop or previous error loading module '" .. name .. "'", 2)
    end
    return module
  end
  local loader = find_loader(name)
  loaded[name] = sentinel
  local result = called_from_c(F.pcall(loader, name))
  if result ~= nil then loaded[name] = result end
  if loaded[name] == sentinel then loaded[name] = true end
  return loaded[name]
end
