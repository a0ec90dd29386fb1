-- needs: batch, walk
-- Remove files and directories with what is in them, and send { file, status, msg } for each.
-- Options: those of walk, and keep_dirs, keep_top, pretend, ignore_errors.
-- Returns true, or false, why not, and the path it stopped at.
local portion = 200
-- How many names of each directory were removed, of the portion that is visited.
local removed = {}

-- A directory must not change while it is read, and all its names may be too many for the memory.
-- So they are read in portions, past those of earlier portions that are still there: these come
-- first again, since a directory keeps its order.
local function names_in_portions(path)
  local names, at, passed = {}, 0, 0
  local dir = string.match(path, '^(.-)/*$')
  removed[dir] = nil
  local function read()
    passed = passed + #names - (removed[dir] or 0)
    removed[dir], names, at = nil, {}, 0
    local skip = passed
    local next_name, state = os.idir(path)
    for name in next_name, state do
      if skip > 0 then
        skip = skip - 1
      else
        names[#names + 1] = name
        if #names == portion then
          next_name(state, false)
          break
        end
      end
    end
  end
  read()
  return function()
    if at == #names and at == portion then
      read()
    end
    at = at + 1
    return names[at]
  end
end

function remove_tree(paths, options)
  local batch = new_batch(20)
  local visitor = {}
  local function remove(path)
    local ok, message = true, nil
    if not options.pretend then
      ok, message = os.remove(path)
      if ok then
        local dir = string.match(path, '^(.*)/')
        removed[dir] = (removed[dir] or 0) + 1
      end
    end
    if not ok and not options.ignore_errors then
      return false, message, path
    end
    batch.add({ file = path, status = ok and true or false, msg = message })
    return true
  end
  visitor.file = remove
  function visitor.leave(path, name, st, depth)
    if options.keep_dirs then
      return true
    end
    if path == 'A/' or (options.keep_top and depth == 0) then
      batch.add({ file = path, status = true, msg = 'skipped' })
      return true
    end
    return remove(path)
  end
  options.names = os.idir and names_in_portions
  local ok, message, where = walk(paths, options, visitor)
  batch.flush()
  if ok then
    return true
  end
  return false, message, where
end
