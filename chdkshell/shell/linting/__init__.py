"""Lua for the camera looked at without one: what it would refuse, and what looks wrong."""
