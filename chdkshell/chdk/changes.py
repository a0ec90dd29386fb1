"""What the script under way may leave behind: whose it is, and what puts back what it changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from chdkshell.chdk.library import LuaProgram, build
from chdkshell.lua.values import LuaKey, LuaValue

GIVE_UP_SECONDS = 2.0
"""How long whoever ends a script early waits for the shot that is under way."""


class PutBack(NamedTuple):
    """Settings of the camera as they were before a command changed them for its own sake.

    `before` is what `settings_before` of `lua/settings.lua` returned.
    """

    before: Mapping[LuaKey, LuaValue]

    def code(self, give_up: float | None = None) -> str:
        """Return the Lua that puts them back; it needs the library `settings`.

        A shot that is under way comes to its end before, or is called off where it takes longer
        than `give_up` seconds.
        """
        wait = "nil" if give_up is None else f"{give_up * 1000:.0f}"
        return f"put_back({self.text},{wait})"

    @property
    def text(self) -> str:
        """The settings as Lua."""
        from chdkshell.lua.literals import serialize

        return serialize(dict(self.before))


class Changes:
    """What is known of the script under way. It outlives the connection.

    `put_back` is what remains to be done where that script does not come to its own end, None for
    nothing. `owned`: a script that runs now was started by this program's commands. `is_left`: the
    command that changed something is over, and the end of its script was not seen. `is_dropped`:
    that script could not be reached any more when it was to be ended.
    """

    def __init__(self) -> None:
        self.put_back: PutBack | None = None
        self.owned = False
        self.is_left = False
        self.is_dropped = False

    def ending(self, give_up: float) -> LuaProgram:
        """Return the script that takes the place of one that is killed; mostly it is empty."""
        if self.put_back is None:
            return LuaProgram((), b"")
        return build(self.put_back.code(give_up), ("settings",))
