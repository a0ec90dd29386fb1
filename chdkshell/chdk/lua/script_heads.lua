-- needs: host
-- Send the first `size` bytes of each file, after its number among them (from 0) and a blank.
function send_heads(paths, size)
  for number, path in ipairs(paths) do
    local file = io.open(path, 'rb')
    if file then
      local head = file:read(size) or ''
      file:close()
      if not send_to_host(number - 1 .. ' ' .. head) then
        error('the host does not read its messages', 0)
      end
    end
  end
end
