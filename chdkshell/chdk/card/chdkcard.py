"""The card through CHDK: its commands for files, and Lua that runs on the camera."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from chdkshell.chdk.cameratime import card_time
from chdkshell.chdk.card import listing, removing
from chdkshell.chdk.card.access import (
    CountListener,
    EntriesListener,
    ImageList,
    UploadTargets,
)
from chdkshell.chdk.card.cardanswers import (
    CardSpace,
    Removed,
    RemoveOptions,
    batch,
    card_entry,
    check,
    refusal,
)
from chdkshell.chdk.card.copying import SourceRemoved
from chdkshell.chdk.card.selection import ALL, ImageRange, Selection
from chdkshell.chdk.card.uploadsource import UploadBytes, UploadSource
from chdkshell.chdk.card.writer import LEFTOVER, CardWriter
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.constants import ValueType
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.paths import ROOT, decode_name, encode_path, without_slash
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import CardError, ScriptError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.lua.literals import serialize
from chdkshell.lua.numbers import MAX_INTEGER, wrap
from chdkshell.lua.values import LuaValue
from chdkshell.reasons import Reason
from chdkshell.streams import Sink

MESSAGE = 1 << 16
"""Bytes that a message has at most; the camera makes them shorter where its memory is small."""

TARGETS_AT_ONCE = 100
"""So many targets are looked at in one script, whose text a camera has to hold."""

_LOOK_WHY = """local function kind(path)
  local st = os.stat(path)
  return st and (st.is_dir and 'folder' or 'file')
