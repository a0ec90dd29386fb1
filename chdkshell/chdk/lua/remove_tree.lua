-- needs: batch, paths
-- Remove files and directories with what is in them, and send { file, status, msg } for each.
-- Options: fmatch, dmatch (patterns for whole paths of files and directories), rmatch (pattern for
-- names of directories to go into), maxdepth, keep_dirs, keep_top, pretend, ignore_errors.
-- Returns true, or false, why not, and the path it stopped at.
local function remove_one(path, batch, options)
  local ok, message = true, nil
  if not options.pretend then
    ok, message = os.remove(path)
  end
  if not ok and not options.ignore_errors then
    return false, message, path
  end
  batch.add({ file = path, status = ok and true or false, msg = message })
  return true
end

local function matches(text, pattern)
  return not pattern or string.match(text, pattern)
end

local function remove_path(path, name, depth, batch, options)
  local st, message = os.stat(path)
  if not st then
    return false, message, path
  end
  if not st.is_dir then
    if st.is_file and matches(path, options.fmatch) then
      return remove_one(path, batch, options)
    end
    return true
  end
  if depth < options.maxdepth and matches(name, options.rmatch) then
    -- all names first: a directory must not change while it is read
    local names, problem = os.listdir(path)
    if not names and not options.ignore_errors then
      return false, problem, path
    end
    for _, child in ipairs(names or {}) do
      local ok, why, where = remove_path(join_path(path, child), child, depth + 1, batch, options)
      if not ok then
        return false, why, where
      end
    end
  end
  if options.keep_dirs or not matches(path, options.dmatch) then
    return true
  end
  if path == 'A/' or (options.keep_top and depth == 0) then
    batch.add({ file = path, status = true, msg = 'skipped' })
    return true
  end
  return remove_one(path, batch, options)
end

function remove_tree(paths, options)
  local batch = new_batch(20)
  for _, path in ipairs(paths) do
    local name = string.match(path, '([^/]+)/*$') or path
    local ok, message, where = remove_path(path, name, 0, batch, options)
    if not ok then
      batch.flush()
      return false, message, where
    end
  end
  batch.flush()
  return true
end
