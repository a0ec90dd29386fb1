-- needs: batch, paths
-- Send what is in a directory to the host: names, or tables with stat's facts.
-- A file is listed as itself. Returns true, or false and why not.
local function entry(name, st)
  return { name = name, size = st.size, mtime = st.mtime, attrib = st.attrib, is_dir = st.is_dir,
           is_file = st.is_file }
end

function list_dir(path, with_stat, all)
  local st, message = os.stat(path)
  if not st then
    return false, message
  end
  local batch = new_batch(with_stat and 32 or 64)
  if not st.is_dir then
    batch.add(with_stat and entry(path, st) or path)
    batch.flush()
    return true
  end
  local seen = 0
  for name in os.idir(path, all) do
    seen = seen + 1
    if seen % 32 == 0 then
      -- a small heap is full before the collector's own pace makes it look
      collectgarbage('step', 100)
    end
    if with_stat then
      st, message = os.stat(join_path(path, name))
      if not st then
        return false, message
      end
      batch.add(entry(name, st))
    else
      batch.add(name)
    end
  end
  batch.flush()
  return true
end
