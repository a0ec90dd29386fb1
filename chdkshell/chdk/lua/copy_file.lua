-- needs: host
-- Copy a file to another place on the card, where nothing is yet. It is called `way` until it is
-- whole. Its time is kept.
-- Sends how many bytes were copied after each part of `part` bytes.
-- Returns true and the new path, or false, why not and the path.
local block = 16384

local function copied(input, output, part)
  local done, told = 0, 0
  while true do
    local data = input:read(block)
    if not data then
      return done
    end
    if not output:write(data) then
      return nil, 'cannot be written'
    end
    done = done + #data
    data = nil
    if done - told >= part then
      told = done
      collectgarbage('step')
      if not send_to_host(tostring(done)) then
        return nil, 'the host does not read its messages'
      end
    end
  end
end

local function written(from, to, part)
  local input, message = io.open(from, 'rb')
  if not input then
    return nil, message
  end
  local output
  output, message = io.open(to, 'wb')
  if not output then
    input:close()
    return nil, message
  end
  local done
  done, message = copied(input, output, part)
  input:close()
  output:close()
  return done, message
end

function copy_file(from, to, way, part)
  local st, message = os.stat(from)
  if not st then
    return false, message, from
  end
  if os.stat(to) then
    return false, to .. ': there is a file of this name', to
  end
  local done
  done, message = written(from, way, part)
  local copy = done and os.stat(way)
  local ok = copy and copy.size == st.size
  if copy and not ok then
    message = to .. ': ' .. copy.size .. ' of ' .. st.size .. ' bytes are on the card'
  end
  if ok then
    os.utime(way, st.mtime, st.mtime)
    ok, message = os.rename(way, to)
  end
  if not ok then
    os.remove(way)
    message = message or 'cannot be copied'
    if string.sub(message, 1, #way) == way then
      message = to .. string.sub(message, #way + 1)
    end
    return false, message, to
  end
  return true, to
end
