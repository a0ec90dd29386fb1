-- Sets up what Lua programs for chdkptp expect, where the user's chdkptp is not at hand.
util = require 'util'
util:import()
errutil = require 'errutil'
fsutil = require 'fsutil'
ticktime = require 'ticktime'
prefs = require 'prefs'
chdku = require 'chdku'
cli = require 'cli'

-- What a program asks these for in vain may be in chdkptp's own files.
local own = require 'chdkshell.own'
for _, library in ipairs{util, errutil, fsutil, chdku, cli} do
  setmetatable(library, {__index = function(_, name)
    own.note_lack(name)
  end})
end

con = chdku.connection()
