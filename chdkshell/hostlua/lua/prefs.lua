-- The program's options as fields.
local own = require 'chdkshell.own'

return setmetatable({}, {
  __index = function(_, name)
    return own.get_option(name)
  end,
  __newindex = function(_, name, value)
    own.set_option(name, type(value) == 'number' and string.format('%d', value) or value)
  end,
})
