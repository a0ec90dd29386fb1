"""Cameras of the rig, where a command or a selection takes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from chdkshell.errors import printable
from chdkshell.rig.selection import ALL

if TYPE_CHECKING:
    from chdkshell.rig.members import Member


def one_of(members: Sequence[Member], prefix: str) -> Iterator[tuple[str, str]]:
    """Return the names and numbers that begin with `prefix`, each with what it stands for."""
    for member in members:
        for text, other in ((member.name, str(member.number)), (str(member.number), member.name)):
            if text and text.startswith(prefix):
                yield text, printable(" ".join(filter(None, (other, member.camera.model))))


def some_of(members: Sequence[Member], prefix: str) -> Iterator[tuple[str, str]]:
    """Return what can stand at the end of a selection: all, and cameras that it does not name."""
    before, comma, begun = prefix.rpartition(",")
    if not comma and prefix.startswith("^"):
        before, begun = "^", prefix[1:]
    head = before + comma
    if not head and ALL.startswith(begun):
        yield ALL, "every camera"
    named = set(before.removeprefix("^").split(","))
    left = [m for m in members if not named & {m.name or str(m.number), str(m.number)}]
    for text, meta in one_of(left, begun):
        yield head + text, meta
