"""The line below the prompt: the camera's state, or the signature of the call at the cursor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from chdkshell.errors import printable_name
from chdkshell.shell import knowledge

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from chdkshell.shell.prompt.cameraview import ToolbarStatus

SESSION_TEXT: StyleAndTextTuples = [
    ("", " a Lua session on the camera - Ctrl-C interrupts, Ctrl-D ends it")
]
_KIB_UNITS = ("KB", "MB", "GB", "TB")
_CALL = re.compile(r"([A-Za-z_][\w.]*)\s*\Z")
_STRING = re.compile(r"\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?")


def status_text(status: ToolbarStatus | None, folder: str = "") -> StyleAndTextTuples:
    """Return the toolbar for what is known of the camera; None is no camera.

    `folder` is where paths begin, "" at the top of the card.
    """
    if status is None:
        return [("", " not connected - `connect`, or `connect sim:` for a simulated camera")]
    parts: StyleAndTextTuples = [("class:toolbar.model", f" {printable_name(status.model)} ")]
    at = [printable_name(folder.rstrip("/"))] if folder else []
    for text in [*at, *_status_texts(status)]:
        parts.append(("", f"| {text} "))
    if status.script:
        parts += [("", "| "), ("class:toolbar.busy", "a script runs ")]
    if status.messages:
        parts += [("", "| "), ("class:toolbar.busy", "messages wait: getm ")]
    return parts


def _status_texts(status: ToolbarStatus) -> list[str]:
    texts = []
    if status.recording is not None:
        texts.append("rec" if status.recording else "play")
    if status.recording and status.video:
        texts.append("video")
    if status.battery is not None:
        texts.append(f"{status.battery / 1000:.2f} V")
    if status.free is not None:
        texts.append(f"{size_text(status.free)} free")
    return texts


def size_text(kib: int) -> str:
    """Return a size in KiB in a unit that suits it."""
    size = float(max(kib, 0))
    for unit in _KIB_UNITS:
        if size < 1024 or unit == _KIB_UNITS[-1]:
            break
        size /= 1024
    return f"{size:.1f} {unit}" if size < 10 and unit != "KB" else f"{size:.0f} {unit}"


def signature_text(lua: str) -> StyleAndTextTuples | None:
    """Return the toolbar for Lua up to the cursor, or None where that is in no known call."""
    call = open_call(lua)
    if call is None:
        return None
    function = call.function
    parts: StyleAndTextTuples = [("class:toolbar.signature", f" {function.signature} ")]
    if function.units:
        parts.append(("", f" {function.units};"))
    if function.since:
        parts.append(("", f" since CHDK {function.since};"))
    parts.append(("", f" {function.what}"))
    return parts


class OpenCall(NamedTuple):
    """A call that is not closed yet: its function, and what stands between it and the end."""

    function: knowledge.LuaFunction
    arguments: str


def open_call(lua: str) -> OpenCall | None:
    """Return the innermost call of a known function that is open at the end of `lua`."""
    text = _STRING.sub(lambda match: "'" * len(match[0]), lua)
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        if text[at] in ")}]":
            depth += 1
        elif text[at] in "({[":
            if depth:
                depth -= 1
            elif text[at] == "(":
                match = _CALL.search(text[:at])
                function = knowledge.function_named(match[1]) if match else None
                if function is not None and function.is_function:
                    return OpenCall(function, lua[at + 1 :])
    return None
