-- The firmware ends a script when a person presses the shutter button, and calls this before (unless
-- the script has a `restore` of its own). Otherwise it would end without a word.
-- The text is ENDED_BY_KEY of scripts.py.
function restore()
  write_usb_msg('\0chdkshell: ended by a key')
end
