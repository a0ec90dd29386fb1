-- Text, tables and their text form.
local own = require 'chdkshell.own'

local util = {}

function util.fprintf(file, ...)
  file:write(string.format(...))
end

function util.printf(...)
  util.fprintf(io.stdout, ...)
end

function util.warnf(...)
  io.stderr:write('WARNING: ' .. string.format(...))
end

function util.errf(...)
  io.stderr:write('ERROR: ' .. string.format(...))
end

-- Makes the functions of this module global, or fields of the table given.
function util:import(target)
  target = target or _G
  for name, value in pairs(self) do
    if type(value) == 'function' and name ~= 'import' then
      target[name] = value
    end
  end
end

-- ---- tables ----

local function copied(value, deep)
  if not deep or type(value) ~= 'table' then
    return value
  end
  local copy = {}
  for key, part in pairs(value) do
    copy[key] = copied(part, true)
  end
  return copy
end

-- Sets the fields of `source` in `target`; opts: deep (copy tables), keys (only these).
function util.extend_table(target, source, opts)
  opts = opts or {}
  if not source then
    return target
  end
  if opts.keys then
    for _, key in ipairs(opts.keys) do
      target[key] = copied(source[key], opts.deep)
    end
    return target
  end
  for key, value in pairs(source) do
    target[key] = copied(value, opts.deep)
  end
  return target
end

function util.flip_table(values)
  local flipped = {}
  for key, value in pairs(values) do
    flipped[value] = key
  end
  return flipped
end

function util.flag_table(names)
  local flags = {}
  for _, name in ipairs(names) do
    flags[name] = true
  end
  return flags
end

function util.in_table(values, wanted)
  return util.flip_table(values)[wanted] ~= nil
end

-- Whether all that is in `a` is in `b` as well.
function util.compare_values_subset(a, b)
  if type(a) ~= 'table' or type(b) ~= 'table' then
    return a == b
  end
  local same = true
  for key, value in pairs(b) do
    same = same and util.compare_values_subset(a[key], value)
  end
  return same
end

function util.compare_values(a, b)
  return util.compare_values_subset(a, b) and util.compare_values_subset(b, a)
end

function util.round(number)
  return number < 0 and math.ceil(number - 0.5) or math.floor(number + 0.5)
end

-- opts: empty (keep empty parts, default true), plain, func (for each part)
function util.string_split(text, pattern, opts)
  opts = util.extend_table({empty = true}, opts)
  local parts, from = {}, 1
  while true do
    local first, last = text:find(pattern, from, opts.plain)
    local part = text:sub(from, (first or #text + 1) - 1)
    if part ~= '' or opts.empty then
      parts[#parts + 1] = opts.func and opts.func(part) or part
    end
    if not first then
      return parts
    end
    from = last + 1
  end
end

-- ---- values as text ----

local KEYWORDS = util.flag_table{
  'nil', 'true', 'false', 'not', 'and', 'or',
  'if', 'then', 'elseif', 'else', 'while', 'do', 'for', 'in', 'repeat', 'until', 'end',
  'local', 'function', 'return', 'break', 'goto',
}

local ESCAPES = {['\n'] = '\\n', ['\r'] = '\\r', ['\0'] = '\\000', ['"'] = '\\"', ['\\'] = '\\\\'}

local function quoted(text)
  return '"' .. text:gsub('[\n\r%z"\\]', ESCAPES) .. '"'
end

local function number_text(value, opts)
  if opts.forceint then
    value = util.round(value)
    if opts.fix_bignum and math.abs(value) > 0x7FFFFFFF then
      return string.format('0x%x', value)
    end
    return string.format('%d', value)
  end
  return tostring(value)
end

local write

local function write_key(key, opts, out, depth)
  local plain = type(key) == 'string' and key:find('^[%a_][%w_]*$') and not KEYWORDS[key]
  if plain and not opts.bracket_keys then
    out[#out + 1] = key
    return
  end
  out[#out + 1] = '['
  write(key, opts, out, depth)
  out[#out + 1] = ']'
end

local function write_table(value, opts, out, depth)
  if depth > 10 then
    error('serialize: max depth')
  end
  local space = opts.pretty and '\n' .. (' '):rep(depth + 1) or ''
  local first = true
  local function field(key, item)
    if not first then
      out[#out + 1] = ','
    end
    first = false
    out[#out + 1] = space
    if key ~= nil then
      write_key(key, opts, out, depth)
      out[#out + 1] = '='
    end
    write(item, opts, out, depth + 1)
  end
  out[#out + 1] = '{'
  for i = 1, #value do
    field(nil, value[i])
  end
  for key, item in pairs(value) do
    if not (type(key) == 'number' and key >= 1 and key <= #value and key % 1 == 0) then
      field(key, item)
    end
  end
  out[#out + 1] = (opts.pretty and not first and '\n' .. (' '):rep(depth) or '') .. '}'
end

function write(value, opts, out, depth)
  local kind = type(value)
  if kind == 'table' then
    write_table(value, opts, out, depth)
  elseif kind == 'string' then
    out[#out + 1] = quoted(value)
  elseif kind == 'number' then
    out[#out + 1] = number_text(value, opts)
  elseif kind == 'nil' or kind == 'boolean' then
    out[#out + 1] = tostring(value)
  elseif opts.err_type then
    error('serialize: unsupported type ' .. kind, 3)
  else
    out[#out + 1] = quoted(tostring(value))
  end
end

util.serialize_defaults = {
  pretty = true, err_type = true, bracket_keys = false, forceint = true, fix_bignum = true,
}

function util.serialize(value, opts)
  local out = {}
  write(value, util.extend_table(util.extend_table({}, util.serialize_defaults), opts), out, 0)
  return table.concat(out)
end

-- Returns the value that a text is; false and a message where it is none. The text may be a camera's:
-- nothing in it is called, and it sees no globals.
function util.unserialize(text)
  if not own.is_data(text) then
    return false, 'unserialize: not a value'
  end
  local chunk, problem = load('return ' .. text, '=unserialize', 't', {})
  if not chunk then
    return false, problem
  end
  local ok, value = pcall(chunk)
  if not ok then
    return false, value
  end
  return value
end

return util
