"""What is under one path of the card, and in one directory."""

from __future__ import annotations

from chdkshell.chdk.card.cardanswers import CardSpace, batch, card_entry, check, refusal
from chdkshell.chdk.card.entry import CardEntry
from chdkshell.chdk.card.listing import Reading
from chdkshell.chdk.card.scriptcalls import call_with_messages
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.paths import without_slash
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import CardError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.literals import LuaValue, serialize
from chdkshell.reasons import Reason

MAX_ENTRIES = 1_000_000
"""Entries of a directory that are accepted from a camera; FAT has room for 65536."""


def stat(scripts: Scripts, path: str, cancel: CancelToken = NEVER) -> CardEntry:
    """Return the entry of a path. Raises `CardError` where nothing is there."""
    target = without_slash(path)
    answer = scripts.call(f"return os.stat({serialize(target)})", cancel=cancel)
    if isinstance(answer, dict):
        return card_entry(target, answer)
    raise refusal(answer, target, Reason.NOT_ON_CARD)


def stat_if_there(scripts: Scripts, path: str, cancel: CancelToken = NEVER) -> CardEntry | None:
    """Return the entry of a path, or None where nothing is there."""
    try:
        return stat(scripts, path, cancel)
    except CardError:
        return None


def stat_file(scripts: Scripts, path: str, cancel: CancelToken = NEVER) -> CardEntry:
    """Return the entry of a file. Raises `CardError` for anything else."""
    try:
        entry = stat(scripts, path, cancel)
    except CardError as error:
        raise CardError(
            f"stat source {path} failed: {error}", path, reason=Reason.NOT_ON_CARD
        ) from error
    if not entry.is_file:
        raise CardError(f"{path} is not a file", path, reason=Reason.NOT_ON_CARD)
    return entry


def read_directory(
    scripts: Scripts,
    path: str,
    with_stat: bool,
    all_names: bool,
    cancel: CancelToken = NEVER,
    reading: Reading | None = None,
) -> list[LuaValue]:
    """Return what list_dir.lua sends of a directory: names, or with stat's facts tables."""
    target = without_slash(path)
    items: list[LuaValue] = []

    def receive(message: ScriptMessage) -> None:
        items.extend(batch(message, cancel))
        if len(items) > MAX_ENTRIES:
            raise CardError(f"{target}: the camera lists more than {MAX_ENTRIES} files", target)
        if reading is not None:
            reading(len(items), target)

    call = f"list_dir({serialize(target)},{serialize(with_stat)},{serialize(all_names)})"
    answer = call_with_messages(scripts, call, "list_dir", receive, cancel)
    check(answer, target, Reason.NOT_ON_CARD)
    return items


def space(scripts: Scripts, cancel: CancelToken = NEVER) -> CardSpace:
    """Return how large the card is and how much of it is free."""
    answer = scripts.call("return get_disk_size(), get_free_disk_space()", cancel=cancel)
    match answer:
        case (int(total), int(free)):
            return CardSpace(_kib(total), _kib(free))
    raise CardError("the camera does not tell how large its card is")


def _kib(count: int) -> int:
    """Return as bytes what the camera counts in units of 1024, in 32 bits."""
    return (count & 0xFFFFFFFF) * 1024
