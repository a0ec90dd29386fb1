"""A camera's objects by the paths of a card, and walks through them.

`A/` is the first storage. Others lie in it as folders of their letters (`A/B`), so that every path
of a card means something on a camera with two cards, too. A folder that is really called so hides
the storage.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum
from typing import NamedTuple

from chdkshell.chdk.card.selection import ImageRange, Selection
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.paths import ROOT, base_name, join_path
from chdkshell.errors import CardError, PtpError, UsageError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.patterns import finds
from chdkshell.ptp.codes import EventCode, ResponseCode
from chdkshell.ptp.objects import ROOT_ONLY
from chdkshell.reasons import Reason
from chdkshell.standard.device import PtpDevice
from chdkshell.standard.objecttree import Node, ObjectTree
from chdkshell.standard.transfer import entry_of

_READ_ONLY, _DIRECTORY = 0x01, 0x10
"""FAT attributes, which entries of a card have."""

_REASONS = {
    ResponseCode.STORE_FULL: Reason.CARD_FULL,
    ResponseCode.INVALID_OBJECT_HANDLE: Reason.NOT_ON_CARD,
}

_IMAGE = re.compile(r"[A-Za-z_][A-Za-z]{2}_(\d{4})\.[A-Za-z0-9]{3}\Z", re.ASCII)
_IMAGE_FOLDER = re.compile(r"\d{3}", re.ASCII)


class CardObjects:
    """The objects of `device` by their paths.

    What was seen under a path is remembered by its handle, and asked for again before it is used:
    handles may be given out anew, and not every camera tells what changes.
    """

    def __init__(self, device: PtpDevice) -> None:
        self._device = device
        self._tree = ObjectTree(device)
        self._seen: dict[str, Node] = {}

    def remember(self, node: Node) -> str:
        """Take an object of an `ObjectTree`, and return its path here."""
        first = node.path.startswith(ROOT)
        path = node.path if first else join_path(ROOT, node.path)
        self._seen[path.casefold()] = replace(node, path=path)
        return path

    def find(self, path: str, cancel: CancelToken = NEVER) -> Node:
        """Return what is under a path now. Raises `CardError` where nothing is."""
        node = self.find_if_there(path, cancel)
        if node is None:
            raise CardError(f"{path}: no such file or folder", path, reason=Reason.NOT_ON_CARD)
        return node

    def find_if_there(self, path: str, cancel: CancelToken = NEVER) -> Node | None:
        """Return what is under a path now, None where nothing is."""
        seen = self._seen.pop(path.casefold(), None)
        if seen is not None and (again := self._again(seen, cancel)) is not None:
            self._seen[path.casefold()] = again
            return again
        self._look_anew()
        node: Node | None = self._root(cancel)
        for name in filter(None, path.removeprefix(ROOT).split("/")):
            node = self.child(node, name, cancel) if node is not None and node.is_dir else None
        return node

    def _again(self, seen: Node, cancel: CancelToken) -> Node | None:
        """Return an object as it is now, None where its handle means another one, or nothing."""
        if seen.info is None:
            return seen
        try:
            info = self._device.object_info(seen.handle, cancel)
        except PtpError:
            return None
        old = seen.info
        places = [(i.name, i.parent, i.storage, i.is_folder) for i in (old, info)]
        self.forget(seen)
        return Node(seen.path, seen.handle, seen.storage, info) if places[0] == places[1] else None

    def forget(self, node: Node) -> None:
        """Forget an object that was changed or is gone."""
        self._tree.forget(node.handle)
        self._seen.pop(node.path.casefold(), None)

    def _look_anew(self) -> None:
        """Forget what objects are, on a camera that does not tell when that changes."""
        if EventCode.OBJECT_INFO_CHANGED not in self._device.info.events_supported:
            self._tree = ObjectTree(self._device)

    def _root(self, cancel: CancelToken) -> Node:
        first = next(iter(self._tree.storages(cancel).values()), None)
        if first is None:
            raise CardError("there is no card in the camera", ROOT)
        return Node(ROOT, ROOT_ONLY, first, None)

    def child(self, folder: Node, name: str, cancel: CancelToken = NEVER) -> Node | None:
        """Return what is called so in a folder, in any case of letters; None where nothing is."""
        nodes = list(self.children(folder, cancel))
        alike = [node for node in nodes if node.name.casefold() == name.casefold()]
        return next((node for node in alike if node.name == name), alike[0] if alike else None)

    def children(self, folder: Node, cancel: CancelToken = NEVER) -> Iterator[Node]:
        """Yield what is in a folder, in the camera's order. Raises `CardError` for a wrong name."""
        names = set()
        for node in self._tree.children(folder, cancel):
            names.add(node.name.casefold())
            self._seen[node.path.casefold()] = node
            yield node
        if folder.path != ROOT:
            return
        for letter, storage in list(self._tree.storages(cancel).items())[1:]:
            if letter.casefold() not in names:
                yield Node(join_path(ROOT, letter), ROOT_ONLY, storage, None)


def card_entry(node: Node, top: str = "", depth: int = 0, is_last: bool = False) -> CardEntry:
    """Return an object as an entry of a card."""
    attrib = _DIRECTORY if node.is_dir else 0
    if node.info is not None and node.info.protection:
        attrib |= _READ_ONLY
    return entry_of(node)._replace(attrib=attrib, top=top, depth=depth, is_last=is_last)


@contextmanager
def about(path: str) -> Iterator[None]:
    """Turn a refusal of the camera into an error about a path."""
    try:
        yield
    except PtpError as error:
        reason = next((r for code, r in _REASONS.items() if code == error.code), Reason.CARD)
        raise CardError(f"{path}: {error}", path, reason=reason) from error


