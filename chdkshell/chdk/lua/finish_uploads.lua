-- needs: batch
-- Give files that arrived their names: { from, to, size, mtime } each, mtime 0 for none. One that
-- is not whole is removed. Sends { file, status, msg, short } for each; msg names the file that was
-- meant, and short says that the card did not take all of it.
-- Returns true.
local function named(message, from, to)
  if string.sub(message, 1, #from) == from then
    return to .. string.sub(message, #from + 1)
  end
  return message
end

local function finish(from, to, size, mtime)
  local st, message = os.stat(from)
  if not st then
    return false, named(message, from, to)
  end
  if st.size ~= size then
    os.remove(from)
    return false, to .. ': ' .. st.size .. ' of ' .. size .. ' bytes are on the card', true
  end
  local old = os.stat(to)
  if old and not old.is_file then
    os.remove(from)
    return false, 'not a file: ' .. to
  end
  local ok = true
  if old then
    ok, message = os.remove(to)
    if not ok then
      os.remove(from)
      return false, message
    end
  end
  ok, message = os.rename(from, to)
  if not ok then
    message = named(message, from, to)
    if not old then
      os.remove(from)
      return false, message
    end
    return false, message .. '; the new content is in ' .. from
  end
  if mtime ~= 0 then
    return os.utime(to, mtime, mtime)
  end
  return true
end

function finish_uploads(files)
  local batch = new_batch(20)
  for at = 1, #files do
    local file = files[at]
    local ok, message, short = finish(file[1], file[2], file[3], file[4])
    batch.add({ file = file[2], status = ok and true or false, msg = message, short = short })
  end
  batch.flush()
  return true
end
