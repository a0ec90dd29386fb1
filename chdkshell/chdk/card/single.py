"""One file to or from the card: with this computer's disk, or with memory."""

from __future__ import annotations

from pathlib import Path

from chdkshell.chdk.cameratime import camera_to_host, host_to_camera
from chdkshell.chdk.card.access import CardAccess, FileWriter
from chdkshell.chdk.card.cardanswers import FileTransfer
from chdkshell.chdk.card.fetching import compare, fetch
from chdkshell.chdk.card.lookup import stat_file, stat_if_there
from chdkshell.chdk.card.uploadsource import UploadBytes, UploadSource
from chdkshell.chdk.paths import (
    ROOT,
    base_name,
    camera_path,
    escaped_name,
    host_path,
    join_path,
    without_slash,
)
from chdkshell.chdk.transfer import PartFile
from chdkshell.errors import CardError, UsageError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.hostnames import names_folder
from chdkshell.reasons import Reason
from chdkshell.streams import BytesSink, FileSink

MAX_READ = 64 << 20
"""Bytes of a file that `Files.read` returns where nothing else is asked for."""


def download_target(source: str, local: Path | str | None) -> Path:
    """Return the path that a download of `source` to `local` gets (`Files.download`)."""
    target = Path() if local is None else host_path(local)
    text = "" if local is None else str(local)
    if local is None or names_folder(text) or target.is_dir():
        return target / escaped_name(base_name(source))
    return target


def download_unchecked(
    card: CardAccess,
    source: str,
    target: Path,
    progress: Progress = SILENT,
    cancel: CancelToken = NEVER,
) -> FileTransfer:
    """Copy a file of the card without a look at it, which needs no Lua."""
    with PartFile(target) as part:
        size = card.read(source, FileSink(part.file), progress, cancel)
        part.finish(None)
    return FileTransfer(source, target, size)


def download_checked(
    card: CardAccess,
    source: str,
    target: Path,
    *,
    keep_time: bool,
    to_disk: bool,
    verify: bool,
    is_new: bool,
    progress: Progress = SILENT,
    cancel: CancelToken = NEVER,
) -> FileTransfer:
    """Copy a file of the card as `Files.download` says."""
    entry = stat_file(card, source, cancel)
    with PartFile(target, original=entry, camera=card.camera, is_shot=is_new) as part:
        fetch(card, entry, part, progress, cancel)
        part.flush(to_disk or verify)
        if verify:
            compare(card, source, part.path, SILENT, cancel)
        if is_new and not part.is_outlet and (problem := _what_is_missing(part.path)):
            raise CardError(
                f"{source} is not whole on the card: {problem}",
                source,
                reason=Reason.LEFT_ON_CARD,
            )
        part.finish(camera_to_host(entry.mtime) if keep_time else None, to_disk)
    return FileTransfer(source, target, entry.size)


def read_file(
    card: CardAccess,
    path: str,
    limit: int,
    progress: Progress = SILENT,
    cancel: CancelToken = NEVER,
) -> bytes:
    """Return what is in a file of the card, as `Files.read` says."""
    source = camera_path(path)
    entry = stat_file(card, source, cancel)
    if entry.size > limit:
        raise CardError(f"{source} has {entry.size} bytes, and at most {limit} are read", source)
    sink = BytesSink(limit)
    card.read(source, sink, progress, cancel)
    data = sink.data or b""
    if len(data) != entry.size:
        raise CardError(f"{source}: {len(data)} bytes came, {entry.size} were listed", source)
    return data


def write_file(
    card: CardAccess,
    path: str,
    data: bytes,
    progress: Progress = SILENT,
    cancel: CancelToken = NEVER,
) -> None:
    """Make `data` a file of the card, as `Files.write` says."""
    target = camera_path(path)
    if target.endswith("/"):
        raise UsageError(f"{target} is a folder", reason=Reason.FOLDER_AS_FILE)
    writer = card.writer()
    writer.send(UploadBytes(data), target, None, progress, cancel)
    _finish(writer, target)


def upload_file(
    card: CardAccess,
    path: Path,
    remote: str | None,
    *,
    check_target: bool,
    keep_time: bool,
    progress: Progress = SILENT,
    cancel: CancelToken = NEVER,
) -> FileTransfer:
    """Copy a file to the card, as `Files.upload` says."""
    with UploadSource(path) as source:
        target = upload_target(card, path.name, remote, cancel, look=check_target)
        if check_target:
            writer = card.writer()
            mtime = host_to_camera(source.mtime) if keep_time else None
            writer.send(source, target, mtime, progress, cancel)
            _finish(writer, target)
        else:
            card.write_unchecked(target, source, progress, cancel)
        return FileTransfer(target, path, source.length)


def _finish(writer: FileWriter, target: str) -> None:
    for written in writer.finish():
        if not written.ok:
            reason = Reason.CARD_FULL if written.short else Reason.CARD
            raise CardError(written.message, target, reason=reason)


def upload_target(
    card: CardAccess,
    name: str,
    remote: str | None,
    cancel: CancelToken = NEVER,
    look: bool = True,
) -> str:
    """Return the path that an upload of a file `name` to `remote` gets (`Files.upload`).

    Without `look` the camera is not asked what is there.
    """
    path = ROOT if remote is None else camera_path(remote)
    if path == ROOT:
        return ROOT + name
    if not look:
        return path + name if path.endswith("/") else path
    if not path.endswith("/"):
        entry = stat_if_there(card, path, cancel)
        return join_path(path, name) if entry is not None and entry.is_dir else path
    directory = without_slash(path)
    try:
        entry = card.stat(directory, cancel)
    except CardError as error:
        raise CardError(
            f"stat dest {directory} failed: {error}", directory, reason=Reason.NOT_ON_CARD
        ) from error
    if not entry.is_dir:
        raise CardError(f"not a directory: {directory}", directory)
    return path + name


def _what_is_missing(path: Path) -> str:
    """Return why a picture is not whole, or "": of few files that is asked."""
    from chdkshell.chdk.imaging.whole import picture_problem

    return picture_problem(path)
