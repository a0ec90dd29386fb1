"""Results of the commands on pictures of the card."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TextIO

from chdkshell.errors import printable_name
from chdkshell.records import Record
from chdkshell.shell.results import ResultPart
from chdkshell.shell.results.files import entries_table, entry_json, entry_line

if TYPE_CHECKING:
    from chdkshell.chdk.cardentry import CardEntry


class Pictures(Record, ResultPart):
    """Pictures that are listed while they are found. `continues`: there were others before."""

    entries: tuple[CardEntry, ...]
    continues: bool = False

    def text(self) -> str:
        return "\n".join(entry_line(entry.path, entry) for entry in self.entries)

    def screen(self, terminal: TextIO) -> str:
        if not self.entries:
            return ""
        from chdkshell.shell.results.drawing import drawn

        named = [(entry.path, entry) for entry in self.entries]
        return drawn(entries_table(named, has_head=not self.continues), terminal)

    def json(self) -> Any:
        return [entry_json(entry.path, entry) for entry in self.entries]


class Thumbnails(Record, ResultPart):
    """Pictures to be looked at, all at once; `read` reads one's thumbnail where it is drawn.

    While the terminal is asked what it can show, `alone` keeps others from it.
    """

    entries: tuple[CardEntry, ...]
    read: Callable[[CardEntry], bytes | None]
    alone: Callable[[], AbstractContextManager[None]]

    def text(self) -> str:
        return "\n".join(printable_name(entry.path) for entry in self.entries)

    def screens(self, terminal: TextIO) -> Iterator[str]:
        from chdkshell.shell.terminal.sheets import Thumbnail, sheet

        with self.alone():
            made = sheet(terminal)
        pictures = (Thumbnail(entry, self.read(entry)) for entry in self.entries)
        yield from made.rows(pictures, terminal)

    def json(self) -> Any:
        return [entry_json(entry.path, entry) for entry in self.entries]
