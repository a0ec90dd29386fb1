-- needs: serialize, host
-- Send many items to the host in few messages, without holding more than one batch of them.
function new_batch(size)
  local items = {}
  local batch = {}
  function batch.flush()
    if #items > 0 then
      if not send_to_host(items) then
        error('the host does not read its messages', 0)
      end
      items = {}
      collectgarbage('step')
    end
  end
  function batch.add(item)
    items[#items + 1] = item
    if #items >= size then
      batch.flush()
    end
  end
  return batch
end
