"""Results of the commands on files of the card."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from chdkshell.errors import printable, printable_name
from chdkshell.shell.results import Result

if TYPE_CHECKING:
    from rich.table import Table

    from chdkshell.chdk.card.entry import CardEntry

WIDEST_SIZE = len("4,294,967,295")
"""Characters of the largest file that a card can hold."""


@dataclass(frozen=True, slots=True)
class Names(Result):
    """A folder's entries in order; folders end in a slash. `heading` names one of several."""

    names: tuple[str, ...]
    heading: str = ""

    def text(self) -> str:
        return "\n".join([*_heading(self.heading), *map(printable_name, self.names)])

    def json(self) -> Any:
        names = list(self.names)
        return {"path": self.heading, "names": names} if self.heading else names


@dataclass(frozen=True, slots=True)
class Entries(Result):
    """A folder's entries in order, with their sizes and times. `heading` as for `Names`.

    `continues`: there were others before these. `whole_paths`: they come from several folders.
    """

    entries: tuple[CardEntry, ...]
    heading: str = ""
    continues: bool = False
    whole_paths: bool = False

    @property
    def named(self) -> list[tuple[str, CardEntry]]:
        """The entries with the names they are shown by."""
        return [(e.path if self.whole_paths else listed_name(e), e) for e in self.entries]

    def text(self) -> str:
        lines = [_entry_line(name, entry) for name, entry in self.named]
        return "\n".join([*_heading(self.heading), *lines])

    def screen(self, terminal: TextIO) -> str:
        if not self.entries:
            return self.text()
        from chdkshell.shell.results.drawing import drawn

        return drawn(_entries_table(self), terminal)

    def json(self) -> Any:
        entries = [entry_json(name, entry) for name, entry in self.named]
        return {"path": self.heading, "entries": entries} if self.heading else entries


def listed_name(entry: CardEntry) -> str:
    """Return what a listing of a folder calls an entry: a file that was listed itself its path."""
    return entry.name if entry.depth else entry.path


def entry_json(name: str, entry: CardEntry) -> dict[str, Any]:
    """Return an entry of a listing in terms that JSON has."""
    facts = ("size", "mtime", "attrib", "is_dir", "is_file")
    return {"name": name, **{fact: getattr(entry, fact) for fact in facts}}


def _heading(text: str) -> list[str]:
    return [f"{printable_name(text)}:"] if text else []


def _entry_line(name: str, entry: CardEntry) -> str:
    size = "<dir>" if entry.is_dir else str(entry.size)
    shown = printable_name(name) + ("/" if entry.is_dir else "")
    return f"{camera_time(entry.mtime)} {size:>10} {shown}"


def _entries_table(listing: Entries) -> Table:
    from rich.text import Text

    from chdkshell.shell.results.drawing import table

    made = table("modified", "size", "name")
    made.show_header = not listing.continues
    made.title = Text(f"{printable_name(listing.heading)}:") if listing.heading else None
    made.title_justify = "left"
    made.columns[1].justify = "right"
    # a listing that comes in parts keeps its columns
    made.columns[1].min_width = WIDEST_SIZE
    for shown, entry in listing.named:
        name = Text(printable_name(shown))
        if entry.is_dir:
            name = Text(name.plain + "/", style="blue")
        size = "<dir>" if entry.is_dir else f"{entry.size:,}"
        made.add_row(camera_time(entry.mtime), size, name)
    return made


def camera_time(seconds: int) -> str:
    """Return a time of the camera, which counts in its own local clock, as C's `%c`."""
    return time.strftime("%a %b %e %H:%M:%S %Y", time.gmtime(seconds))


@dataclass(frozen=True, slots=True)
class Transfer(Result):
    """A file that was copied. `size` is in bytes."""

    source: str
    target: str
    size: int

    def text(self) -> str:
        return printable_name(f"{self.source}->{self.target}")


@dataclass(frozen=True, slots=True)
class Deletion(Result):
    """A path on the card, whether it could be deleted, and the camera's message if it could not."""

    path: str
    ok: bool
    message: str

    def text(self) -> str:
        text = f"{self.path}: {'OK' if self.ok else 'FAILED'}"
        return printable_name(f"{text}: {self.message}" if self.message else text)


@dataclass(frozen=True, slots=True)
class WouldDelete(Result):
    """A path that a command which only pretends would delete; for people."""

    path: str

    def text(self) -> str:
        return printable_name(f"would delete {self.path}")


@dataclass(frozen=True, slots=True)
class Space(Result):
    """The size of the card and what of it is free, in bytes."""

    total: int
    free: int

    def text(self) -> str:
        sizes = [("size", self.total), ("used", self.total - self.free), ("free", self.free)]
        return "\n".join(f"{name} {size:>14} {human_size(size):>9}" for name, size in sizes)


def human_size(count: int) -> str:
    """Return a number of bytes in the unit that suits it, as in `3.2 GiB`."""
    size = float(count)
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"


@dataclass(frozen=True, slots=True)
class Moved(Result):
    """A file or folder of the card that has a new path."""

    source: str
    target: str

    def text(self) -> str:
        return printable_name(f"{self.source}->{self.target}")


@dataclass(frozen=True, slots=True)
class FileText(Result):
    """The content of a file, for those who want it as a result."""

    path: str
    data: bytes

    def text(self) -> str:
        return printable(self.data.decode("utf-8", "backslashreplace"))


@dataclass(frozen=True, slots=True)
class Edited(Result):
    """A file that was in an editor, and whether the card has a new version of it."""

    path: str
    changed: bool

    def text(self) -> str:
        return printable_name(f"{self.path}: {'uploaded' if self.changed else 'not changed'}")
