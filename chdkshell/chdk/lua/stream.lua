-- needs: host
-- Send records of four values to the host, many in a message: the text of one flat Lua table.
-- Messages begin with a single record, so that the host has something to show at once, and grow to
-- what the free memory allows, or to `limit` records. From a slow card they go before they are full.
-- With `tells_memory` each has one more record, of kind 4: the KB that Lua uses, and the bytes of
-- the largest free block.
local timeout = 250 -- ms

local function most_records(limit)
  local info = get_meminfo and get_meminfo()
  local free = info and (info.free_block_max_size or info.free_size) or 100000
  -- a record takes some 100 bytes while its message is put together, in three copies
  local most = math.min(200, math.max(10, free / 2000))
  return limit and math.min(limit, most) or most
end

function new_stream(limit, tells_memory)
  local most, size = most_records(limit), 1
  local sent = get_tick_count()
  local records = {}
  local stream = {}
  function stream.flush()
    if #records > 0 then
      if tells_memory then
        local info = get_meminfo and get_meminfo() or {}
        records[#records + 1] = string.format('"",%d,%d,4,', collectgarbage('count'),
                                              info.free_block_max_size or info.free_size or 0)
      end
      local text = '{' .. table.concat(records) .. '}'
      records = {}
      -- waits while the host has not read the messages before this one
      if not send_to_host(text) then
        error('the host does not read its messages', 0)
      end
      size = math.min(most, size * 4)
      sent = get_tick_count()
      text = nil
      collectgarbage('step')
    end
  end
  function stream.add(name, a, b, c)
    records[#records + 1] = string.format('%q,%d,%d,%d,', name, a, b, c)
    if #records >= size or get_tick_count() - sent >= timeout then
      stream.flush()
    end
  end
  return stream
end
