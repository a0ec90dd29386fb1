-- Seconds that have gone by.
local ticktime = {}

function ticktime.get()
  return sys.gettick()
end

function ticktime.elapsed(since)
  return sys.gettick() - since
end

return ticktime
