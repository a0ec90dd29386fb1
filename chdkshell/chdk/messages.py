"""Messages between a script on the camera and the host."""

from __future__ import annotations

import struct
from typing import NamedTuple

from chdkshell.chdk.constants import ErrorType, MessageType, ValueType
from chdkshell.errors import LuaDataError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.values import LuaUnsupported, LuaValue, decode_string


class ScriptMessage(NamedTuple):
    """What a script left for the host: a return value, a message of its own, or an error.

    `subtype` is a `ValueType`, or an `ErrorType` where `type` is ERROR. `script_id` is the id of
    the script that sent it. `data` is as received, and empty where the message has no bytes.
    """

    type: MessageType
    subtype: int
    script_id: int
    data: bytes = b""

    @property
    def text(self) -> str:
        """The bytes as text. Those that are not UTF-8 appear as backslash escapes."""
        return self.data.decode("utf-8", "backslashreplace")

    @property
    def value(self) -> LuaValue:
        """What `read` returns."""
        return self.read()

    def read(self, cancel: CancelToken = NEVER) -> LuaValue:
        """Return the Lua value as a Python value (`lua.values`), or an error's text.

        A table can be large: `cancel` ends the reading of one. Raises `LuaDataError` where the
        message holds no such value, for example a table whose text was written by a
        `usb_msg_table_to_string` of the script's own.
        """
        if self.type == MessageType.ERROR:
            return self.text
        match self.subtype:
            case ValueType.NIL:
                return None
            case ValueType.BOOLEAN:
                return self._integer() != 0
            case ValueType.INTEGER:
                return self._integer()
            case ValueType.STRING:
                return decode_string(self.data)
            case ValueType.TABLE:
                from chdkshell.lua.literals import parse

                return parse(self.data, cancel)
        return LuaUnsupported(self.text)

    def _integer(self) -> int:
        if len(self.data) != 4:
            raise LuaDataError(f"a number from the camera has {len(self.data)} bytes, not 4")
        return int(struct.unpack("<i", self.data)[0])


def format_message(message: ScriptMessage) -> str:
    """Return a message as chdkptp prints it: `1:return:'a'`, `1:user:table:{1}`.

    A table is shown as the camera wrote it. What is shown on a terminal needs `printable`.
    """
    head = f"{message.script_id}:{message.type.name.lower()}:"
    if message.type == MessageType.ERROR:
        return f"{head}{_error_name(message.subtype)}:{message.text}"
    if message.subtype == ValueType.TABLE:
        return f"{head}table:{message.text}"
    if message.subtype == ValueType.STRING:
        return f"{head}'{message.text}'"
    if message.subtype == ValueType.INTEGER:
        return head + str(message.value)
    from chdkshell.lua.literals import format_value

    return head + format_value(message.value)


def _error_name(subtype: int) -> str:
    try:
        return ErrorType(subtype).name.lower()
    except ValueError:
        return f"type {subtype}"
