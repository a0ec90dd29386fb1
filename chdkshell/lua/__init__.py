"""The Lua of the firmware as text: tokens, parser, literals, patterns, compile check.

It is Lua 5.1.4 with whole numbers of 32 bits only. Nothing here runs a program.
"""
