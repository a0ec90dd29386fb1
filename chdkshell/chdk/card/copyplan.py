"""Which file of the card goes where on this computer, each to a place of its own."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from chdkshell.chdk.cardentry import CardEntry
from chdkshell.errors import UsageError
from chdkshell.hostnames import folds_case


class Copy(NamedTuple):
    """A file or directory of the card, and where it goes on this computer."""

    item: CardEntry
    target: Path


class Targets(Protocol):
    """Says where entries go."""

    def target(self, item: CardEntry) -> Path:
        """Return the path of an entry on this computer."""


def plan(entries: Iterable[CardEntry], targets: Targets, folders: bool = True) -> list[Copy]:
    """Return what was found in trees with where each goes; `folders` has directories too."""
    return [
        Copy(entry, targets.target(entry))
        for entry in entries
        if entry.parts and (folders or not entry.is_dir)
    ]


def check_apart(copies: Sequence[Copy]) -> None:
    """Raise `UsageError` where two files would have one name, or a file one of a folder.

    Says it before anything is transferred.
    """
    _check_apart(copies, _exact)
    try:
        _check_apart(copies, _without_case)
    except UsageError:
        if folds_case(_exact(copies[0].target.parent)):
            raise


def _check_apart(copies: Sequence[Copy], key_of: Callable[[Path], str]) -> None:
    """Do so by texts that are equal for paths of one file."""
    files: dict[str, Copy] = {}
    folders: dict[str, Copy] = {}
    for copy in copies:
        key = key_of(copy.target)
        if copy.item.is_dir:
            folders.setdefault(key, copy)
            continue
        folders.setdefault(os.path.dirname(key), copy)  # noqa: PTH120
        other = files.setdefault(key, copy)
        if other is not copy and other.item.path != copy.item.path:
            raise UsageError(
                f"{other.item.path} and {copy.item.path} would both be {copy.target}",
                "choose a destination that keeps them apart; nothing was transferred",
            )
    for key, copy in _with_those_above(folders):
        if key in files:
            raise UsageError(
                f"{copy.target} needs a folder where {files[key].item.path} would be a file",
                "choose a destination that keeps them apart; nothing was transferred",
            )


def _with_those_above(folders: Mapping[str, Copy]) -> Iterator[tuple[str, Copy]]:
    seen: set[str] = set()
    for folder, copy in folders.items():
        while folder not in seen:
            seen.add(folder)
            yield folder, copy
            folder = os.path.dirname(folder)  # noqa: PTH120


def _exact(path: Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100 - as fast as it can be


def _without_case(path: Path) -> str:
    return unicodedata.normalize("NFC", _exact(path)).casefold()
