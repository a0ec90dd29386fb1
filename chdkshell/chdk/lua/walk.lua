-- needs: paths
-- Visit files and directories: those that are given, and what is in them.
-- Options: fmatch, glob (patterns for whole paths of files), dmatch (the same for directories),
-- rmatch (pattern for names of directories to go into), maxdepth (levels below the given paths),
-- names (a function that gives an iterator over the names in a directory, and its state, in the place
-- of each_name), ignore_errors, descending.
-- The visitor has file(path, name, st), and may have enter(path, name, st, depth, wanted, last),
-- which can return 'skip', and leave(path, name, st, depth), all of which return true, or false, why
-- not and where. `last`: no directory follows in the one above.
-- The files of a directory come before the directories in it: so one directory is open at a time,
-- and only names of directories are kept. These are visited in the order of their names with a '/',
-- which is that of the paths in them: the host can tell what nothing comes before any more.
local function matches(text, pattern)
  return not pattern or string.find(text, pattern)
end

local function each_name(path)
  if os.idir then
    return os.idir(path)
  end
  local names, message = os.listdir(path)
  if not names then
    return nil, message
  end
  local at = 0
  return function()
    at = at + 1
    return names[at]
  end
end

local seen = 0
local walk_item

local function walk_inside(path, depth, options, visitor)
  local names, state = (options.names or each_name)(path)
  if not names then
    return options.ignore_errors and true or false, state, path
  end
  local dirs = {}
  for name in names, state do
    local child = join_path(path, name)
    local st, message = os.stat(child)
    if st and st.is_dir then
      if name ~= '.' and name ~= '..' then
        dirs[#dirs + 1] = name .. '/'
      end
    elseif st then
      if st.is_file and matches(child, options.fmatch) and matches(child, options.glob) then
        local ok, why, where = visitor.file(child, name, st)
        if not ok then
          return false, why, where
        end
      end
    elseif not options.ignore_errors then
      return false, message, child
    end
    seen = seen + 1
    if seen % 32 == 0 then
      -- a small heap is full before the collector's own pace makes it look
      collectgarbage('step', 100)
    end
  end
  names, state = nil, nil
  table.sort(dirs)
  local first, last, step = 1, #dirs, 1
  if options.descending then
    first, last, step = last, 1, -1
  end
  for at = first, last, step do
    local name = string.sub(dirs[at], 1, -2)
    local child = join_path(path, name)
    local ok, why, where = walk_item(child, name, depth, options, visitor, at == last)
    if not ok then
      return false, why, where
    end
  end
  return true
end

function walk_item(path, name, depth, options, visitor, last)
  local st, message = os.stat(path)
  if not st then
    return false, message, path
  end
  if not st.is_dir then
    if st.is_file and matches(path, options.fmatch) and matches(path, options.glob) then
      return visitor.file(path, name, st)
    end
    return true
  end
  local wanted = matches(path, options.dmatch)
  local ok, why, where = true, nil, nil
  if visitor.enter then
    ok, why, where = visitor.enter(path, name, st, depth, wanted, last)
  end
  if ok == 'skip' then
    return true
  end
  if ok and depth < options.maxdepth and matches(name, options.rmatch) then
    ok, why, where = walk_inside(path, depth + 1, options, visitor)
  end
  if ok and wanted and visitor.leave then
    ok, why, where = visitor.leave(path, name, st, depth)
  end
  return ok, why, where
end

function walk(paths, options, visitor)
  for at = 1, #paths do
    local path = paths[at]
    if visitor.start then
      visitor.start(at)
    end
    local name = string.match(path, '([^/]+)/*$') or path
    local ok, why, where = walk_item(path, name, 0, options, visitor, true)
    if not ok then
      return false, why, where
    end
  end
  return true
end
