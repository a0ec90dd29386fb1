"""The simulated camera's Lua: an interpreter for each script, integer arithmetic, waiting."""
