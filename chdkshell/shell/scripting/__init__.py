"""What the commands about scripts have in common: what they show, and files with Lua."""
