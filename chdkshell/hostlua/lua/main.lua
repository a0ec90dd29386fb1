-- Sets up what Lua programs for chdkptp expect, where the user's chdkptp is not at hand.
util = require 'util'
util:import()
errutil = require 'errutil'
fsutil = require 'fsutil'
ticktime = require 'ticktime'
prefs = require 'prefs'
chdku = require 'chdku'
cli = require 'cli'

con = chdku.connection()
