-- needs: paths
-- Give a file or directory another name or place; into a directory where `to` is one.
-- Returns true and the new path, or false, why not and the path.
function move_file(from, to)
  local st, message = os.stat(from)
  if not st then
    return false, message, from
  end
  local target = os.stat(to)
  local same = string.lower(from) == string.lower(to)
  if target and target.is_dir and not same then
    to = join_path(to, string.match(from, '([^/]+)/*$') or '')
    target = os.stat(to)
  end
  if target and not same then
    return false, to .. ': there is a file of this name', to
  end
  if string.sub(string.lower(to), 1, #from + 1) == string.lower(from) .. '/' then
    return false, to .. ': a directory cannot be moved into itself', to
  end
  local ok, why = os.rename(from, to)
  if not ok then
    local above = string.match(to, '^(.*)/[^/]*$')
    return false, why, above and not os.stat(above) and above or from
  end
  return true, to
end
