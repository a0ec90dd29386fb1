-- needs: walk, stream
-- Send what is in the given paths to the host. Records: {name, size, mtime, 0} for a file in the
-- directory of the last such record, {path, level, which of the given paths, 1} for what follows
-- being in that directory, {path, mtime, level, 2} for a directory itself, before what is in it,
-- with 5 for 2 where no other follows in the one above, and {path, size, mtime, 3} for a file that
-- was given. To the last value of files and directories 8 times their attributes are added.
-- Options: those of walk, batchsize and dbgmem (see stream). `accept(name, dir)` may leave files out, `skips(name, depth)` directories.
-- Returns true, or false, why not, and the path it stopped at.
function list_tree(paths, options, accept, skips)
  local stream = new_stream(options.batchsize, options.dbgmem)
  local given, here, level = 0, nil, 0
  local visitor = {}
  function visitor.start(at)
    given, here, level = at, nil, 0
    stream.add(paths[at], 0, at, 1)
  end
  function visitor.enter(path, name, st, depth, wanted, last)
    if skips and skips(name, depth) then
      return 'skip'
    end
    if wanted then
      stream.add(path, st.mtime, depth, (last and 5 or 2) + 8 * st.attrib)
    end
    stream.add(path, depth, given, 1)
    here, level = path, depth
    return true
  end
  function visitor.file(path, name, st)
    if accept and not accept(name, here or path) then
      return true
    end
    if here then
      stream.add(name, st.size, st.mtime, 8 * st.attrib)
    else
      stream.add(path, st.size, st.mtime, 3 + 8 * st.attrib)
    end
    return true
  end
  local ok, why, where = walk(paths, options, visitor)
  stream.flush()
  if ok then
    return true
  end
  return false, why, where
end
