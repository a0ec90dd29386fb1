"""Pictures on the card: which ones the camera took last, and in which order they come."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from chdkshell.chdk.cameratime import camera_to_host
from chdkshell.chdk.card.access import CardAccess, CountListener, EntriesListener, ImageList
from chdkshell.chdk.card.selection import EVERY_NUMBER, IMAGES, ImageRange, Selection
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.paths import without_slash
from chdkshell.chdk.templates.substitution import Template
from chdkshell.chdk.templates.variables import FILE_TIME, IMAGE_DIRECTORY, IMAGE_NAME, image_values
from chdkshell.errors import UsageError
from chdkshell.flow import NEVER, CancelToken

DCIM = "A/DCIM"
"""Where a camera's pictures are."""

HIGHEST_NUMBER = 9999
"""The number of a picture that 1 follows (DCF)."""

DIRECTORIES = 900
"""Directories are numbered from 100 to 999, and then from 100 again (DCF)."""

SORTS = ("path", "name", "date", "size", "shot")
"""Orders by name; a template is one, too."""

_SHOT = "${dirnum}${imgnum}${imgpfx}${ext}"
_SORT_NAMES = {**FILE_TIME, **IMAGE_NAME, **IMAGE_DIRECTORY}


def list_sorted(
    card: CardAccess,
    paths: Sequence[str] = (),
    numbers: ImageRange = EVERY_NUMBER,
    selection: Selection = IMAGES,
    sort: str = "date",
    reverse: bool = False,
    cancel: CancelToken = NEVER,
    on_count: CountListener | None = None,
) -> list[CardEntry]:
    """Return the pictures that are meant, as `Files.images` says."""
    check_sort(sort)
    tops = [without_slash(path) for path in paths or (DCIM,)]
    found = card.list_images(tops, selection, numbers, cancel=cancel, on_count=on_count)
    items = found.items if numbers.last is None else last_shots(found, numbers.last)
    return sort_images(items, sort, reverse)


def list_by_path(
    card: CardAccess,
    on_entries: EntriesListener,
    paths: Sequence[str] = (),
    numbers: ImageRange = EVERY_NUMBER,
    selection: Selection = IMAGES,
    reverse: bool = False,
    cancel: CancelToken = NEVER,
    on_count: CountListener | None = None,
) -> None:
    """Tell `take` of pictures in the order of their paths while the camera lists them.

    With `numbers.last`, and with a path that begins with another, that is at the end.
    """
    tops = sorted((without_slash(path) for path in paths or (DCIM,)), reverse=reverse)
    if numbers.last is not None or not lie_apart(tops):
        on_entries(list_sorted(card, tops, numbers, selection, "path", reverse, cancel, on_count))
        return
    order = PathOrder(on_entries, reverse)

    def counted(count: int, place: str) -> None:
        order.reading(count, place)
        if on_count is not None:
            on_count(count, place)

    card.list_images(tops, selection, numbers, order.add, cancel, counted, reverse)
    order.finish()


def last_shots(images: ImageList, count: int) -> list[CardEntry]:
    """Return the files of the last `count` numbers up to the camera's counter.

    The numbers may go back over 9999 to 1, and into earlier directories. Where the card has a
    number several times, from before the counter came round, the later one is meant: a picture
    cannot lie in an earlier directory than one that was taken before it.
    """
    newest = _directory_number(images.directory)
    by_age: dict[int, list[tuple[int, CardEntry]]] = {}
    for item in images.items:
        number = _image_number(item)
        if number is not None:
            back = (images.count - number) % HIGHEST_NUMBER
            if back < count:
                by_age.setdefault(back, []).append((_directories_back(item, newest), item))
    chosen: list[CardEntry] = []
    latest = DIRECTORIES
    for back in sorted(by_age, reverse=True):
        nearest = min(directories for directories, _ in by_age[back])
        if nearest <= latest:
            latest = nearest
            chosen += [item for directories, item in by_age[back] if directories == nearest]
    return chosen


def _image_number(item: CardEntry) -> int | None:
    match = re.search(r"[0-9]{4}(?=\.[^.]*$)", item.name)
    return int(match[0]) if match else None


def _directory_number(path: str) -> int | None:
    match = re.match("[0-9]{3}", path.rstrip("/").rpartition("/")[2])
    return int(match[0]) if match else None


def _directories_back(item: CardEntry, newest: int | None) -> int:
    number = _directory_number(item.path.rpartition("/")[0])
    if number is None or newest is None:
        return 0
    return (newest - number) % DIRECTORIES


def check_sort(order: str) -> None:
    """Raise `UsageError` for what is neither one of `SORTS` nor a template."""
    _sort_key(order)


def sort_images(items: Sequence[CardEntry], order: str, reverse: bool = False) -> list[CardEntry]:
    """Return pictures in the order that is named, those that are equal in it by their paths.

    "shot" is by the numbers of directory and picture; a template sorts by the text it makes. Raises
    `UsageError` for another order.
    """
    key = _sort_key(order)
    return sorted(sorted(items, key=_by_path), key=key, reverse=reverse)


class PathOrder:
    """Passes pictures on in the order of their paths, as soon as no other can come before them.

    `add` takes them from a listing that reads directories in this order, whose `CountListener`
    `reading` is. Other orders have no such moment before the end: the last directory may hold the
    oldest picture, or the smallest.
    """

    def __init__(self, on_entries: EntriesListener, reverse: bool) -> None:
        self._on_entries = on_entries
        self._reverse = reverse
        self._waiting: list[CardEntry] = []
        self._place = ""

    def add(self, items: Sequence[CardEntry]) -> None:
        """Take pictures in any order."""
        self._waiting += items

    def reading(self, count: int, place: str) -> None:
        """Pass on what comes before all that `place` and later directories can have."""
        if place == self._place:
            return
        self._place = place
        # a "0" is what follows "/": paths in `place` are less
        limit = f"{place}0" if self._reverse else place
        bound = limit.encode("utf-8", "surrogateescape")
        self._pass_on([i for i in self._waiting if (_by_path(i) < bound) != self._reverse])

    def finish(self) -> None:
        """Pass on all that is left."""
        self._pass_on(self._waiting)

    def _pass_on(self, items: list[CardEntry]) -> None:
        if items:
            passed = set(map(id, items))
            self._waiting = [item for item in self._waiting if id(item) not in passed]
            self._on_entries(sort_images(items, "path", self._reverse))


def lie_apart(tops: Sequence[str]) -> bool:
    """Whether no path begins with another: by their paths, those in one come before the next's."""
    ends = sorted(top.rstrip("/") for top in tops)
    return not any(after.startswith(before) for before, after in pairwise(ends))


def _sort_key(order: str) -> Callable[[CardEntry], Any]:
    match order:
        case "path":
            return _by_path
        case "name":
            return lambda item: item.name.encode("utf-8", "surrogateescape")
        case "date":
            return lambda item: item.mtime
        case "size":
            return lambda item: item.size
        case "shot":
            return _by_template(_SHOT)
    if order.startswith("$"):
        return _by_template(order)
    raise UsageError(
        f"imglist_sort: invalid sort {order}", f"{', '.join(SORTS)}, or a text with ${{name}}"
    )


def _by_path(item: CardEntry) -> bytes:
    return item.path.encode("utf-8", "surrogateescape")


def _by_template(text: str) -> Callable[[CardEntry], str]:
    template = Template(text, _SORT_NAMES)

    def key(item: CardEntry) -> str:
        moment = int(camera_to_host(item.mtime))
        return template.fill({**image_values(item.path), "mdate": moment, "mts": moment})

    return key
