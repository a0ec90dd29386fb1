"""The camera's settings as they are before a command changes them for its own sake."""

from __future__ import annotations

from collections.abc import Mapping

from chdkshell.chdk.changes import PutBack
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import ChdkError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.literals import serialize
from chdkshell.lua.values import LuaValue


def settings_before(
    scripts: Scripts, options: Mapping[str, LuaValue], cancel: CancelToken = NEVER
) -> PutBack | None:
    """Return what puts back what a script with these options changes, None where that is nothing.

    Raises `ScriptRunningError` where a script runs, before anything is changed.
    """
    code = f"return settings_before({serialize(dict(options))})"
    before = scripts.call(code, libraries=("settings",), cancel=cancel)
    if before is None:
        return None
    if not isinstance(before, dict):
        raise ChdkError("the camera does not tell its settings")
    return PutBack(before)
