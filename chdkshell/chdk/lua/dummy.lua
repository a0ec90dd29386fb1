-- needs: make_dirs
-- Give a picture that went to the host an empty file on the card: without it some cameras crash
-- when they are switched to play mode. Returns true, or false and why not.
function write_dummies()
  local dir = get_image_dir()
  local ok, why = make_dirs(dir)
  if not ok then
    return false, why
  end
  local format = get_canon_image_format and get_canon_image_format() or 1
  for suffix, bit in pairs({ JPG = 1, CR2 = 2 }) do
    local path = string.format('%s/IMG_%04d.%s', dir, get_exp_count(), suffix)
    if bitand(format, bit) ~= 0 and not os.stat(path) then
      local file, problem = io.open(path, 'wb')
      if not file then
        return false, problem
      end
      file:close()
      os.utime(path)
    end
  end
  return true
end
