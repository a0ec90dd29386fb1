"""Objects from and to the camera, whole or not at all."""

from __future__ import annotations

import calendar
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from chdkshell.chdk.cameratime import camera_to_host
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.transfer import PartFile, host_error
from chdkshell.errors import CardError, PtpError, TransportError, UsageError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.ptp.codes import OperationCode
from chdkshell.ptp.objects import ROOT_ONLY, UNKNOWN_SIZE, ObjectFormat, ObjectInfo, dated
from chdkshell.reasons import Reason
from chdkshell.standard.device import PtpDevice
from chdkshell.standard.objecttree import Node, ObjectTree, checked_name
from chdkshell.streams import FileSink, FileSource, Source

PIECE = 1 << 20
"""Bytes of an object that are asked for at a time where only a part of it is wanted."""

MAX_PARTS = 1 << 32
"""Where parts of an object end: GetPartialObject counts with 32 bits."""

FORMATS = {
    ".jpg": ObjectFormat.EXIF_JPEG,
    ".avi": ObjectFormat.AVI,
    ".mov": ObjectFormat.QUICKTIME,
    ".wav": ObjectFormat.WAV,
    ".crw": ObjectFormat.CRW,
    ".cr2": ObjectFormat.CR2,
    ".cr3": ObjectFormat.CR3,
    ".dng": ObjectFormat.DNG,
    ".txt": ObjectFormat.TEXT,
}
"""What a file is announced as, by its suffix; others as undefined."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A part of an object: `length` bytes from `offset` on."""

    offset: int
    length: int


def entry_of(node: Node) -> CardEntry:
    """Return an object as an entry of a card. A date that it does not tell, or before, is 1970."""
    when = dated(node.info.modified or node.info.captured) if node.info else None
    mtime = 0 if when is None else max(0, calendar.timegm(when.timetuple()))
    return CardEntry(node.path, node.size, mtime, is_dir=node.is_dir, depth=1)


def get(
    device: PtpDevice,
    node: Node,
    target: Path,
    part_of_it: ByteRange | None = None,
    progress: Progress = SILENT,
    cancel: CancelToken = NEVER,
) -> int:
    """Write an object, or a part of it, to a file of this computer; return how many bytes.

    The file appears whole or not at all, with the object's time. Of a large one that is broken off
    the next call fetches the rest, where the camera can send parts. Raises `CardError` where
    another number of bytes comes than the camera has listed.
    """
    if node.is_dir:
        raise UsageError(f"{node.path} is a folder", reason=Reason.FOLDER_AS_FILE)
    if part_of_it is not None and node.size != UNKNOWN_SIZE and part_of_it.offset > node.size:
        problem = f"{node.path} has {node.size} bytes, and no part from {part_of_it.offset} on"
        raise UsageError(problem)
    entry = entry_of(node)
    # one of 4 GiB or more does not tell its size: nobody would know where its end is missing
    original = None if part_of_it or node.size == UNKNOWN_SIZE else entry
    with PartFile(target, original=original, camera=device.session.camera) as part:
        sink = FileSink(part.file)
        if part_of_it is not None:
            size = _get_pieces(device, node, part_of_it, sink, progress, cancel)
        elif part.kept and device.supports(OperationCode.GET_PARTIAL_OBJECT):
            part.file.seek(part.kept)
            progress.start(node.size)
            progress.advance(part.kept)
            rest = ByteRange(part.kept, node.size - part.kept)
            size = part.kept + _get_pieces(device, node, rest, sink, progress, cancel)
        else:
            if part.kept:
                part.restart()
            before = device.session.bytes_read
            device.get_object(node.handle, sink, progress, cancel)
            size = device.session.bytes_read - before
        if part_of_it is None and node.size not in (size, UNKNOWN_SIZE):
            raise CardError(f"{node.path}: {size} bytes came, {node.size} were listed", node.path)
        part.finish(camera_to_host(entry.mtime) if entry.mtime and not part_of_it else None)
    return size


def _get_pieces(
    device: PtpDevice,
    node: Node,
    wanted: ByteRange,
    sink: FileSink,
    progress: Progress,
    cancel: CancelToken,
) -> int:
    device.require(OperationCode.GET_PARTIAL_OBJECT)
    done = 0
    while done < wanted.length:
        asked = min(PIECE, wanted.length - done)
        data = device.get_partial_object(node.handle, wanted.offset + done, asked, cancel)
        if len(data) > asked:
            raise CardError(f"{node.path}: {len(data)} bytes came, {asked} were asked", node.path)
        sink.write(data)
        progress.advance(len(data))
        done += len(data)
        if len(data) < asked:
            break
    return done


def send(
    device: PtpDevice,
    file: Path,
    folder: Node,
    name: str,
    progress: Progress = SILENT,
    cancel: CancelToken = NEVER,
) -> int:
    """Send a file of this computer into a folder of the camera, and return its handle.

    One that did not arrive whole is deleted on the camera, as far as the camera lets that be.
    """
    try:
        with file.open("rb") as content:
            source = FileSource(content, file.stat().st_size)
            return send_object(device, source, folder, name, "", progress, cancel)
    except OSError as error:
        raise host_error("read", file, error) from error


def send_object(
    device: PtpDevice,
    source: Source,
    folder: Node,
    name: str,
    modified: str = "",
    progress: Progress = SILENT,
    cancel: CancelToken = NEVER,
) -> int:
    """Send `source`, whose length must be known, as `send` does a file.

    `modified` is the time that it is to get, as PTP writes it.
    """
    assert source.length is not None
    info = ObjectInfo(
        storage=folder.storage,
        format=FORMATS.get(PurePosixPath(name).suffix.lower(), ObjectFormat.UNDEFINED),
        size=min(source.length, UNKNOWN_SIZE),
        parent=_parent(folder),
        name=checked_name(name),
        modified=modified,
    )
    handle = device.send_object_info(info, folder.storage, _parent(folder), cancel)
    try:
        device.send_object(source, progress, cancel)
    except BaseException:
        take_back(device, handle)
        raise
    return handle


def take_back(device: PtpDevice, handle: int) -> None:
    """Delete an object that did not arrive whole, as far as the camera lets that be."""
    with contextlib.suppress(PtpError, TransportError, UsageError):
        device.delete_object(handle)


def make_folder(device: PtpDevice, parent: Node, name: str, cancel: CancelToken = NEVER) -> int:
    """Make a folder in another one, and return its handle."""
    info = ObjectInfo(
        storage=parent.storage,
        format=ObjectFormat.ASSOCIATION,
        parent=_parent(parent),
        association_type=1,
        name=checked_name(name),
    )
    return device.send_object_info(info, parent.storage, _parent(parent), cancel)


def _parent(folder: Node) -> int:
    """Return how a folder is named where an object gets its place: the root has its own number."""
    return ROOT_ONLY if folder.info is None else folder.handle


def meant(tree: ObjectTree, texts: tuple[str, ...], cancel: CancelToken = NEVER) -> Iterator[Node]:
    """Yield the objects that handles and paths mean, each once. Raises `CardError`."""
    seen: set[int] = set()
    for text in texts:
        node = tree.resolve(text, cancel)
        if node.handle not in seen or node.info is None:
            seen.add(node.handle)
            yield node
