"""Results of the commands that run Lua on the camera."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TextIO

from chdkshell.chdk.constants import ErrorType, MessageType, ValueType
from chdkshell.chdk.messages import ScriptMessage, format_message
from chdkshell.errors import LuaDataError, printable
from chdkshell.lua.literals import LuaUnsupported
from chdkshell.shell.results import Result
from chdkshell.shell.results.jsonvalues import to_json

_MESSAGE_HEAD = re.compile(r"\d+:(?:return|user):(?:table:)?")


@dataclass(frozen=True, slots=True)
class Message(Result):
    """A message of a script: what it returned or sent."""

    message: ScriptMessage

    def text(self) -> str:
        return printable(format_message(self.message))

    def screen(self, terminal: TextIO) -> str:
        text = self.text()
        match = _MESSAGE_HEAD.match(text)
        if match is None:
            return text
        from rich.text import Text

        from chdkshell.shell.results.drawing import drawn, lua_text

        return drawn(Text(match[0], style="dim") + lua_text(text[match.end() :]), terminal)

    def json(self) -> Any:
        message = self.message
        names = ErrorType if message.type is MessageType.ERROR else ValueType
        try:
            kind, content = names(message.subtype).name.lower(), message.value
        except (LuaDataError, ValueError):
            kind, content = "unsupported", message.text
        if isinstance(content, LuaUnsupported):
            content = content.type_name
        return {
            "script_id": message.script_id,
            "type": message.type.name.lower(),
            "value_type": kind,
            "value": to_json(content),
        }


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
        return {"values": to_json(self.values)}


@dataclass(frozen=True, slots=True)
class Printed(Result):
    """A line that a Lua session's code printed."""

    line: str

    def text(self) -> str:
        return printable(self.line) + "\n"

    def json(self) -> Any:
        return {"printed": self.line}
