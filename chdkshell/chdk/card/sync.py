"""Which files of two trees differ: those that a sync has to copy."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chdkshell.chdk.cameratime import TIME_STEP, camera_to_host, host_to_camera, is_same_time
from chdkshell.chdk.card.access import CardAccess
from chdkshell.chdk.card.copyplan import Copy, plan
from chdkshell.chdk.card.downloading import is_finished
from chdkshell.chdk.card.lookup import stat_if_there
from chdkshell.chdk.card.selection import ALL, Selection
from chdkshell.chdk.card.targets import TreeTargets
from chdkshell.chdk.card.uploading import LocalItem, find_local
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.paths import without_slash
from chdkshell.flow import NEVER, CancelToken


class SyncPlan(NamedTuple):
    """What a sync to this computer has to do.

    `copies` are new or changed, with the folders they need; `same` are as they should be.
    """

    copies: list[Copy]
    same: list[Copy]


def differing(copies: Sequence[Copy]) -> SyncPlan:
    """Sort files of the card by whether this computer has them, by size and time."""
    changed: list[Copy] = []
    same: list[Copy] = []
    for copy in copies:
        info = _local_stat(copy)
        if copy.item.is_dir:
            if info is None:
                changed.append(copy)
        elif info is not None and is_finished(copy, info):
            same.append(copy)
        else:
            changed.append(copy)
    return SyncPlan(changed, same)


def difference(
    card: CardAccess,
    directory: str,
    folder: str,
    selection: Selection = ALL,
    cancel: CancelToken = NEVER,
) -> SyncPlan:
    """Return what of a directory of the card is not, or otherwise, in a folder here."""
    targets = TreeTargets(folder, literal=True)
    found = card.list_tree([without_slash(directory)], selection, cancel=cancel)
    return differing(plan(found, targets))


def difference_local(
    card: CardAccess,
    folder: str,
    directory: str,
    selection: Selection = ALL,
    cancel: CancelToken = NEVER,
) -> tuple[list[LocalItem], list[LocalItem]]:
    """Return what of a folder here the card lacks or has otherwise, and what it has."""
    items = find_local([folder], directory, selection)
    there: dict[str, CardEntry] = {}
    if stat_if_there(card, directory, cancel) is not None:
        found = card.list_tree([without_slash(directory)], cancel=cancel)
        there = {entry.path.casefold(): entry for entry in found}
    return differing_local(items, there)


def replaces(copy: Copy, info: os.stat_result) -> bool:
    """Whether a sync replaces a file that differs: not where the one here was changed later."""
    return info.st_mtime - camera_to_host(copy.item.mtime) <= TIME_STEP


def replaces_on_card(item: LocalItem, there: CardEntry) -> bool:
    """Whether a sync replaces a file of the card that differs: not where that is the later one."""
    return there.mtime - host_to_camera(item.mtime) <= TIME_STEP


def is_same_on_card(item: LocalItem, there: CardEntry) -> bool:
    """Whether the card has the file, by size and time."""
    return there.size == item.size and is_same_time(there.mtime, item.mtime)


def differing_local(
    items: Iterable[LocalItem], there: dict[str, CardEntry]
) -> tuple[list[LocalItem], list[LocalItem]]:
    """Return those that the card lacks or has otherwise, and those that it has."""
    changed: list[LocalItem] = []
    same: list[LocalItem] = []
    for item in items:
        found = there.get(item.target.casefold())
        if found is None:
            changed.append(item)
        elif not item.is_dir or not found.is_dir:
            (same if is_same_on_card(item, found) else changed).append(item)
    return changed, same


def _local_stat(copy: Copy) -> os.stat_result | None:
    try:
        return copy.target.stat()
    except OSError:
        return None
