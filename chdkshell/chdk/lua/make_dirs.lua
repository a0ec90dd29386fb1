-- Make a directory with its parents; one that is there already is fine.
-- Returns true, or false and why not.
function make_dirs(path)
  local st = os.stat(path)
  if st then
    if st.is_dir then
      return true
    end
    return false, 'path exists, not directory: ' .. path
  end
  local parent = string.match(path, '^(.+)/[^/]+$')
  if parent and parent ~= 'A' then
    local ok, message = make_dirs(parent)
    if not ok then
      return false, message
    end
  end
  return os.mkdir(path)
end
