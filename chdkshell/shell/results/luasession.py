"""Results of Lua sessions, and of scripts that fail later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TextIO

from chdkshell.errors import printable
from chdkshell.shell.results import Result
from chdkshell.shell.results.jsonvalues import lua_json


@dataclass(frozen=True, slots=True)
class ScriptFailure(Result):
    """An error that a script left as a message. `position` and `line` lie in the user's code."""

    script_id: int
    kind: str
    position: str
    reason: str
    line: int | None

    def text(self) -> str:
        place = f"{self.script_id}:error:{self.kind}:{self.position}"
        return printable(place + self.reason)


@dataclass(frozen=True, slots=True)
class LuaValues(Result):
    """What a chunk of a Lua session gave. `lua` is all of it as Lua writes it."""

    values: tuple[object, ...]
    lua: str

    def text(self) -> str:
        return printable(self.lua)

    def screen(self, terminal: TextIO) -> str:
        from chdkshell.shell.results.drawing import drawn, lua_text, width
        from chdkshell.shell.results.luavalues import values_text

        return drawn(lua_text(values_text(self.values, width(terminal))), terminal)

    def json(self) -> Any:
        return {"values": [lua_json(value) for value in self.values]}


@dataclass(frozen=True, slots=True)
class Printed(Result):
    """A line that a Lua session's code printed."""

    line: str

    def text(self) -> str:
        return printable(self.line) + "\n"

    def json(self) -> Any:
        return {"printed": self.line}
