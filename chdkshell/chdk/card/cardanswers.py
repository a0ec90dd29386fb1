"""What the camera says about files on its card, read from the tables that its Lua sends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from chdkshell.chdk.cameratime import card_time
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.paths import decode_name
from chdkshell.errors import CardError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.literals import serialize
from chdkshell.lua.values import LuaKey, LuaValue
from chdkshell.reasons import Reason

_VAGUE = re.compile(r": (?:errno 0x[0-9A-Fa-f]+|error)$")
"""What the firmware says: a number, or with DryOS nothing."""


class CardSpace(NamedTuple):
    """The size of the card and what of it is free, in bytes."""

    total: int
    free: int


class RemoveOptions(NamedTuple):
    """What `remove_tree` is to remove. The patterns are Lua's, matched anywhere in the text.

    `fmatch`, `glob` and `dmatch` choose files and directories by their whole path, `rmatch` the
    directories to go into by their name. `maxdepth` is how many levels below the given paths are
    reached. `keep_dirs` removes files only, `keep_top` leaves the given directories themselves.
    `pretend` only says what would be removed. `ignore_errors` goes on after a failure.
    `whole_card` allows `A/` among the given paths.
    """

    fmatch: str | None = None
    dmatch: str | None = None
    rmatch: str | None = None
    maxdepth: int = 100
    keep_dirs: bool = False
    keep_top: bool = False
    pretend: bool = False
    ignore_errors: bool = False
    glob: str | None = None
    whole_card: bool = False


class Removed(NamedTuple):
    """What became of one path: removed or not, and the camera's words if it had any."""

    path: str
    ok: bool
    message: str = ""


class FileTransfer(NamedTuple):
    """A file that was copied between the card and this computer. `size` is in bytes."""

    remote: str
    local: Path
    size: int


def card_entry(path: str, table: Mapping[LuaKey, LuaValue]) -> CardEntry:
    """Return the entry for what os.stat gave. A number that is missing or none counts as 0."""
    return CardEntry(
        path,
        size=_number(table, "size") & 0xFFFFFFFF,
        mtime=card_time(_number(table, "mtime")),
        attrib=_number(table, "attrib"),
        is_dir=table.get("is_dir") is True,
    )


def checked_name(name: str) -> str:
    """Return a name in a directory of the card. Raises `CardError` for what can be none there."""
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise CardError(f"the camera lists {name!r}, which is no name of a file")
    return name


def removed(table: Mapping[LuaKey, LuaValue]) -> Removed:
    """Return one entry of what remove_tree.lua sends."""
    path, message = _text(table.get("file")), _text(table.get("msg"))
    ok = table.get("status") is True
    return Removed(path, ok, message if ok else why(message))


def why(text: str) -> str:
    """Return why something failed, as the camera tells it: it may say nothing."""
    return text or "the camera does not say why it failed"


def batch(message: ScriptMessage, cancel: CancelToken = NEVER) -> list[LuaValue]:
    """Return the items of one message of batch.lua. Raises `CardError` for anything else."""
    items = message.read(cancel)
    if not isinstance(items, list):
        raise CardError("the camera sent something else than a list of files")
    return items


def remove_options(options: RemoveOptions) -> str:
    """Return the options as remove_tree.lua takes them."""
    return serialize(options._asdict())


def check(
    answer: LuaValue | tuple[LuaValue, ...],
    path: str,
    reason: Reason = Reason.CARD,
    making: bool = False,
) -> None:
    """Raise `CardError` unless a function of the camera's Lua says that it worked.

    Such functions return true, or nil or false and a text, maybe followed by the path at fault.
    `making`: it was to make what is at the path.
    """
    if answer is not True:
        error = refusal(answer, path, reason)
        error.is_making = making
        raise error


def refusal(
    answer: LuaValue | tuple[LuaValue, ...], path: str, reason: Reason = Reason.CARD
) -> CardError:
    """Return the error for what a function of the camera's Lua returned when it failed."""
    values = answer if isinstance(answer, tuple) else (answer,)
    text = _text(values[1]) if len(values) > 1 else ""
    at = _text(values[2]) if len(values) > 2 else ""
    if text.endswith("errno 0x2"):  # ENOENT on all cameras
        reason = Reason.NOT_ON_CARD
    said = text or f"{path}: {why('')}"
    error = CardError(said, at or path, reason=reason)
    error.is_vague = not text or bool(_VAGUE.search(text))
    return error


def _text(value: LuaValue) -> str:
    return decode_name(value) if isinstance(value, str | bytes) else ""


def _number(table: Mapping[LuaKey, LuaValue], key: str) -> int:
    value = table.get(key)
    return value if isinstance(value, int) else 0
