"""Files on the card: listing, facts, transfer, removal.

Paths are those of the card, with or without `A/` before them (`chdk.paths`). Everything but a
transfer without checks runs a script on the camera, so it raises `ScriptRunningError` while one
runs. `CardError` says what the camera refused, and on which path.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from chdkshell.chdk.cameratime import camera_to_host, host_to_camera
from chdkshell.chdk.card.entry import CardEntry
from chdkshell.chdk.card.facts import (
    CardSpace,
    Removed,
    RemoveOptions,
    Transfer,
    batch,
    card_entry,
    check,
    listed_entry,
    refusal,
    remove_options,
    removed,
)
from chdkshell.chdk.card.fetching import compare, fetch
from chdkshell.chdk.card.listing import Reading
from chdkshell.chdk.card.telling import call_telling
from chdkshell.chdk.card.uploadsource import UploadSource
from chdkshell.chdk.card.writer import CardWriter
from chdkshell.chdk.imaging.whole import picture_problem
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.paths import (
    ROOT,
    base_name,
    below_root,
    camera_path,
    decode_name,
    encode_path,
    escaped_name,
    host_path,
    join_path,
    without_slash,
)
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from chdkshell.chdk.transfer import PartFile
from chdkshell.errors import CardError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.lua.literals import LuaValue, serialize
from chdkshell.reasons import Reason
from chdkshell.streams import FileSink

__all__ = [
    "CardSpace",
    "Files",
    "RemoveOptions",
    "Removed",
    "Transfer",
    "camera_path",
]


REMOVE_ALL = RemoveOptions()

MAX_ENTRIES = 1_000_000
"""Entries of a directory that are accepted from a camera; FAT has room for 65536."""


class Files:
    """The card's files, through the camera at the other end of `protocol`."""

    def __init__(self, protocol: ChdkProtocol, scripts: Scripts) -> None:
        self.protocol = protocol
        self.scripts = scripts

    # ---- looking ----

    def stat(self, path: str, cancel: CancelToken = NEVER) -> CardEntry:
        """Return what the camera knows of a path. Raises `CardError` where nothing is there."""
        target = without_slash(path)
        answer = self.scripts.call(f"return os.stat({serialize(target)})", cancel=cancel)
        if isinstance(answer, dict):
            return card_entry(target, answer)
        raise refusal(answer, target, Reason.NOT_ON_CARD)

    def find(self, path: str, cancel: CancelToken = NEVER) -> CardEntry | None:
        """Return what the camera knows of a path, or None where nothing is there."""
        try:
            return self.stat(path, cancel)
        except CardError:
            return None

    def listdir(
        self,
        path: str = ROOT,
        all: bool = False,  # noqa: A002
        cancel: CancelToken = NEVER,
    ) -> list[str]:
        """Return the names in a directory, in the camera's order.

        `all` includes `.`, `..`, deleted entries and the volume label, as the firmware's own
        os.listdir does. A file gives its own path.
        """
        items = self._list(path, False, all, cancel)
        return [decode_name(item) for item in items if isinstance(item, str | bytes)]

    def list_entries(
        self, path: str = ROOT, cancel: CancelToken = NEVER, reading: Reading | None = None
    ) -> list[CardEntry]:
        """Return what is in a directory, with sizes and times, in the camera's order.

        A file gives its own entry, whose `depth` is 0. `reading` is told meanwhile how many there
        are so far.
        """
        top = without_slash(path)
        tables = self._list(path, True, False, cancel, reading)
        return [listed_entry(top, table) for table in tables if isinstance(table, dict)]

    def _list(
        self,
        path: str,
        with_stat: bool,
        all_names: bool,
        cancel: CancelToken,
        reading: Reading | None = None,
    ) -> list[LuaValue]:
        target = without_slash(path)
        items: list[LuaValue] = []

        def take(message: ScriptMessage) -> None:
            items.extend(batch(message, cancel))
            if len(items) > MAX_ENTRIES:
                raise CardError(f"{target}: the camera lists more than {MAX_ENTRIES} files", target)
            if reading is not None:
                reading(len(items), target)

        call = f"list_dir({serialize(target)},{serialize(with_stat)},{serialize(all_names)})"
        answer = call_telling(self.scripts, call, "list_dir", take, cancel)
        check(answer, target, Reason.NOT_ON_CARD)
        return items

    # ---- changing ----

    def mkdir(self, path: str, cancel: CancelToken = NEVER) -> None:
        """Make a directory with its parents. One that is there already is fine."""
        target = without_slash(path)
        answer = self.scripts.call(
            f"return make_dirs({serialize(target)})", libraries=("make_dirs",), cancel=cancel
        )
        check(answer, target)

    def move(self, source: str, target: str, cancel: CancelToken = NEVER) -> str:
        """Rename a file or directory, or move it into a directory; return its new path.

        A target that is there is an error, never replaced. Raises `UsageError` for `A/` itself.
        """
        old, new = below_root(source, "moved"), without_slash(target)
        answer = self.scripts.call(
            f"return move_file({serialize(old)},{serialize(new)})",
            libraries=("move_file",),
            cancel=cancel,
        )
        match answer:
            case (True, str() | bytes() as moved):
                return decode_name(moved)
        raise refusal(answer, old)

    def space(self, cancel: CancelToken = NEVER) -> CardSpace:
        """Return how large the card is and how much of it is free."""
        answer = self.scripts.call("return get_disk_size(), get_free_disk_space()", cancel=cancel)
        match answer:
            case (int(total), int(free)):
                return CardSpace(_kib(total), _kib(free))
        raise CardError("the camera does not tell how large its card is")

    def remove(self, path: str, cancel: CancelToken = NEVER) -> None:
        """Remove one file or empty directory. Raises `UsageError` for `A/` itself."""
        target = below_root(path, "deleted")
        answer = self.scripts.call(f"return os.remove({serialize(target)})", cancel=cancel)
        check(answer, target)

    def remove_tree(
        self,
        paths: str | Sequence[str],
        options: RemoveOptions = REMOVE_ALL,
        on_removed: Callable[[Removed], None] | None = None,
        cancel: CancelToken = NEVER,
    ) -> list[Removed]:
        """Remove files and directories with all that is in them; return what became of each path.

        Files come before the directory they are in. `on_removed` is told while it goes on. The
        first failure ends it with `CardError`, unless the options say otherwise. Raises
        `UsageError` for `A/` without `RemoveOptions.whole_card`.
        """
        targets = removal_targets([paths] if isinstance(paths, str) else paths, options)
        results: list[Removed] = []

        def take(message: ScriptMessage) -> None:
            for item in batch(message, cancel):
                if isinstance(item, dict):
                    results.append(removed(item))
                    if on_removed is not None:
                        on_removed(results[-1])

        call = f"remove_tree({serialize(targets)},{remove_options(options)})"
        answer = call_telling(self.scripts, call, "remove_tree", take, cancel)
        check(answer, ", ".join(targets))
        return results

    # ---- copying ----

    def download(
        self,
        remote: str,
        local: Path | str | None = None,
        *,
        check_first: bool = True,
        keep_time: bool = True,
        to_disk: bool = False,
        verify: bool = False,
        is_new: bool = False,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> Transfer:
        """Copy a file of the card to this computer.

        `local` is the target file, or a directory (one that exists, or a text with "/" at its end)
        to copy it into under its own name; without it that is the current one. Folders on the way
        are made. The target appears whole or not at all: bytes go to NAME.part first, and what the
        target was before stays until then. It gets the file's time unless `keep_time` is False.

        Of a large file that is broken off, what has come is kept, and the next call goes on from
        there if the card still has the same file (`chdk.transfer.PartFile`).

        `check_first` asks the camera for size and time, which needs Lua; without it a download
        works while a script runs, and the file's time is not kept. `to_disk` waits until the file
        would survive a loss of power. `verify` reads it a second time, and compares. `is_new` is
        for a picture that was just taken: it has to be whole by its own structure, too. Raises
        `CardError`, `PtpError` where the camera cannot read the file, and `HostFileError`.
        """
        source = camera_path(remote)
        target = download_target(source, local)
        stat = self.check_is_file(source, cancel) if check_first else None
        if stat is None:
            with PartFile(target) as part:
                path = encode_path(source)
                sink = FileSink(part.file)
                size = self.protocol.download_file(path, sink, progress, cancel)
                part.finish(None)
            return Transfer(source, target, size)
        camera = self.protocol.session.camera
        with PartFile(target, original=stat, camera=camera, is_shot=is_new) as part:
            fetch(self.protocol, self.scripts, stat, part, progress, cancel)
            part.flush(to_disk or verify)
            if verify:
                compare(self.protocol, source, part.path, SILENT, cancel)
            if is_new and not part.is_outlet and (problem := picture_problem(part.path)):
                raise CardError(
                    f"{source} is not whole on the card: {problem}",
                    source,
                    reason=Reason.LEFT_ON_CARD,
                )
            part.finish(camera_to_host(stat.mtime) if keep_time else None, to_disk)
        return Transfer(source, target, stat.size)

    def upload(
        self,
        local: Path | str,
        remote: str | None = None,
        *,
        check_target: bool = True,
        keep_time: bool = False,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> Transfer:
        """Copy a file of this computer to the card.

        `remote` is the target file, or a directory (one that exists, or a text with "/" at its end)
        to copy it into under its own name; without it that is `A/`. A file that is there is
        replaced, when the new one has come whole under another name (`chdk.card.writer`).
        `keep_time` gives the file its time of modification, counted by the camera's clock.

        All that needs Lua: without `check_target` an upload works while a script runs, writes over
        the target at once, and a "/" at the end alone tells a directory. Raises
        `UsageError` where `local` is no file, `CardError`, and `PtpError` where the camera cannot
        write the file.
        """
        path = host_path(local)
        with UploadSource(path) as source:
            target = self.upload_target(path.name, remote, cancel, look=check_target)
            if not check_target:
                self.protocol.upload_file(encode_path(target), source, progress, cancel)
                source.check_complete()
                return Transfer(target, path, source.length)
            writer = CardWriter(self.protocol, self.scripts)
            mtime = host_to_camera(source.mtime) if keep_time else None
            writer.send(source, target, mtime, progress, cancel)
            for written in writer.finish():
                if not written.ok:
                    raise CardError(written.message, target)
        return Transfer(target, path, source.length)

    def check_is_file(self, path: str, cancel: CancelToken = NEVER) -> CardEntry:
        """Return what the camera knows of a file. Raises `CardError` for anything else."""
        try:
            stat = self.stat(path, cancel)
        except CardError as error:
            raise CardError(
                f"stat source {path} failed: {error}", path, reason=Reason.NOT_ON_CARD
            ) from error
        if not stat.is_file:
            raise CardError(f"{path} is not a file", path, reason=Reason.NOT_ON_CARD)
        return stat

    def upload_target(
        self, name: str, remote: str | None, cancel: CancelToken = NEVER, look: bool = True
    ) -> str:
        """Return the path that an upload of a file `name` to `remote` gets (`upload`).

        Without `look` the camera is not asked what is there.
        """
        path = ROOT if remote is None else camera_path(remote)
        if path == ROOT:
            return ROOT + name
        if not look:
            return path + name if path.endswith("/") else path
        if not path.endswith("/"):
            stat = self.find(path, cancel)
            return join_path(path, name) if stat is not None and stat.is_dir else path
        directory = without_slash(path)
        try:
            stat = self.stat(directory, cancel)
        except CardError as error:
            raise CardError(
                f"stat dest {directory} failed: {error}", directory, reason=Reason.NOT_ON_CARD
            ) from error
        if not stat.is_dir:
            raise CardError(f"not a directory: {directory}", directory)
        return path + name


def removal_targets(paths: Sequence[str], options: RemoveOptions) -> list[str]:
    """Return what is to be removed, without a "/" at the end (`Files.remove_tree`)."""
    if options.whole_card:
        return [without_slash(path) for path in paths]
    return [below_root(path, "deleted") for path in paths]


def download_target(source: str, local: Path | str | None) -> Path:
    """Return the path that a download of `source` to `local` gets (`Files.download`)."""
    target = Path() if local is None else host_path(local)
    text = "" if local is None else str(local)
    if local is None or text.endswith(("/", os.sep)) or target.is_dir():
        return target / escaped_name(base_name(source))
    return target


def _kib(count: int) -> int:
    """Return as bytes what the camera counts in units of 1024, in 32 bits."""
    return (count & 0xFFFFFFFF) * 1024
