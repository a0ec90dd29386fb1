-- needs: list_tree
-- Send the pictures in the given paths to the host, as list_tree does. Options as there, and
-- imin, imax (numbers of pictures), dmin, dmax (numbers of their directories), last (so many
-- numbers up to the camera's counter of files, which follows 9999 with 1).
-- Returns true, the counter and the directory that takes the next picture; or as list_tree.
local function outside(number, low, high)
  return not number or (low and number < low) or (high and number > high)
end

function list_images(paths, options)
  local count = get_exp_count()
  local by_image = options.imin or options.imax
  local by_dir = options.dmin or options.dmax
  local function accept(name, dir)
    local number = tonumber(string.match(name, '[%a_]%a%a_(%d%d%d%d)%.%w%w%w$'))
    if by_image and outside(number, options.imin, options.imax) then
      return false
    end
    if options.last and (not number or (count - number + 9999) % 9999 >= options.last) then
      return false
    end
    if by_dir then
      local last = string.match(dir, '([^/]+)/*$') or ''
      return not outside(tonumber(string.match(last, '^%d%d%d')), options.dmin, options.dmax)
    end
    return true
  end
  local function skips(name, depth)
    local number = tonumber(string.match(name, '^%d%d%d'))
    return by_dir and depth > 0 and number and outside(number, options.dmin, options.dmax)
  end
  local ok, why, where = list_tree(paths, options, accept, skips)
  if not ok then
    return false, why, where
  end
  return true, count, get_image_dir()
end
