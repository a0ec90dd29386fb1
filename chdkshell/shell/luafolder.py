"""Where the Lua files of the user's own chdkptp are."""

from __future__ import annotations

import os

from chdkshell.errors import UsageError, printable
from chdkshell.hostlua.methods import MAIN
from chdkshell.shell.prefs import LUA_PATH, Prefs

PATH_VARIABLE = "CHDKPTP_LUA"
"""The environment's word on where the Lua files of the user's chdkptp are."""


def lua_folder(prefs: Prefs) -> str | None:
    """Return the folder with the user's own Lua files, None where none is named."""
    named = str(prefs.get(LUA_PATH)) or os.environ.get(PATH_VARIABLE, "")
    if not named:
        return _lua_path_folder() if prefs.compat else None
    folder = os.path.abspath(os.path.expanduser(named))  # noqa: PTH100, PTH111
    for place in (folder, os.path.join(folder, "lua")):  # noqa: PTH118
        if os.path.isfile(os.path.join(place, f"{MAIN}.lua")):  # noqa: PTH113, PTH118
            return place
    raise UsageError(
        f"no Lua files of chdkptp in {printable(folder)}",
        f"`set {LUA_PATH}=DIR`, or {PATH_VARIABLE} in the environment, names the folder with "
        f"{MAIN}.lua; without it this program's own are used",
    )


def _lua_path_folder() -> str | None:
    """Return the folder of chdkptp's Lua files that the environment names for Lua itself.

    Scripts that start chdkptp do so.
    """
    for pattern in os.environ.get("LUA_PATH_5_2", os.environ.get("LUA_PATH", "")).split(";"):
        folder, name = os.path.split(pattern)
        if name == "?.lua" and all(
            os.path.isfile(os.path.join(folder, f"{module}.lua"))  # noqa: PTH113, PTH118
            for module in (MAIN, "chdku")
        ):
            return os.path.abspath(folder)  # noqa: PTH100
    return None
