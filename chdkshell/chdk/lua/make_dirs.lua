-- Make each folder on the way to `path` that is not there. The card itself, A, always is.
-- Returns true, or false (or nil) and why not.
function make_dirs(path)
  local way = ''
  for name in string.gmatch(path, '[^/]+') do
    way = way .. name
    local found = way == 'A' and { is_dir = true } or os.stat(way)
    if not found then
      local made, why = os.mkdir(way)
      if not made then
        return made, why
      end
    elseif not found.is_dir then
      return false, 'path exists, not directory: ' .. way
    end
    way = way .. '/'
  end
  return true
end