end
return kind({path}), kind({above}), get_free_disk_space()"""


class ChdkCard:
    """The card of the camera at the other end of `protocol`, as `CardAccess` says.

    Everything but reading and writing of whole files runs a script on the camera, so it raises
    `ScriptRunningError` while one runs.
    """

    def __init__(self, protocol: ChdkProtocol, scripts: Scripts) -> None:
        self.protocol = protocol
        self.scripts = scripts

    @property
    def camera(self) -> str:
        return self.protocol.session.camera

    def aside(self) -> AbstractContextManager[bool]:
        return self.scripts.aside()

    # ---- looking ----

    def stat(self, path: str, cancel: CancelToken = NEVER) -> CardEntry:
        answer = self.scripts.call(f"return os.stat({serialize(path)})", cancel=cancel)
        if isinstance(answer, dict):
            return card_entry(path, answer)
        raise refusal(answer, path, Reason.NOT_ON_CARD)

    def list_tree(
        self,
        paths: Sequence[str],
        selection: Selection = ALL,
        on_entries: EntriesListener | None = None,
        cancel: CancelToken = NEVER,
        on_count: CountListener | None = None,
    ) -> list[CardEntry]:
        return listing.list_tree(self.scripts, paths, selection, on_entries, cancel, on_count)

    def list_images(
        self,
        paths: Sequence[str],
        selection: Selection,
        numbers: ImageRange,
        on_entries: EntriesListener | None = None,
        cancel: CancelToken = NEVER,
        on_count: CountListener | None = None,
        descending: bool = False,
    ) -> ImageList:
        return listing.list_images(
            self.scripts, paths, selection, numbers, on_entries, cancel, on_count, descending
        )

    def picture_counter(self, cancel: CancelToken = NEVER) -> int | None:
        count = self.scripts.call("return get_exp_count()", cancel=cancel)
        return count if isinstance(count, int) else None

    def space(self, cancel: CancelToken = NEVER) -> CardSpace:
        code = "return get_disk_size(), get_free_disk_space()"
        match self.scripts.call(code, cancel=cancel):
            case (int(total), int(free)):
                return CardSpace(_kib(total), _kib(free))
        raise CardError("the camera does not tell how large its card is")

    def look_why(self, path: str, is_making: bool, cancel: CancelToken = NEVER) -> str:
        """Look at the card: a camera with DryOS tells no reason, and the numbers of others do not
        mean the same everywhere.
        """
        target = without_slash(path)
        above = target.rpartition("/")[0] or ROOT
        code = _LOOK_WHY.format(path=serialize(target), above=serialize(above))
        answer = self.scripts.call(code, cancel=cancel)
        if not isinstance(answer, tuple) or len(answer) != 3:
            return ""
        here, parent, free = (decode_name(x) if isinstance(x, bytes) else x for x in answer)
        if here is None or here is False:
            if parent == "file":
                return f"{above} is a file, and no folder"
            if not is_making:
                return "no such file or folder"
        if is_making and free == 0:
            return "the card is full"
        return ""

    # ---- content ----

    def read(
        self, path: str, sink: Sink, progress: Progress = SILENT, cancel: CancelToken = NEVER
    ) -> int:
        return self.protocol.download_file(encode_path(path), sink, progress, cancel)

    def read_rest(
        self,
        original: CardEntry,
        start: int,
        receive: Callable[[bytes], None],
        cancel: CancelToken = NEVER,
    ) -> None:
        """Have a script send it: the firmware's DownloadFile has a whole file only."""
        left = original.size - start
        if max(start, left) > MAX_INTEGER:
            raise CardError("the camera's Lua, whose numbers have 32 bits, cannot count so far")

        def accept(message: ScriptMessage) -> None:
            nonlocal left
            if message.subtype != ValueType.STRING or len(message.data) > left:
                raise CardError("the camera sent something else than the rest of the file")
            left -= len(message.data)
            receive(message.data)

        arguments = f"{wrap(original.size)},{wrap(original.mtime)},{start},{left},{MESSAGE}"
        try:
            answer = self.scripts.call(
                f"return send_rest({serialize(original.path)},{arguments})",
                libraries=("send_rest",),
                on_message=accept,
                cancel=cancel,
            )
        except ScriptError as error:  # as for lack of memory
            raise CardError(f"{original.path}: {error}", original.path) from error
        # What a script returns is lost where the queue is full as it ends: then all bytes are there
        if left:
            check(answer, original.path)
            raise CardError(f"the last {left} bytes of {original.path} did not come", original.path)

    def thumbnail(self, item: CardEntry, cancel: CancelToken = NEVER) -> bytes | None:
        from chdkshell.chdk.card.thumbnails import read_thumbnail

        return read_thumbnail(self.scripts, item, cancel)

    # ---- changing ----

    def make_folder(self, path: str, cancel: CancelToken = NEVER) -> None:
        check(self.scripts.call(f"return os.mkdir({serialize(path)})", cancel=cancel), path)

    def make_folders(self, path: str, cancel: CancelToken = NEVER) -> None:
        code = f"return make_dirs({serialize(path)})"
        answer = self.scripts.call(code, libraries=("make_dirs",), cancel=cancel)
        check(answer, path, making=True)

    def move(self, old: str, new: str, cancel: CancelToken = NEVER) -> str:
        code = f"return move_file({serialize(old)},{serialize(new)})"
        answer = self.scripts.call(code, libraries=("move_file",), cancel=cancel)
        match answer:
            case (True, str() | bytes() as moved):
                return decode_name(moved)
        raise refusal(answer, old)

    def copy_file(
        self, source: str, target: str, size: int, progress: Progress, cancel: CancelToken
    ) -> None:
        from chdkshell.chdk.card.oncard import copy_file

        copy_file(self.scripts, source, target, size, progress, cancel)

    def remove(self, path: str, cancel: CancelToken = NEVER) -> None:
        check(self.scripts.call(f"return os.remove({serialize(path)})", cancel=cancel), path)

    def remove_trees(
        self,
        targets: Sequence[str],
        options: RemoveOptions,
        on_removed: Callable[[Removed], None] | None = None,
        cancel: CancelToken = NEVER,
    ) -> list[Removed]:
        return removing.remove_trees(self.scripts, targets, options, on_removed, cancel)

    def remove_files(
        self, items: Sequence[CardEntry], on_removed: Callable[[SourceRemoved], None]
    ) -> None:
        removing.remove_files(self.scripts, items, on_removed)

    # ---- writing ----

    def prepare(
        self,
        directories: Sequence[str],
        targets: Sequence[str],
        pretend: bool = False,
        cancel: CancelToken = NEVER,
    ) -> UploadTargets:
        prepared = UploadTargets({}, [])

        def receive(message: ScriptMessage) -> None:
            for table in batch(message, cancel):
                if isinstance(table, dict):
                    name, size, mtime = table.get("path"), table.get("size"), table.get("mtime")
                    path = decode_name(name) if isinstance(name, str | bytes) else ""
                    if table.get("kind") == "missing":
                        prepared.missing.append(path)
                    elif isinstance(size, int):
                        time = card_time(mtime) if isinstance(mtime, int) else 0
                        is_dir = table.get("kind") == "dir"
                        entry = CardEntry(path, size & 0xFFFFFFFF, time, is_dir=is_dir)
                        prepared.there[path.casefold()] = entry

        while directories or targets:
            now, directories = directories[:TARGETS_AT_ONCE], directories[TARGETS_AT_ONCE:]
            looked: Sequence[str] = []
            if not directories:
                looked, targets = targets[:TARGETS_AT_ONCE], targets[TARGETS_AT_ONCE:]
            arguments: list[LuaValue] = [list(now), list(looked), LEFTOVER, pretend]
            answer = self.scripts.call(
                f"return prepare_uploads({','.join(map(serialize, arguments))})",
                libraries=("prepare_uploads",),
                on_message=receive,
                cancel=cancel,
            )
            check(answer, (now or looked)[0], making=True)
        return prepared

    def writer(self) -> CardWriter:
        return CardWriter(self.protocol, self.scripts)

    def write_unchecked(
        self,
        path: str,
        source: UploadSource | UploadBytes,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> None:
        """Write over what is there: that works while a script runs."""
        self.protocol.upload_file(encode_path(path), source, progress, cancel)
        source.check_complete()


def _kib(count: int) -> int:
    """Return as bytes what the camera counts in units of 1024, in 32 bits."""
    return (count & 0xFFFFFFFF) * 1024
