"""Results of the commands on files of the card."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TextIO

from chdkshell.errors import printable, printable_name
from chdkshell.records import Record
from chdkshell.shell.results import Result

if TYPE_CHECKING:
    from rich.table import Table

    from chdkshell.chdk.cardentry import CardEntry

WIDEST_SIZE = len("4,294,967,295")
"""Characters of the largest file that a card can hold."""


class Names(Record, Result):
    """The names of what is in the folder `path`, in order; folders end in a slash.

    `heading` stands above those of one of several folders.
    """

    path: str
    entries: tuple[CardEntry, ...]
    heading: str = ""

    def text(self) -> str:
        names = [listed_name(entry) + ("/" if entry.is_dir else "") for entry in self.entries]
        return "\n".join([*_heading(self.heading), *map(printable_name, names)])

    def json(self) -> Any:
        entries = [entry_json(listed_name(entry), entry) for entry in self.entries]
        return {"path": self.path, "entries": entries}


class Entries(Names):
    """The same with sizes and times."""

    def text(self) -> str:
        lines = [entry_line(listed_name(entry), entry) for entry in self.entries]
        return "\n".join([*_heading(self.heading), *lines])

    def screen(self, terminal: TextIO) -> str:
        if not self.entries:
            return self.text()
        from chdkshell.shell.results.drawing import drawn

        return drawn(
            entries_table([(listed_name(e), e) for e in self.entries], self.heading), terminal
        )


def listed_name(entry: CardEntry) -> str:
    """Return what a listing of a folder calls an entry: a file that was listed itself its path."""
    return entry.name if entry.depth else entry.path


def entry_json(name: str, entry: CardEntry) -> dict[str, Any]:
    """Return an entry of a listing in terms that JSON has."""
    fields = ("size", "mtime", "attrib", "is_dir", "is_file")
    return {"name": name, **{field: getattr(entry, field) for field in fields}}


def _heading(text: str) -> list[str]:
    return [f"{printable_name(text)}:"] if text else []


def entry_line(name: str, entry: CardEntry) -> str:
    """Return the line of an entry that is shown by `name`."""
    size = "<dir>" if entry.is_dir else str(entry.size)
    shown = printable_name(name) + ("/" if entry.is_dir else "")
    return f"{camera_time(entry.mtime)} {size:>10} {shown}"


def entries_table(
    named: Sequence[tuple[str, CardEntry]], heading: str = "", has_head: bool = True
) -> Table:
    """Return a table of entries by the names that they are shown by."""
    from rich.text import Text

    from chdkshell.shell.results.drawing import table

    made = table("modified", "size", "name")
    made.show_header = has_head
    made.title = Text(f"{printable_name(heading)}:") if heading else None
    made.title_justify = "left"
    made.columns[1].justify = "right"
    # a listing that comes in parts keeps its columns
    made.columns[1].min_width = WIDEST_SIZE
    for shown, entry in named:
        name = Text(printable_name(shown))
        if entry.is_dir:
            name = Text(name.plain + "/", style="folder")
        size = "<dir>" if entry.is_dir else f"{entry.size:,}"
        made.add_row(camera_time(entry.mtime), size, name)
    return made


def camera_time(seconds: int) -> str:
    """Return a time of the camera, which counts in its own local clock, as C's `%c`."""
    return time.strftime("%a %b %e %H:%M:%S %Y", time.gmtime(seconds))


class CopiedFile(Record, Result):
    """A file that was copied. `size` is in bytes."""

    source: str
    target: str
    size: int

    def text(self) -> str:
        return printable_name(f"{self.source}->{self.target}")


class Deletion(Record, Result):
    """A path on the card, whether it could be deleted, and the camera's message if it could not.

    `pretended`: the command would have deleted it.
    """

    path: str
    ok: bool
    message: str
    pretended: bool = False

    def text(self) -> str:
        text = f"{self.path}: {'OK' if self.ok else 'FAILED'}"
        return printable_name(f"{text}: {self.message}" if self.message else text)

    def screen(self, terminal: TextIO) -> str:
        if self.pretended and self.ok and not self.message:
            return f"would delete {printable_name(self.path)}"
        return self.text()


class Space(Record, Result):
    """The size of the card and what of it is free, in bytes."""

    total: int
    free: int

    def text(self) -> str:
        sizes = self._sizes().items()
        return "\n".join(f"{name} {size:>14} {human_size(size):>9}" for name, size in sizes)

    def cells(self) -> dict[str, str]:
        return {name: human_size(size) for name, size in self._sizes().items()}

    def _sizes(self) -> dict[str, int]:
        return {"size": self.total, "used": self.total - self.free, "free": self.free}


def human_size(count: int) -> str:
    """Return a number of bytes in the unit that suits it, as in `3.2 GiB`."""
    size = float(count)
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"


class Moved(Record, Result):
    """A file or folder of the card that has a new path."""

    source: str
    target: str

    def text(self) -> str:
        return printable_name(f"{self.source}->{self.target}")


class FileText(Record, Result):
    """The content of a file, for those who want it as a result."""

    path: str
    data: bytes

    def text(self) -> str:
        return printable(self.data.decode("utf-8", "backslashreplace"))

    def json(self) -> Any:
        from chdkshell.shell.results.jsonvalues import bytes_json

        return {"path": self.path, "size": len(self.data), "data": bytes_json(self.data)}


class Edited(Record, Result):
    """A file that was in an editor, and whether the card has a new version of it."""

    path: str
    changed: bool

    def text(self) -> str:
        return printable_name(f"{self.path}: {'uploaded' if self.changed else 'not changed'}")
