-- one line
-- The firmware ends a script when a person presses the shutter button, and calls this before (unless
-- the script has a `restore` of its own). Otherwise it would end without a word, and leave the
-- settings changed that are in `settings_kept`.
-- The text is ENDED_BY_KEY of scriptmessages.py.
function restore()
  if settings_kept then
    put_back(settings_kept, 0)
  end
  write_usb_msg('\0chdkshell: ended by a key')
end
