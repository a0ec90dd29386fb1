-- Reading ahead: a loop over the pixels of a frame, or the bytes of a buffer, asks the host once for
-- a row or a piece. What was read holds until the next call of the host, which may change it.
local byte, floor = string.byte, math.floor

local PIECE = 4096 -- bytes of a buffer that are read ahead
local NEAR = 64 -- bytes from one place to the next, in a loop

local function is_place(value)
  return type(value) == 'number' and value >= 0 and value == floor(value)
end

local function is_object(value)
  return type(value) == 'userdata'
end

-- Returns what the host answered, and notes what it was asked.
local function noting(note, of, at, ...)
  note(of, at)
  return ...
end

-- `classes` are the methods of objects by kind; `calls.count` grows with each call of the host.
return function(classes, calls)

  -- Reads ahead where a second place in a row is near the first. `holds` says whether what was read
  -- from a place on has another, `is_near` whether a loop goes from one to the other.
  local function reader(read, holds, is_near)
    local object, place, count, held, from

    -- Returns what was read and from where on; nil where the host is to be asked.
    local function ahead(of, at)
      if not rawequal(object, of) or count ~= calls.count then
        return nil
      end
      if not (held and holds(from, at)) then
        held = nil
        if is_near(place, at) then
          held, from = read(of, at)
          count = calls.count
        end
      end
      return held, from
    end

    -- The host was asked for a place.
    local function note(of, at)
      object, place, count, held = of, at, calls.count, nil
    end

    return ahead, note
  end

  local raw = classes.RawImage
  local get_pixel, row = raw.get_pixel, raw.row
  raw.row = nil

  local function is_same(one, other)
    return one == other
  end

  local row_ahead, note_row = reader(function(image, y)
    return row(image, y), y
  end, is_same, is_same)

  function raw.get_pixel(image, x, y)
    if not (is_place(x) and is_place(y) and is_object(image)) then
      return get_pixel(image, x, y)
    end
    local pixels = row_ahead(image, y)
    if pixels and x * 2 < #pixels then
      local high, low = byte(pixels, x * 2 + 1, x * 2 + 2)
      return high * 256 + low
    end
    return noting(note_row, image, y, get_pixel(image, x, y))
  end

  local buffer = classes.Lbuf
  local part = buffer.string

  local piece_ahead, note_piece = reader(function(of, offset)
    return part(of, offset + 1, offset + PIECE), offset
  end, function(from, offset)
    return offset >= from and offset < from + PIECE
  end, function(before, offset)
    return before and offset - before <= NEAR and before - offset <= NEAR
  end)

  local function reading_ahead(name, size, limit)
    local get = buffer[name]
    buffer[name] = function(of, offset, count)
      local at = offset or 0
      if count ~= nil or not (is_place(at) and is_object(of)) then
        return get(of, offset, count)
      end
      local piece, from = piece_ahead(of, at)
      local first = piece and at - from + 1
      if piece and first + size - 1 <= #piece then
        local value = 0
        for place = first + size - 1, first, -1 do
          value = value * 256 + byte(piece, place)
        end
        return limit and value >= limit and value - 2 * limit or value
      end
      return noting(note_piece, of, at, get(of, offset))
    end
  end

  for _, size in ipairs{1, 2, 4} do
    reading_ahead('get_u' .. size * 8, size)
    reading_ahead('get_i' .. size * 8, size, 2 ^ (size * 8 - 1))
  end
end
