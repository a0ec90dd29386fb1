"""The commands, one module a topic. Importing this package declares them all, in this order."""

# ruff: noqa: I001 - the order is that of `help`
from chdkshell.shell.commands import general, output, connection, doctor, script, repl, files
from chdkshell.shell.commands import trees, filetools, images, memory
from chdkshell.shell.commands import liveview, viewfinder, shooting, remoteshoot
from chdkshell.shell.commands import clock, lens, keys, dng

__all__ = [
    "clock",
    "connection",
    "dng",
    "doctor",
    "files",
    "filetools",
    "general",
    "images",
    "keys",
    "lens",
    "liveview",
    "memory",
    "output",
    "remoteshoot",
    "repl",
    "script",
    "shooting",
    "trees",
    "viewfinder",
]
