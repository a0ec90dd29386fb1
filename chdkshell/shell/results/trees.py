"""Results of the commands that look through folders with all that is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from chdkshell.errors import printable_name
from chdkshell.shell.results import Result, ResultPart

if TYPE_CHECKING:
    from chdkshell.chdk.cardentry import CardEntry


@dataclass(frozen=True, slots=True)
class Found(ResultPart):
    """Files and folders that `find` found, some at a time."""

    items: tuple[CardEntry, ...]

    def text(self) -> str:
        return "\n".join(printable_name(_with_slash(item)) for item in self.items)

    def json(self) -> Any:
        return [_fields(item) for item in self.items]


def _fields(item: CardEntry) -> dict[str, Any]:
    fields = ("path", "top", "depth", "size", "mtime", "is_dir")
    return {field: getattr(item, field) for field in fields}


def _with_slash(item: CardEntry) -> str:
    return item.path + ("/" if item.is_dir and not item.path.endswith("/") else "")


@dataclass(frozen=True, slots=True)
class TreeRow:
    """A line of a tree. `before` is what joins it to the folder it is in, "" for the top."""

    item: CardEntry
    before: str


def _joined(before: str) -> str:
    """Return what joins a row to others, in lines."""
    return before.replace("|--", "├──").replace("`--", "└──").replace("|", "│")


@dataclass(frozen=True, slots=True)
class TreePart(ResultPart):
    """Lines of the tree below the folder `top`, as they become known."""

    top: str
    rows: tuple[TreeRow, ...]
    with_sizes: bool

    def text(self) -> str:
        return "\n".join(_tree_line(row, self.with_sizes) for row in self.rows)

    def screen(self, terminal: TextIO) -> str:
        from rich.text import Text

        from chdkshell.shell.results.drawing import drawn

        text = Text()
        for row in self.rows:
            name = _tree_line(row, self.with_sizes).removeprefix(row.before)
            text.append(_joined(row.before), "muted")
            text.append(name, "folder" if row.item.is_dir else "").append("\n")
        text.rstrip()
        return drawn(text, terminal)

    def json(self) -> Any:
        return {
            "top": self.top,
            "items": [_fields(row.item) for row in self.rows],
            "with_sizes": self.with_sizes,
        }

    @classmethod
    def joined(cls, parts: Sequence[TreePart]) -> Any:
        rows = tuple(row for part in parts for row in part.rows)
        return cls(parts[0].top, rows, parts[0].with_sizes).json()


def _tree_line(row: TreeRow, with_sizes: bool) -> str:
    item = row.item
    if not item.depth:
        return printable_name(item.path)
    size = f" ({item.size})" if with_sizes and not item.is_dir else ""
    return f"{row.before}{printable_name(item.name)}{'/' if item.is_dir else ''}{size}"


@dataclass(frozen=True, slots=True)
class Usage(Result):
    """What the files in a folder take up. `size` is in bytes."""

    path: str
    size: int
    files: int

    def text(self) -> str:
        return printable_name(f"{self.size:>12} {self.path}")

    def in_units(self) -> Usage:
        """Return the same for people to read."""
        return UsageInUnits(self.path, self.size, self.files)


class UsageInUnits(Usage):
    """What the files in a folder take up, in the unit that suits it."""

    __slots__ = ()

    def text(self) -> str:
        from chdkshell.shell.results.files import human_size

        return printable_name(f"{human_size(self.size):>12} {self.path}")
