"""What is in trees of the card, as the camera's Lua tells it, record by record.

The camera walks and selects, and sends batches that its memory can hold. It is not trusted: names
that could not be in a directory of a card end the listing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chdkshell.chdk.cameratime import card_time
from chdkshell.chdk.card.access import CountListener, EntriesListener, ImageList
from chdkshell.chdk.card.cardanswers import check, checked_name, refusal
from chdkshell.chdk.card.scriptcalls import call_with_messages
from chdkshell.chdk.card.selection import ALL, ImageRange, Selection
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.paths import decode_name, join_path, without_slash
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import CardError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.literals import parse, serialize
from chdkshell.lua.values import LuaKey, LuaValue
from chdkshell.reasons import Reason

MAX_ITEMS = 1_000_000
"""Files and directories that are accepted from a camera in one listing."""

_RECORD = 4
_FILE, _PLACE, _DIRECTORY, _GIVEN_FILE, _MEMORY, _LAST_DIRECTORY = range(6)
"""Kinds of records of list_tree.lua."""

_KINDS = 8
"""The last value of a record is its kind, and this many times the FAT attributes of an entry."""


def list_tree(
    scripts: Scripts,
    paths: Sequence[str],
    selection: Selection = ALL,
    on_entries: EntriesListener | None = None,
    cancel: CancelToken = NEVER,
    on_count: CountListener | None = None,
) -> list[CardEntry]:
    """Return what `selection` means in `paths`, as `CardAccess.list_tree` says."""
    tops = [without_slash(path) for path in paths]
    reader = _Reader(tops, selection, on_entries, on_count, cancel)
    options = serialize(_some(selection.options()))
    call = f"list_tree({serialize(tops)},{options})"
    answer = call_with_messages(scripts, call, "list_tree", reader.receive, cancel)
    check(answer, ", ".join(tops), Reason.NOT_ON_CARD)
    return reader.items


def list_images(
    scripts: Scripts,
    paths: Sequence[str],
    selection: Selection,
    numbers: ImageRange,
    on_entries: EntriesListener | None = None,
    cancel: CancelToken = NEVER,
    on_count: CountListener | None = None,
    descending: bool = False,
) -> ImageList:
    """Return what `selection` and `numbers` mean, as `CardAccess.list_images` says."""
    tops = [without_slash(path) for path in paths]
    reader = _Reader(tops, selection, on_entries, on_count, cancel, files_only=True)
    chosen = {**selection.options(), **numbers.options(), "descending": descending or None}
    options = serialize(_some(chosen))
    call = f"list_images({serialize(tops)},{options})"
    answer = call_with_messages(scripts, call, "list_images", reader.receive, cancel)
    match answer:
        case (True, int(count), str(directory)):
            return ImageList(reader.items, count, directory)
        case (True, *_):
            raise CardError("the camera does not tell its counter of files")
    raise refusal(answer, ", ".join(tops), Reason.NOT_ON_CARD)


def _some(options: dict[str, str | int | None]) -> dict[LuaKey, LuaValue]:
    return {key: value for key, value in options.items() if value is not None}


class _Reader:
    """Puts records together to items. What a directory record says holds for those after it."""

    def __init__(
        self,
        tops: Sequence[str],
        selection: Selection,
        on_entries: EntriesListener | None,
        on_count: CountListener | None,
        cancel: CancelToken,
        files_only: bool = False,
    ) -> None:
        self._on_memory = selection.on_memory
        self._on_count = on_count
        self._cancel = cancel
        self.items: list[CardEntry] = []
        self._tops = tops
        self._on_entries = on_entries
        self._files_only = files_only
        self._count = 0
        self._here = self._top = tops[0] if tops else ""
        self._depth = 0

    def receive(self, message: ScriptMessage) -> None:
        values = parse(message.data, self._cancel)
        if not isinstance(values, list) or len(values) % _RECORD:
            raise CardError("the camera sent something else than a list of files")
        items = list(self._read(values))
        self._count += len(items)
        if self._count > MAX_ITEMS:
            raise CardError(f"the camera lists more than {MAX_ITEMS} files")
        if self._on_entries is None:
            self.items += items
        elif items:
            self._on_entries(items)
        if self._on_count is not None:
            self._on_count(self._count, self._here)

    def _read(self, values: list[LuaValue]) -> Iterator[CardEntry]:
        for at in range(0, len(values), _RECORD):
            name, a, b, last = values[at : at + _RECORD]
            if not isinstance(name, str | bytes):
                raise CardError("the camera lists a file without a name")
            if not (isinstance(a, int) and isinstance(b, int) and isinstance(last, int)):
                raise CardError(f"the camera lists {decode_name(name)!r} without its size and time")
            text = decode_name(name)
            attrib, kind = divmod(last, _KINDS)
            if kind == _MEMORY:
                if self._on_memory is not None:
                    self._on_memory(a, b)
            elif kind == _PLACE:
                self._enter(text, a, b)
            elif kind == _FILE:
                path = join_path(self._here, checked_name(text))
                yield CardEntry(
                    path, a & 0xFFFFFFFF, card_time(b), attrib, top=self._top, depth=self._depth + 1
                )
            elif kind == _GIVEN_FILE:
                # the path that was asked for, whatever the camera calls it
                yield CardEntry(self._top, a & 0xFFFFFFFF, card_time(b), attrib, top=self._top)
            elif kind in (_DIRECTORY, _LAST_DIRECTORY):
                if not self._files_only:
                    yield CardEntry(
                        self._inside(text, b),
                        mtime=card_time(a),
                        attrib=attrib,
                        is_dir=True,
                        top=self._top,
                        depth=b,
                        is_last=kind == _LAST_DIRECTORY,
                    )
            else:
                raise CardError(f"the camera lists {text!r} as something unknown")

    def _enter(self, path: str, depth: int, given: int) -> None:
        if not 1 <= given <= len(self._tops):
            raise CardError("the camera lists what was not asked for")
        self._top = self._tops[given - 1]
        self._here = self._inside(path, depth)
        self._depth = depth

    def _inside(self, path: str, depth: int) -> str:
        """Return the path of a directory, which must lie in the given one, `depth` levels down."""
        base = self._top.rstrip("/") + "/"
        if depth == 0 and path.rstrip("/") == base.rstrip("/"):
            return self._top
        names = path.removeprefix(base).split("/")
        if not path.startswith(base) or len(names) != depth:
            raise CardError(f"the camera lists {path!r} in {self._top}")
        for name in names:
            checked_name(name)
        return path
