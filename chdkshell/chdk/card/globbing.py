"""Names on the card as people type them: with `*` and `?`, or as a listing shows them escaped.

A name that exists as typed always wins; `[` is a letter, as in many names of pictures.
"""

from __future__ import annotations

import re

from chdkshell.chdk.card.access import CardAccess
from chdkshell.chdk.card.lookup import stat_if_there
from chdkshell.chdk.card.selection import Selection, name_pattern
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.paths import ROOT, camera_path, join_path
from chdkshell.errors import CardError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.patterns import finds
from chdkshell.reasons import Reason

_WILD = re.compile(r"[*?]")
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([nrt]))")
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}


def is_special(text: str) -> bool:
    """Whether a path may mean something else than its letters say."""
    return bool(_WILD.search(text) or _ESCAPE.search(text))


def meant_entries(card: CardAccess, text: str, cancel: CancelToken = NEVER) -> list[CardEntry]:
    """Return what a path means that `is_special`: what is called so, or else all that it matches.

    Raises `CardError` where that is nothing. Matches are in the order of their paths.
    """
    for plain in (text, unescaped(text)):
        found = stat_if_there(card, plain, cancel)
        if found is not None:
            return [found]
    if not _WILD.search(text):
        raise CardError(
            f"{camera_path(text)}: no such file or folder", text, reason=Reason.NOT_ON_CARD
        )
    matches = _matches(card, camera_path(text), cancel)
    if not matches:
        raise CardError(
            f"nothing on the card matches {camera_path(text)}", text, reason=Reason.NO_MATCH
        )
    return sorted(matches, key=lambda entry: entry.path)


def unescaped(text: str) -> str:
    """Return a path with the escapes of a listing turned into the characters that they show."""

    def character(match: re.Match[str]) -> str:
        byte, short, long, letter = match.groups()
        if letter:
            return _LETTERS[letter]
        if byte:
            number = int(byte, 16)
            return chr(number) if number < 0x80 else _byte(number)
        return chr(min(int(short or long, 16), 0x10FFFF))

    return _ESCAPE.sub(character, text)


def _byte(number: int) -> str:
    """Return a byte above those of ASCII, as a name that is no UTF-8 has it."""
    return bytes([number]).decode("utf-8", "surrogateescape")


def _matches(card: CardAccess, path: str, cancel: CancelToken) -> list[CardEntry]:
    """Return all that a path with wildcards matches, directory by directory."""
    names = path.removeprefix(ROOT).strip("/").split("/")
    places = [CardEntry(ROOT, is_dir=True)]
    for at, name in enumerate(names):
        is_last = at == len(names) - 1
        found: list[CardEntry] = []
        for place in places:
            found += _children(card, place.path, name, cancel)
        only_folders = not is_last or path.endswith("/")
        places = [entry for entry in found if entry.is_dir or not only_folders]
    return places


def _children(card: CardAccess, folder: str, name: str, cancel: CancelToken) -> list[CardEntry]:
    if not _WILD.search(name):
        found = stat_if_there(card, join_path(folder, name), cancel)
        return [found] if found is not None else []
    pattern = name_pattern(name)
    chosen = Selection(fmatch=pattern, maxdepth=1)
    entries = card.list_tree([folder], chosen, cancel=cancel)
    return [
        entry._replace(depth=0, top=entry.path)
        for entry in entries
        if entry.depth and finds(entry.path, pattern)
    ]
