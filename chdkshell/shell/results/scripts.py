"""Messages of scripts as results."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TextIO

from chdkshell.chdk.constants import ErrorType, MessageType, ValueType
from chdkshell.chdk.messages import ScriptMessage, format_message
from chdkshell.errors import LuaDataError, printable
from chdkshell.lua.values import LuaUnsupported
from chdkshell.records import Record
from chdkshell.shell.results import Result
from chdkshell.shell.results.jsonvalues import lua_json

_MESSAGE_HEAD = re.compile(r"\d+:(?:return|user):(?:table:)?")


class MadeScript(Record, Result):
    """A script of the menu that was made to run by itself: its parameters, and what was saved."""

    parameters: Mapping[str, int | str]
    saved: tuple[str, ...]
    ran: bool
    quiet: bool

    def text(self) -> str:
        if not self.saved and not self.ran:
            return "OK"
        return "" if self.quiet else "\n".join(f"save {printable(name)}" for name in self.saved)

    def json(self) -> Any:
        return {"parameters": dict(self.parameters), "saved": list(self.saved)}


class Message(Result):
    """A message of a script: what it returned or sent."""

    __slots__ = ("message",)

    def __init__(self, message: ScriptMessage) -> None:
        self.message = message

    def text(self) -> str:
        return printable(format_message(self.message))

    def cells(self) -> dict[str, str]:
        is_return = self.message.type is MessageType.RETURN
        return {"returned": _MESSAGE_HEAD.sub("", self.text(), count=1)} if is_return else {}

    def screen(self, terminal: TextIO) -> str:
        text = self.text()
        match = _MESSAGE_HEAD.match(text)
        if match is None:
            return text
        from rich.text import Text

        from chdkshell.shell.results.drawing import drawn, lua_text

        return drawn(Text(match[0], style="muted") + lua_text(text[match.end() :]), terminal)

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
            "value": lua_json(content),
        }
