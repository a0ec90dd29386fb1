-- Numbers in binary strings, least significant byte first: require'binstr'
local binstr = {}

local function checked(size)
  size = size or 4
  if size < 1 or size > 4 then error('a number has 1 to 4 bytes', 3) end
  return size
end

-- The low `size` bytes (4) of a number, or of each number in a table.
function binstr.pack(numbers, size)
  size = checked(size)
  if type(numbers) ~= 'table' then numbers = { numbers } end
  local bytes = {}
  for _, number in ipairs(numbers) do
    for shift = 0, 8 * (size - 1), 8 do
      bytes[#bytes + 1] = string.char(bitand(bitshru(number, shift), 255))
    end
  end
  return table.concat(bytes)
end

-- The number of `size` bytes (4) that begins at byte `first` (1); nil where the text ends before.
-- Only 4 bytes can make a negative one.
function binstr.getnum(text, size, first)
  size, first = checked(size), first or 1
  if first < 1 then error('a text begins at 1', 2) end
  local number = 0
  for at = first + size - 1, first, -1 do
    local byte = text:byte(at)
    if not byte then return nil end
    number = bitor(bitshl(number, 8), byte)
  end
  return number
end

-- A table of all numbers of `size` bytes (4) in a text.
function binstr.unpack(text, size)
  size = checked(size)
  if type(text) ~= 'string' then error('a string is wanted, not a ' .. type(text), 2) end
  if #text % size ~= 0 then error('the text ends within a number', 2) end
  local numbers = {}
  for first = 1, #text, size do
    numbers[#numbers + 1] = binstr.getnum(text, size, first)
  end
  return numbers
end

return binstr
