-- needs: serialize, host
-- Send values to the host as the last message: "=" and a table with a table for each value.
-- What a script returns is lost while the queue of messages is full; a message waits for room.
function send_answer(...)
  local parts = {}
  for at = 1, select('#', ...) do
    parts[at] = usb_msg_table_to_string({ (select(at, ...)) })
  end
  local text = '={' .. table.concat(parts, ',') .. '}'
  if not send_to_host(text) then
    error('the host does not read its messages', 0)
  end
end
