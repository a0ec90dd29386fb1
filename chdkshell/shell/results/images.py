"""Results of the commands on pictures of the card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from chdkshell.errors import printable_name
from chdkshell.shell.results import Result
from chdkshell.shell.results.files import entry_json

if TYPE_CHECKING:
    from chdkshell.chdk.card.entry import CardEntry


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture on the card with the small JPEG picture inside it, None where it has none."""

    entry: CardEntry
    jpeg: bytes | None


@dataclass(frozen=True, slots=True)
class Thumbnails(Result):
    """Pictures to be looked at."""

    pictures: tuple[Thumbnail, ...]

    def text(self) -> str:
        return "\n".join(printable_name(picture.entry.path) for picture in self.pictures)

    def screen(self, terminal: TextIO) -> str:
        from chdkshell.shell.viewing.thumbnails import sheet

        return sheet(terminal).rows(self.pictures, terminal)

    def json(self) -> Any:
        return [entry_json(picture.entry.path, picture.entry) for picture in self.pictures]