def no_storage(node: Node, doing: str) -> Node:
    """Return an object. Raises `UsageError` for a storage, which is a whole card."""
    if node.info is None:
        raise UsageError(
            f"{node.path} is a whole card, which is not {doing}",
            reason=Reason.WHOLE_CARD,
            data={"doing": doing},
        )
    return node


def is_same(node: Node, entry: CardEntry) -> bool:
    """Whether a file has the size and the time of an entry."""
    now = card_entry(node)
    return (now.size, now.mtime) == (entry.size, entry.mtime)


class WalkPoint(Enum):
    """What a walk comes to."""

    FILE = "file"
    ENTER = "enter"
    LEAVE = "leave"


class WalkStep(NamedTuple):
    """One step of a walk: a file, or a folder before and after what is in it.

    `depth` is how many levels below the top it lies; `is_wanted`: the selection means the folder;
    `is_last`: no folder follows it in the one above.
    """

    kind: WalkPoint
    node: Node
    depth: int
    is_wanted: bool = True
    is_last: bool = False


class CardWalk:
    """Walks through what a selection means: files before the folders beside them.

    Folders come in the order of their names with a "/", or with `descending` in the other one.
    `accepts` may leave out files, and `skips` folders.
    """

    def __init__(
        self,
        objects: CardObjects,
        selection: Selection,
        cancel: CancelToken = NEVER,
        *,
        numbers: ImageRange | None = None,
        descending: bool = False,
    ) -> None:
        self._objects = objects
        self._selection = selection
        self._cancel = cancel
        self._numbers = numbers
        self._descending = descending

    def steps(
        self, node: Node, depth: int = 0, is_last: bool = True, above: tuple[int, ...] = ()
    ) -> Iterator[WalkStep]:
        """Yield the steps of a walk from `node` on."""
        self._cancel.check()
        wanted, name = self._selection, base_name(node.path) or node.path
        if not node.is_dir:
            if self._takes(node):
                yield WalkStep(WalkPoint.FILE, node, depth)
            return
        if node.info is not None and node.handle in above:
            raise CardError(f"{node.path} lies in itself, the camera says", node.path)
        if depth and self._is_outside(name):
            return
        is_wanted = _matches(node.path, wanted.dmatch)
        yield WalkStep(WalkPoint.ENTER, node, depth, is_wanted, is_last)
        if depth < wanted.maxdepth and _matches(name, wanted.rmatch):
            folders = []
            for child in self._objects.children(node, self._cancel):
                if child.is_dir:
                    folders.append(child)
                elif self._takes(child):
                    yield WalkStep(WalkPoint.FILE, child, depth + 1)
            folders.sort(key=_order, reverse=self._descending)
            for folder in folders:
                last = folder is folders[-1]
                yield from self.steps(folder, depth + 1, last, (*above, node.handle))
        if is_wanted:
            yield WalkStep(WalkPoint.LEAVE, node, depth, is_wanted, is_last)

    def _takes(self, node: Node) -> bool:
        path, wanted, numbers = node.path, self._selection, self._numbers
        if not (_matches(path, wanted.fmatch) and _matches(path, wanted.glob)):
            return False
        if numbers is None:
            return True
        first, last = numbers.first_image, numbers.last_image
        if (first, last) != (None, None) and _outside(image_number(node.name), first, last):
            return False
        folder = _folder_number(path.rpartition("/")[0])
        return not self._by_folder or not _outside(folder, *self._folder_range)

    @property
    def _folder_range(self) -> tuple[int | None, int | None]:
        numbers = self._numbers or ImageRange()
        return numbers.first_directory, numbers.last_directory

    @property
    def _by_folder(self) -> bool:
        return self._folder_range != (None, None)

    def _is_outside(self, name: str) -> bool:
        """Whether a folder has a number, and not one of those that are meant."""
        number = _folder_number(name)
        return self._by_folder and number is not None and _outside(number, *self._folder_range)


def collect(
    walk: CardWalk,
    tops: list[Node],
    on_entries: Callable[[list[CardEntry]], None],
    on_count: Callable[[int, str], None],
    batch_size: int,
    files_only: bool = False,
) -> None:
    """Tell of all that a walk comes to, some at a time, and of each folder that is read."""
    batch: list[CardEntry] = []
    count = 0
    place = ""

    def tell() -> None:
        nonlocal batch, count
        if batch:
            now, batch = batch, []
            count += len(now)
            on_entries(now)
        on_count(count, place)

    for top in tops:
        place = top.path
        for step in walk.steps(top):
            if step.kind is WalkPoint.ENTER:
                tell()
                place = step.node.path
                tell()
            if (
                step.kind is WalkPoint.LEAVE
                or not step.is_wanted
                or (files_only and step.node.is_dir)
            ):
                continue
            batch.append(card_entry(step.node, top.path, step.depth, step.is_last))
            if len(batch) >= batch_size:
                tell()
    tell()


def image_number(name: str) -> int | None:
    """Return the number of a picture by its name, None for what is not called as one."""
    match = _IMAGE.search(name)
    return int(match[1]) if match else None


def _folder_number(path: str) -> int | None:
    match = _IMAGE_FOLDER.match(path.rpartition("/")[2])
    return int(match[0]) if match else None


def _outside(number: int | None, low: int | None, high: int | None) -> bool:
    if number is None:
        return True
    return (low is not None and number < low) or (high is not None and number > high)


def _matches(text: str, pattern: str | None) -> bool:
    return pattern is None or finds(text, pattern)


def _order(node: Node) -> bytes:
    return f"{node.name}/".encode("utf-8", "surrogateescape")
