-- needs: batch
-- Remove files that are still what the host knows: { path, size, mtime } each. Sends
-- { file, status, msg } for each of them. Returns true.
function remove_files(files)
  local batch = new_batch(20)
  for at = 1, #files do
    local path, size, mtime = files[at][1], files[at][2], files[at][3]
    local st, message = os.stat(path)
    local ok = false
    if st and (st.size ~= size or st.mtime ~= mtime or not st.is_file) then
      message = path .. ': changed since it was listed'
    elseif st then
      ok, message = os.remove(path)
    end
    batch.add({ file = path, status = ok and true or false, msg = message })
  end
  batch.flush()
  return true
end
