"""The functions that the camera's Lua has beside those of Lua itself, by subject."""
