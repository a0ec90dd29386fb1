"""Lua 5.2 on this computer: the functions that chdkptp's C core offers, over this library.

chdkptp is a small core in C below much Lua. The Lua files of the user's own chdkptp run over this
core unchanged; without them a small library of this project stands in (the files in `lua`). Only
what the user typed or named runs here: nothing that a camera, its card or a network peer sent.
"""
