"""The commands, one module a topic. Importing this package declares them all, in this order."""

# ruff: noqa: I001 - the order is that of `help`
from chdkshell.shell.commands import general, connection, doctor, script, files, memory
from chdkshell.shell.commands import liveview, viewfinder

__all__ = [
    "connection",
    "doctor",
    "files",
    "general",
    "liveview",
    "memory",
    "script",
    "viewfinder",
]
