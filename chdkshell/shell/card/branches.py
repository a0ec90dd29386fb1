"""Listings put together while they come: the lines of a tree, and what folders hold.

Both take items as `chdkshell.chdk.card.listing.list_tree` gives them: a folder, its files, and then
the folders in it, in the order of their names with a "/".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from chdkshell.chdk.cardentry import CardEntry
from chdkshell.errors import CardError
from chdkshell.shell.results.trees import TreeRow, Usage


@dataclass(slots=True)
class _Folder:
    """A folder that may still get more. `before` is what stands before the lines in it."""

    before: str
    files: list[CardEntry] = field(default_factory=list)


class TreeRows:
    """Makes the rows of a tree, each as soon as nothing can come between it and the last."""

    def __init__(self) -> None:
        self._open: list[_Folder] = []

    def rows(self, items: Iterable[CardEntry]) -> Iterator[TreeRow]:
        """Take items, and yield the rows whose place is known now."""
        for item in items:
            _check_place(item, len(self._open))
            if not item.depth:
                yield from self._close(0)
                yield TreeRow(item, "")
                self._open.append(_Folder(""))
            elif not item.is_dir:
                self._open[item.depth - 1].files.append(item)
            else:
                yield from self._close(item.depth)
                yield from self._enter(item)

    def rest(self) -> Iterator[TreeRow]:
        """Yield the rows that waited for the end."""
        yield from self._close(0)

    def _enter(self, item: CardEntry) -> Iterator[TreeRow]:
        above = self._open[-1]
        above.files.sort(key=_order)
        earlier = [file for file in above.files if _order(file) < _order(item)]
        above.files = above.files[len(earlier) :]
        yield from (TreeRow(file, f"{above.before}|-- ") for file in earlier)
        is_last = item.is_last and not above.files
        yield TreeRow(item, f"{above.before}{'`-- ' if is_last else '|-- '}")
        self._open.append(_Folder(above.before + ("    " if is_last else "|   ")))

    def _close(self, depth: int) -> Iterator[TreeRow]:
        """Yield what is left of the folders from `depth` on, the deepest first."""
        while len(self._open) > depth:
            folder = self._open.pop()
            files = sorted(folder.files, key=_order)
            for file in files:
                yield TreeRow(file, f"{folder.before}{'`-- ' if file is files[-1] else '|-- '}")


def _check_place(item: CardEntry, levels: int) -> None:
    """Raise `CardError` for what comes before the folder that it is in."""
    if item.depth > levels:
        raise CardError(f"the camera lists {item.path!r} before the directory it is in")


def _order(item: CardEntry) -> bytes:
    name = item.name + "/" if item.is_dir else item.name
    return name.encode("utf-8", "surrogateescape")


class Usages:
    """Adds up what folders hold with those below them, and gives each when it is whole.

    With each comes whether it is a path that was given.
    """

    def __init__(self) -> None:
        self._open: list[Usage] = []

    def known(self, items: Iterable[CardEntry]) -> Iterator[tuple[Usage, bool]]:
        """Take items, and yield the folders that nothing more comes into."""
        for item in items:
            _check_place(item, len(self._open))
            if item.is_dir or not item.depth:
                yield from self._close(item.depth)
                self._open.append(Usage(item.path, item.size, 0 if item.is_dir else 1))
            else:
                self._add(item.size, 1)

    def rest(self) -> Iterator[tuple[Usage, bool]]:
        """Yield the folders that waited for the end."""
        yield from self._close(0)

    def _add(self, size: int, files: int) -> None:
        last = self._open.pop()
        self._open.append(Usage(last.path, last.size + size, last.files + files))

    def _close(self, depth: int) -> Iterator[tuple[Usage, bool]]:
        while len(self._open) > depth:
            whole = self._open.pop()
            yield whole, not self._open
            if self._open:
                self._add(whole.size, whole.files)
