"""Key or pedal presses that fire several cameras, and the pictures that came of each."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell.chdk.cardentry import CardEntry
from chdkshell.errors import ChdkShellError, UsageError, printable
from chdkshell.shell.console import is_terminal
from chdkshell.shell.results.images import Thumbnails
from chdkshell.shell.shots.rsint import lines_of
from chdkshell.shell.terminal.keys import keyboard

if TYPE_CHECKING:
    from chdkshell.rig.members import Member
    from chdkshell.shell.context import Context

NAMES = {" ": "space", "c-m": "enter", "c-j": "enter"}
"""Keys that people call otherwise."""

ENDS = ("q", "c-d")
"""What ends the waiting for keys, beside Ctrl-C."""

SMALL = (320, 240)
"""Pixels of a picture that is shown, at most."""


def check_key(key: str) -> None:
    """Raise `UsageError` for a text that is no key, and for one that ends the waiting."""
    from prompt_toolkit.keys import ALL_KEYS

    is_letter = len(key) == 1 and key.isprintable() and key != " "
    if not is_letter and key not in (*NAMES.values(), *ALL_KEYS):
        raise UsageError(f"'{printable(key)}' is no key", "space, enter, or a letter")
    if key in ENDS:
        raise UsageError(f"the key {key} ends it", "another letter, space or enter")


def presses(context: Context) -> Iterator[str]:
    """Yield the keys that are pressed, by name, until one of `ENDS`.

    Without a terminal each line of standard input is one, an empty one being space.
    """
    if is_terminal(sys.stdin):
        keys = keyboard(context.cancel)
        with keys.raw():
            while True:
                for key in keys.pressed(3600.0):
                    if key in ENDS:
                        return
                    yield NAMES.get(key, key)
    with lines_of(None, context) as read_line:
        while (line := read_line()) is not None:
            if line.strip() in ENDS:
                return
            yield line.strip() or "space"


def show_pictures(context: Context, pictures: Sequence[tuple[Member, str, Path | None]]) -> None:
    """Show pictures side by side: each with its camera and path on the card, or its file here."""
    from chdkshell.chdk.card.thumbnails import read_thumbnail

    sources = {str(local or f"{member.label}:{path}"): (member, path, local)
               for member, path, local in pictures}  # fmt: skip

    def read(entry: CardEntry) -> bytes | None:
        member, path, local = sources[entry.path]
        try:
            if local is not None:
                return _small(local)
            return read_thumbnail(member.camera.scripts, CardEntry(path), context.cancel)
        except (OSError, ChdkShellError):
            return None  # the picture is there, whatever can be seen of it

    entries = [
        CardEntry(name, local.stat().st_size if local else 0)
        for name, (_, _, local) in sources.items()
    ]
    if entries:
        context.emit(Thumbnails(tuple(entries), read, context.alone))


def _small(path: Path) -> bytes | None:
    from PIL import Image

    with Image.open(path) as picture:
        picture.thumbnail(SMALL)
        made = io.BytesIO()
        picture.convert("RGB").save(made, "JPEG")
    return made.getvalue()
