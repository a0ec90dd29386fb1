-- Histogram objects of rawop.create_histogram. Python keeps their data, by number.

local F = ...
local newproxy, type, select = F.newproxy, type, F.select

local numbers = setmetatable({}, {__mode = 'k'})
local prototype = newproxy(true)
local methods, last = {}, 0
F.native_debug.getmetatable(prototype).__index = methods

-- Methods of histograms from functions that take a number in the object's place.
function F.finish_rawop(functions)
  for name, method in F.next, functions do
    methods[name] = function(...)
      local object = ...
      local number = numbers[object]
      if not number then
        local got = select('#', ...) == 0 and 'no value' or type(object)
        F.argument_error(1, 'rawop.histo_meta expected, got ' .. got)
      end
      local result = method(number, select(2, ...))
      return result
    end
  end
  function F.globals.rawop.create_histogram()
    last = last + 1
    local object = newproxy(prototype)
    numbers[object] = last
    return object
  end
end
