-- Files of this computer, and names of paths.
local fsutil = {ostype = sys.ostype}

local function separators()
  return fsutil.ostype() == 'Windows' and '/\\' or '/'
end

local function failed(etype, message)
  errlib.throw({etype = etype, msg = message}, 4)
end

-- ---- names ----

function fsutil.is_dir_sep(char)
  return char ~= '' and separators():find(char, 1, true) ~= nil
end

function fsutil.normalize_dir_sep(path)
  return fsutil.ostype() == 'Windows' and (path:gsub('\\', '/')) or path
end

-- Takes a suffix off; opts.ignorecase is true where nothing else is said.
function fsutil.remove_sfx(path, suffix, opts)
  local ignorecase = not (opts and opts.ignorecase == false)
  local tail = path:sub(-#suffix)
  local same = ignorecase and tail:lower() == suffix:lower() or tail == suffix
  if suffix ~= '' and same and #suffix < #path then
    return path:sub(1, -#suffix - 1)
  end
  return path
end

function fsutil.basename(path, suffix, opts)
  local name = (path or ''):gsub('[' .. separators() .. ']+$', ''):match('[^' .. separators() .. ']+$')
  if name == nil or name:find('^%a:$') then
    return nil
  end
  return suffix and fsutil.remove_sfx(name, suffix, opts) or name
end

function fsutil.dirname(path)
  if path == nil then
    return
  end
  path = fsutil.normalize_dir_sep(path)
  local drive, rest = '', path
  if fsutil.ostype() == 'Windows' and path:find('^%a:') then
    drive, rest = path:sub(1, 2), path:sub(3)
  end
  if rest:find('^/+$') then
    return drive .. '/'
  end
  local above = rest:gsub('/+$', ''):match('^(.*)/[^/]*$')
  if not above then
    return drive ~= '' and drive or '.'
  end
  above = above:gsub('/+$', '')
  return drive .. (above == '' and '/' or above)
end

function fsutil.basename_cam(path, suffix, opts)
  local name = path ~= 'A/' and path:gsub('/+$', ''):match('[^/]+$') or nil
  return name and suffix and fsutil.remove_sfx(name, suffix, opts) or name
end

function fsutil.dirname_cam(path)
  if path == 'A/' then
    return 'A/'
  end
  local above = path:gsub('/+$', ''):match('^(.+)/[^/]+$')
  return above == 'A' and 'A/' or above
end

local function joined(is_separator, ...)
  if select('#', ...) < 2 then
    error('joinpath: expected at least two parts', 3)
  end
  local path = (...)
  for _, part in ipairs{select(2, ...)} do
    if is_separator(part:sub(1, 1)) then
      part = part:sub(2)
    end
    path = path .. (is_separator(path:sub(-1)) and '' or '/') .. part
  end
  return path
end

function fsutil.joinpath(...)
  return joined(fsutil.is_dir_sep, ...)
end

function fsutil.joinpath_cam(...)
  return joined(function(char)
    return char == '/'
  end, ...)
end

function fsutil.split_ext(path)
  local name, ext = path:match('^(.+)(%.[^./]*)$')
  if not name or name:sub(-1) == '/' then
    return path, ''
  end
  return name, ext
end

function fsutil.get_ext(path)
  local _, ext = fsutil.split_ext(path)
  return ext ~= '' and ext or nil
end

function fsutil.make_camera_path(path)
  if not path or path == '' then
    return 'A/'
  end
  local drive, rest = path:match('^([Aa])/*(.*)$')
  if drive and path:find('^[Aa]/') then
    return 'A/' .. rest
  end
  return 'A/' .. path:gsub('^/+', '')
end

-- ---- files; those whose names end with _e throw ----

function fsutil.open_e(path, mode)
  local file, message, number = io.open(path, mode)
  if not file then
    errlib.throw({etype = 'io', msg = message, errno = number})
  end
  return file
end

function fsutil.readfile_e(path, mode)
  local file = fsutil.open_e(path, mode == 'b' and 'rb' or mode or 'rb')
  local content, message = file:read('*a')
  file:close()
  if not content then
    failed('io', message)
  end
  return content
end

function fsutil.writefile_e(content, path, mode)
  local file = fsutil.open_e(path, mode == 'b' and 'wb' or mode or 'wb')
  local ok, message = file:write(content)
  local closed, problem = file:close()
  if not ok or not closed then
    failed('io', message or problem)
  end
  return true
end

local function tried(call, ...)
  local ok, result = pcall(call, ...)
  if ok then
    return result
  end
  return false, tostring(result)
end

-- Returns what is in a file; opts.bin is no concern: bytes come as they are.
function fsutil.readfile(path)
  return tried(fsutil.readfile_e, path)
end

-- As old programs call it: the path first where the second is no path of a file mode.
function fsutil.writefile(content, path, mode)
  return tried(fsutil.writefile_e, content, path, mode)
end

local function make(path)
  local ok, message = lfs.mkdir(path)
  if not ok and lfs.attributes(path, 'mode') ~= 'directory' then
    failed('lfs', path .. ': ' .. tostring(message))
  end
end

-- Makes a folder with those above it.
function fsutil.mkdir_m(path)
  local kind = lfs.attributes(path, 'mode')
  if kind == 'directory' then
    return true
  elseif kind then
    failed('lfs', path .. ': not a directory')
  end
  local above = fsutil.dirname(path)
  if above and above ~= path and above ~= '.' then
    fsutil.mkdir_m(above)
  end
  make((path:gsub('(.)[' .. separators() .. ']+$', '%1')))
  return true
end

function fsutil.mkdir_parent(path)
  local above = fsutil.dirname(path)
  return above == nil or above == '.' or fsutil.mkdir_m(above)
end

-- Removes files, and folders with what is in them. A link is removed, and not followed.
function fsutil.rm_r(paths)
  for _, path in ipairs(type(paths) == 'table' and paths or {paths}) do
    if lfs.symlinkattributes(path, 'mode') == 'directory' then
      for name in lfs.dir(path) do
        if name ~= '.' and name ~= '..' then
          fsutil.rm_r(fsutil.joinpath(path, name))
        end
      end
      local ok, message = lfs.rmdir(path)
      if not ok then
        failed('lfs', path .. ': ' .. tostring(message))
      end
    else
      local ok, message = os.remove(path)
      if not ok then
        failed('io', message)
      end
    end
  end
  return true
end

return fsutil
