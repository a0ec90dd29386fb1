"""The names that a camera's Lua has: its build, its model and its protocol decide on them."""

from __future__ import annotations

from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import ChdkError
from chdkshell.flow import NEVER, CancelToken

LIST_NAMES = (
    "local names={} for k,v in pairs(_G) do if type(k)=='string' then "
    "names[#names+1]=k if type(v)=='table' and k~='_G' then for f in pairs(v) do "
    "if type(f)=='string' then names[#names+1]=k..'.'..f end end end end end "
    "return names"
)
"""Lua that gives the names of all globals, and of their fields as `os.stat`."""


def lua_names(scripts: Scripts, cancel: CancelToken = NEVER) -> frozenset[str]:
    """Return the names of the camera's globals, and of their fields. Raises `ChdkError`."""
    names = scripts.call(LIST_NAMES, cancel=cancel)
    if not isinstance(names, list):
        raise ChdkError("the camera does not tell the names of its Lua")
    # the script that asks has a `restore` of its own
    return frozenset(name for name in names if isinstance(name, str)) - {"restore"}
