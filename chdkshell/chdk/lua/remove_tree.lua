-- needs: batch, walk
-- Remove files and directories with what is in them, and send { file, status, msg } for each.
-- Options: those of walk, and keep_dirs, keep_top, pretend, ignore_errors.
-- Returns true, or false, why not, and the path it stopped at.
function remove_tree(paths, options)
  local batch = new_batch(20)
  local visitor = {}
  local function remove(path)
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
  -- a directory must not change while it is read
  options.at_once = true
  local ok, message, where = walk(paths, options, visitor)
  batch.flush()
  if ok then
    return true
  end
  return false, message, where
end
