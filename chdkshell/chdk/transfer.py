"""The host's end of a copy: files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from chdkshell import disk
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.errors import (
    Cancelled,
    ChdkShellError,
    FramingError,
    HostFileError,
    ScriptRunningError,
    TransportError,
    causes,
)
from chdkshell.outlets import (
    is_outlet,
    open_outlet,
    open_own,
    read_own,
    remove_own,
    settled,
    write_own,
)
from chdkshell.reasons import Reason

PART = ".part"
"""What the name of a file that is not yet whole ends in."""

NOTE = ".note"
"""What follows that in the name of the note that says what the file is a copy of."""

KEPT_AT_LEAST = 1 << 20
"""Bytes of an unfinished file that are worth keeping: fewer are quickly fetched again."""

SHOT = b"shot\n"
"""The last line of a note on a picture that was just taken: the next row of shots tidies it up."""

MAX_NOTE = 1 << 16
"""Bytes of a note that are read: more than any path has."""

MAX_PARTS = 9
"""Names for unfinished files that are tried, where others have files of that name."""

_MB = 1_000_000

_DISK_FULL = frozenset((errno.ENOSPC, errno.EDQUOT))

_NO_SYNC = frozenset((errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EACCES, errno.EPERM))
"""How network disks, and folders that may not be read, refuse fsync; the files are there."""


def free_path(wanted: Path) -> Path:
    """Return `wanted`, with a number after its name where there is such a file already.

    Devices, pipes and sockets are there to be written to.
    """
    path, number = wanted, 0
    while os.path.lexists(path) and not is_outlet(path):
        number += 1
        path = wanted.with_name(f"{wanted.stem}_{number}{wanted.suffix}")
    return path


class PartFile:
    """A file that is written as `NAME.part` and becomes `NAME` by `finish`.

    Leaving the `with` block without that removes what was written. With an `original`, much of
    which was written before the link broke, the disk was full or the caller cancelled, it is kept,
    and a note of the error says so. The next `PartFile` of the same original then begins with it:
    `kept` is how many bytes are there. `camera` is as in `Session`: cameras of one model have files
    of the same names and sizes, and of the same second where they took pictures together.
    `is_shot`: it is of a picture just taken, and the command would take another one. A program that
    was killed leaves it for the next row of shots to remove (`tidy_shots`).
    `suffix` takes the place of ".part" where that is part of another file's name.

    Where the target is a link, the file that it means is written. A device, a pipe or a socket
    (`is_outlet`) gets what is written at once, or with `seeks` at the end.
    """

    def __init__(
        self,
        target: Path,
        suffix: str = PART,
        original: CardEntry | None = None,
        *,
        camera: str = "",
        is_shot: bool = False,
        seeks: bool = False,
    ) -> None:
        self._target = target
        self._suffix = suffix
        self._part = f"{target}{suffix}"  # no `Path`: there are thousands of small files
        self._is_noted = is_shot or (original is not None and original.size >= KEPT_AT_LEAST)
        self._original = original if self._is_noted else None
        self._camera = camera
        self._is_shot = is_shot
        self._size = None if original is None else original.size
        self._seeks = seeks
        self._finished = self._is_whole = False
        self.is_outlet = False
        self.kept = 0

    def __enter__(self) -> Self:
        try:
            self._target, self.is_outlet = settled(self._target)
            if self.is_outlet:
                self._original, self._is_noted = None, False
                self.file: BinaryIO = self._open_outlet()
                return self
            self.file = self._open_part()
            try:
                self._begin()
            except OSError:
                self.file.close()
                raise
        except OSError as error:
            raise host_error("write", self._target, error) from error
        return self

    def _open_outlet(self) -> BinaryIO:
        if not self._seeks:
            return open_outlet(self._target)
        from tempfile import TemporaryFile

        return cast(BinaryIO, TemporaryFile())

    def _open_part(self) -> BinaryIO:
        """Open the first of some names under which no one else has something."""
        for number in range(1, MAX_PARTS + 1):
            more = f"-{number}" if number > 1 else ""
            self._part = f"{self._target}{self._suffix}{more}"
            try:
                return self._open_own()
            except FileExistsError:
                if number == MAX_PARTS:
                    raise
        raise AssertionError

    def _open_own(self) -> BinaryIO:
        try:
            return open_own(self._part)
        except FileNotFoundError:
            make_folder(self._target.parent)
            return open_own(self._part)

    def _begin(self) -> None:
        """Go to the end of what an earlier run has left of the original, or begin anew."""
        size = self.file.seek(0, os.SEEK_END)
        self.kept = self._kept_bytes(size)
        if self.kept:
            return
        if size:
            # in this order, so that a note never stands beside the bytes of another file
            self._remove_note()
            self.file.seek(0)
            self.file.truncate()
        self._write_note()

    @property
    def path(self) -> Path:
        """Where the file is while it is written. Raises `HostFileError` where it is none."""
        if self.is_outlet:
            raise HostFileError(f"{self._target} cannot be read again", reason=Reason.NO_FILE)
        return Path(self._part)

    @property
    def _note(self) -> Path:
        return Path(f"{self._part}{NOTE}")

    def _note_of(self, original: CardEntry | None) -> bytes:
        """Return what is written beside an unfinished copy, to tell it from that of another."""
        info: tuple[object, ...] = ("",)
        if original is not None:
            info = (original.path, original.size, original.mtime, self._camera)
        note = "".join(f"{value}\n" for value in info).encode("utf-8", "surrogateescape")
        return note + SHOT if self._is_shot else note

    def _write_note(self) -> None:
        if self._is_noted:
            try:
                write_own(self._note, self._note_of(self._original))
            except OSError:  # without its note, nothing is kept
                self._original, self._is_noted = None, False
                self._remove_note()

    def _remove_note(self) -> None:
        disk.remove_if_there(str(self._note))

    def restart(self) -> None:
        """Throw away what an earlier run has left."""
        self.kept = 0
        self.file.seek(0)
        self.file.truncate()

    def rename(self, target: Path) -> None:
        """Have `finish` give the file another name."""
        self._target = target

    def flush(self, to_disk: bool) -> None:
        """Let others see what was written; `to_disk` waits until the disk has it.

        Raises `HostFileError` where that is not all of the original, and `OSError`.
        """
        self.file.flush()
        if self.is_outlet:
            return
        if to_disk:
            disk.sync(self.file.fileno())
        size = os.fstat(self.file.fileno()).st_size
        if self._size not in (None, size):
            raise HostFileError(f"{self._part}: {size} of {self._size} bytes are on the disk")

    def cut(self, size: int) -> None:
        """Keep only the first `size` bytes, whatever of the rest a full disk has taken."""
        if self.is_outlet:
            return
        same = os.dup(self.file.fileno())
        with contextlib.suppress(OSError):
            self.file.close()
        self.file = os.fdopen(same, "r+b")
        self.file.truncate(size)

    def finish(self, mtime: float | None, to_disk: bool = False) -> None:
        """Give the file its time of modification, if one is known, and its name.

        `to_disk` waits until file and name would survive a loss of power. Raises `HostFileError`
        where the disk does not have what was written, or not all of the original. Where another
        program has the target open for long, what came stays in the file that the error names.
        """
        held = contextlib.ExitStack()
        try:
            if self.is_outlet:
                self._hand_over()
                return
            self.flush(to_disk)
            if os.name == "posix":  # so that the lock holds until the file has its name
                held.callback(os.close, os.dup(self.file.fileno()))
            self.file.close()
            if mtime is not None:
                times = (mtime, mtime)
                disk.insist(lambda: os.utime(self._part, times))
            self._is_whole = True
            disk.replace(self._part, str(self._target))
            self._finished = True
            if to_disk:
                sync_folder(self._target.parent)
            if self._is_noted:
                self._remove_note()
        except OSError as error:
            raise host_error("write", self._target, error) from error
        finally:
            held.close()

    def _hand_over(self) -> None:
        """Bring out what is to go to a device, a pipe or a socket."""
        if self._seeks:
            import shutil

            self.file.seek(0)
            with open_outlet(self._target) as outlet:
                shutil.copyfileobj(self.file, outlet)
        self.file.close()
        self._finished = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._finished:
            return
        # A full disk refuses the last bytes of a file that is thrown away.
        with contextlib.suppress(OSError):
            self.file.close()
        try:
            kept = self._keep_or_remove(error)
        except OSError:  # what it is about is told
            kept = f"{self._part} could not be removed"
        if isinstance(error, OSError):
            raise host_error("write", self._target, error, kept) from error
        if kept and isinstance(error, ChdkShellError):
            error.add_note(kept)

    def _kept_bytes(self, size: int) -> int:
        """Return how much of the original is in the `size` bytes that an earlier run has left."""
        if self._original is None or not KEPT_AT_LEAST <= size <= self._original.size:
            return 0
        note = read_own(self._note, MAX_NOTE).removesuffix(SHOT)
        return size if note == self._note_of(self._original).removesuffix(SHOT) else 0

    def _keep_or_remove(self, error: BaseException | None) -> str:
        """Remove what was written unless it is worth keeping; return what to tell if it is."""
        if self.is_outlet:
            return ""
        if self._is_whole and error is not None and disk.is_held(error.__cause__):
            if self._is_shot:  # the next row of shots would tidy it up
                self._remove_note()
            return f"all of it is in {self._part}"
        if self._original is not None and _may_go_on(error):
            with contextlib.suppress(OSError):
                if _is_about_framing(error):
                    os.truncate(self._part, self.kept)
                size = Path(self._part).stat().st_size
                if size >= KEPT_AT_LEAST:
                    total = self._original.size // _MB
                    kept = f"kept {size // _MB} of {total} MB"
                    again = "; the next try goes on from there"
                    return kept if self._is_shot else kept + again
        disk.remove_if_there(self._part)
        self._remove_note()
        return ""


def tidy_shots(folder: Path) -> None:
    """Remove what is left of files of shots that were broken off: each shot has a new name."""
    for note in folder.glob(f"*{PART}*{NOTE}"):
        part = note.with_name(note.name.removesuffix(NOTE))
        if read_own(note, MAX_NOTE).endswith(b"\n" + SHOT) and remove_own(part):
            remove_own(note)


def make_folder(folder: Path) -> None:
    """Make a folder with its parents, so that their names would survive a loss of power, too."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in missing:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the names in `folder` are on the disk, where the system can do that."""
    if os.name != "posix":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            disk.sync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise


def _may_go_on(error: BaseException | None) -> bool:
    """Whether what was written before `error` is right, and may be added to by a later run."""
    if isinstance(error, HostFileError):
        error = error.__cause__
    if isinstance(error, OSError):
        return error.errno in _DISK_FULL
    return isinstance(error, TransportError | Cancelled | ScriptRunningError | KeyboardInterrupt)


def _is_about_framing(error: BaseException | None) -> bool:
    """Whether the peer broke the rules of PTP in what led to `error`: what it sent may be wrong."""
    return any(isinstance(cause, FramingError) for cause in causes(error))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that appears whole or not at all. Raises `HostFileError`."""
    with PartFile(path) as part:
        try:
            part.file.write(data)
        except OSError as error:
            raise host_error("write", path, error) from error
        part.finish(None)


def host_error(doing: str, path: Path, error: OSError, detail: str = "") -> HostFileError:
    """Return the error for a failure of this computer's file system."""
    reason = Reason.FILE_HELD if disk.is_held(error) else Reason.HOST_FILE
    return HostFileError(f"cannot {doing} {path}: {error.strerror or error}", detail, reason=reason)
