-- needs: host
-- Send `left` bytes of a file, from `start` on, to its end. The file must have this size and time.
-- A message has at most `limit` bytes, and what the free memory allows.
-- Returns true, or false, why not, and the path.
local function message_size(limit)
  local info = get_meminfo and get_meminfo()
  local free = info and (info.free_size or info.free_block_max_size) or 200000
  local block = info and info.free_block_max_size or free
  -- the queue holds 15 messages if the host is slow; one is read in some copies
  return math.max(1024, math.min(limit, free / 30, block / 10))
end

local function send(input, left, size)
  while left > 0 do
    local data = input:read(math.min(left, size))
    if not data then
      return false, 'ends too early'
    end
    left = left - #data
    if not send_to_host(data) then
      return false, 'the host does not read its messages'
    end
    data = nil
    collectgarbage('step', 100)
  end
  return true
end

function send_rest(path, size, mtime, start, left, limit)
  local st, message = os.stat(path)
  if not st then
    return false, message, path
  end
  if st.size ~= size or st.mtime ~= mtime then
    return false, path .. ': changed since it was begun', path
  end
  local input
  input, message = io.open(path, 'rb')
  if not input then
    return false, message, path
  end
  local ok = input:seek('set', start)
  if ok then
    ok, message = send(input, left, message_size(limit))
  end
  input:close()
  if ok then
    return true
  end
  return false, path .. ': ' .. (message or 'cannot go on'), path
end
