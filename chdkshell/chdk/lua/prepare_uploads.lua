-- needs: batch, make_dirs, paths
-- Look at the targets of uploads: make the directories they go into, take away what uploads that
-- were broken off left there (names that match `leftover`), and send { path, size, mtime, kind }
-- for each target that is there; kind is 'file' or 'dir'. With `pretend` nothing is changed, and
-- kind 'missing' names a directory that is not there.
-- Returns true, or false, why not and the path.
local function clean(dir, leftover)
  local found = {}
  for _, name in ipairs(os.listdir(dir) or {}) do
    if string.find(name, leftover) then
      found[#found + 1] = name
    end
  end
  for at = 1, #found do
    os.remove(join_path(dir, found[at]))
  end
end

function prepare_uploads(dirs, targets, leftover, pretend)
  local batch = new_batch(32)
  for at = 1, #dirs do
    local st = os.stat(dirs[at])
    if not st and pretend then
      batch.add({ path = dirs[at], kind = 'missing' })
    elseif not st then
      local ok, message = make_dirs(dirs[at])
      if not ok then
        batch.flush()
        return false, message, dirs[at]
      end
    elseif st and not st.is_dir then
      batch.flush()
      return false, 'not a directory: ' .. dirs[at], dirs[at]
    elseif st and not pretend then
      clean(dirs[at], leftover)
    end
  end
  for at = 1, #targets do
    local st = os.stat(targets[at])
    if st then
      batch.add({ path = targets[at], size = st.size, mtime = st.mtime,
                  kind = st.is_dir and 'dir' or 'file' })
    end
  end
  batch.flush()
  return true
end
