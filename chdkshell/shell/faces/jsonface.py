"""Results as JSON: one object on one line for each command."""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Mapping
from typing import Any

from chdkshell.chdk.constants import ErrorType, MessageType, ValueType
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.errors import CardError, ChdkShellError, LuaDataError, PtpError, ScriptError
from chdkshell.lua.literals import LuaUnsupported
from chdkshell.shell import pages, results
from chdkshell.shell.advice import next_step


def success(command: str, result: object) -> str:
    """Return the object for a command that succeeded."""
    return _dump({"command": command, "ok": True, "result": to_json(result)})


def failure(command: str, error: BaseException, message: str, emitted: list[object]) -> str:
    """Return the object for a command that failed; `emitted` is what it gave before."""
    answer: dict[str, Any] = {"command": command, "ok": False, "error": message}
    if isinstance(error, ChdkShellError):
        answer |= {"reason": error.reason.value, "hint": next_step(error)}
    if isinstance(error, ScriptError):
        answer |= {"kind": error.kind, "line": error.line, "source": error.source}
    elif isinstance(error, CardError):
        answer["path"] = error.path
    elif isinstance(error, PtpError):
        answer["code"] = error.code
    if emitted:
        answer["result"] = to_json(emitted)
    return _dump(answer)


def _dump(answer: dict[str, Any]) -> str:
    return json.dumps(answer)


def to_json(value: object) -> Any:
    """Return `value` in terms that JSON has. Bytes become text with `\\x` escapes."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case bytes() | bytearray():
            return bytes(value).decode("utf-8", "backslashreplace")
        case enum.Enum():
            return value.name.lower()
        case Mapping():
            return {k if isinstance(k, str) else str(k): to_json(v) for k, v in value.items()}
        case _:
            return _result_to_json(value)


def _result_to_json(value: object) -> Any:
    match value:
        case pages.HelpPage():
            return _help(value)
        case pages.PrefValues():
            return {pref.name: shown for pref, shown in value.prefs}
        case pages.PythonValue():
            return _python_value(value.value)
        case results.DeviceList(rows):
            return [to_json(row) for row in rows]
        case results.Names(names, heading):
            return {"path": heading, "names": list(names)} if heading else list(names)
        case results.Entries(entries, heading):
            listed = [_fields(entry) for entry in entries]
            return {"path": heading, "entries": listed} if heading else listed
        case results.Found(items):
            return [_fields(item) for item in items]
        case results.Thumbnails(pictures):
            return [_fields(picture.entry) for picture in pictures]
        case results.MemoryDump():
            return {"address": value.address, "size": len(value.data), "hex": value.data.hex()}
        case results.LuaValues(values):
            return {"values": to_json(values)}
        case results.Printed(text):
            return {"printed": text}
        case list() | tuple():
            return [to_json(item) for item in value]
        case ScriptMessage():
            return _message(value)
        case _:
            return _fields(value)


def _help(page: pages.HelpPage) -> Any:
    commands = [
        {"names": c.names, "usage": c.usage, "help": c.summary, "examples": c.examples}
        for c in page.commands
    ]
    return [*commands, *(function._asdict() for function in page.functions)]


def _python_value(value: object) -> Any:
    """What JSON can hold of a Python value; the rest as Python writes it."""
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return repr(value)
    return value


def _fields(value: Any) -> dict[str, Any]:
    return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}


def _message(value: ScriptMessage) -> dict[str, Any]:
    names = ErrorType if value.type is MessageType.ERROR else ValueType
    try:
        kind, content = names(value.subtype).name.lower(), value.value
    except (LuaDataError, ValueError):
        kind, content = "unsupported", value.text
    if isinstance(content, LuaUnsupported):
        content = content.type_name
    return {
        "script_id": value.script_id,
        "type": value.type.name.lower(),
        "value_type": kind,
        "value": to_json(content),
    }
