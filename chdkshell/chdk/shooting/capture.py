"""Remote capture: the files of a shot, fetched while the camera takes it.

A script on the camera sets the capture up (init_usb_capture) and shoots. Meanwhile the camera
offers one kind of data after the other and waits until each was fetched: the DNG header and the
frame buffer before it makes the JPEG (CHDK: core/remotecap.c).
"""

from __future__ import annotations

import importlib
import io
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import BinaryIO, cast

from chdkshell.chdk.collecting import Pauses
from chdkshell.chdk.constants import CaptureData, ScriptStatus
from chdkshell.chdk.imaging.dng import MAX_HEADER, read_header
from chdkshell.chdk.imaging.dngwriter import DngWriter
from chdkshell.chdk.imaging.whole import picture_problem
from chdkshell.chdk.protocol import CaptureChunk, CaptureState, ChdkProtocol
from chdkshell.chdk.transfer import PartFile, free_path, tidy_shots
from chdkshell.errors import CaptureError, ChdkShellError, DngError, PtpError, UsageError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.packages import find, missing_package
from chdkshell.reasons import Reason
from chdkshell.streams import CHUNK, Buffer, FileSink, Sink

DEFAULT_WAIT = 20.0
"""Seconds that a camera may take until its next data, as chdkptp has it."""

MAX_CHUNKS = 1000
MAX_FILE = 1 << 30
"""What one file may come to; a camera that goes on beyond that is broken."""

SPOOL = 8 << 20
"""Bytes of a piece that are kept in memory until it is known where it belongs."""


class FileKind(Enum):
    """A kind of file that a capture gives: its suffix, and its name in substitutions (imgfmt)."""

    JPG = ("jpg", "JPG")
    CANON_RAW = ("cr2", "CR2")
    RAW = ("raw", "RAW")
    DNG_HEADER = ("dng_hdr", "DNG_HDR")
    DNG = ("dng", "DNG")

    def __init__(self, suffix: str, image_format: str) -> None:
        self.suffix = suffix
        self.image_format = image_format


_PICTURES = (FileKind.JPG, FileKind.CANON_RAW, FileKind.DNG)
"""Kinds whose own structure says whether they are whole."""

_KIND_OF_DATA = {
    CaptureData.DNG_HEADER: FileKind.DNG_HEADER,
    CaptureData.RAW: FileKind.RAW,
    CaptureData.CANON_RAW: FileKind.CANON_RAW,
    CaptureData.JPEG: FileKind.JPG,
}
"""In the order in which they are fetched if several are ready."""

_PARTS_OF_DNG = CaptureData.DNG_HEADER | CaptureData.RAW

_PACKAGES_OF_DNG = ("numpy", "tifffile")


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """Which files are wanted of a shot; a JPEG if nothing else.

    `dng` puts the DNG header and the frame buffer together, which makes `dng_header` pointless and
    excludes `raw`. `first_line` and `lines` (0: all from there on) choose a part of the frame
    buffer. `bad_pixels` is the value up to which pixels of a DNG are patched, None for none.
    `replaces`: files take the place of those that are there, else they get a number.
    """

    jpg: bool = False
    canon_raw: bool = False
    raw: bool = False
    dng_header: bool = False
    dng: bool = False
    first_line: int = 0
    lines: int = 0
    bad_pixels: int | None = None
    replaces: bool = False

    def __post_init__(self) -> None:
        if self.dng and self.raw:
            raise UsageError("dng cannot be combined with raw", "take two shots, or split the DNG")
        if self.dng:
            find(*_PACKAGES_OF_DNG)  # before the camera takes the picture
        if self.first_line < 0 or self.lines < 0:
            raise UsageError(
                "the first line and the number of lines cannot be negative",
                "lines count from 0; 0 lines means all of them",
            )

    @property
    def data(self) -> CaptureData:
        """The kinds of data that the camera is asked for, as init_usb_capture takes them."""
        wanted = CaptureData(0)
        if self.dng or self.raw:
            wanted |= CaptureData.RAW
        if self.dng or self.dng_header:
            wanted |= CaptureData.DNG_HEADER
        if self.canon_raw:
            wanted |= CaptureData.CANON_RAW
        if self.jpg or not wanted:
            wanted |= CaptureData.JPEG
        return wanted


@dataclass(frozen=True, slots=True)
class CapturedFile:
    """A complete file of a shot. `size` is in bytes."""

    path: Path
    kind: FileKind
    size: int


@dataclass(slots=True)
class CapturedShot:
    """What came of a shot so far. `patched_pixels` counts those of the DNG file.

    `problem` says why a DNG file could not be made of its parts, which then are files themselves.
    """

    image_number: int = 0
    files: list[CapturedFile] = field(default_factory=list)
    patched_pixels: int = 0
    problem: str = ""


PathFor = Callable[[FileKind, int], Path]
"""Gives the path for a file of a shot, from its kind and the shot's image number."""


class ShotFetcher:
    """Fetches one shot after the other. A script that shoots must be running on the camera.

    `path_for` names the files: one that exists is overwritten only where the request says so, else
    the new one gets a number after its name. `wait` is how many seconds the camera may take until
    its next data. `watch` is called between questions, and ends the capture by raising: this is
    where a caller looks at what the script says. Each piece is fetched inside of `around_data`.
    """

    def __init__(
        self,
        protocol: ChdkProtocol,
        request: CaptureRequest,
        path_for: PathFor,
        wait: float = DEFAULT_WAIT,
        watch: Callable[[], None] = lambda: None,
        around_data: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._protocol = protocol
        self._request = request
        self._path_for = path_for
        self._wait = wait
        self._watch = watch
        self._around_data = around_data
        self._was_set_up = False
        self._header = b""
        self._tidied: set[Path] = set()
        self.shot = CapturedShot()

    def prepare(self) -> None:
        """Load what makes a DNG file, which takes a while: the camera focuses meanwhile."""
        if self._request.dng:
            with suppress(ImportError):  # told where the file is to be made
                for package in _PACKAGES_OF_DNG:
                    importlib.import_module(package)

    def fetch_shot(self, progress: Progress = SILENT, cancel: CancelToken = NEVER) -> CapturedShot:
        """Fetch all files of the next shot. They appear under their names when they are complete.

        Raises `CaptureError` where the camera ends the capture, times out, or offers what was not
        asked for; `saved` then names the files of the shot that are complete. After this and any
        other error, `shot` has these files too.
        """
        self.shot = shot = CapturedShot()
        self._header = b""
        missing = self._request.data
        while missing:
            state = self.wait_ready(missing, cancel)
            shot.image_number = state.image_number
            if state.available & ~missing:
                extra = state.available & ~missing
                names = _names(extra) or hex(extra)
                raise self._failure(
                    f"the camera offers unexpected data: {names}", Reason.CAPTURE_FOREIGN
                )
            for data in _KIND_OF_DATA:
                if not data & state.available:
                    continue
                if not self._request.dng or data not in _PARTS_OF_DNG:
                    self._fetch_file(data, progress, cancel)
                elif data == CaptureData.RAW:
                    self._fetch_dng(progress, cancel)
                else:
                    self._fetch_header(progress, cancel)
                missing &= ~data
        return shot

    def wait_ready(
        self, missing: CaptureData | None = None, cancel: CancelToken = NEVER
    ) -> CaptureState:
        """Wait until the camera has data. Raises `CaptureError` as `fetch_shot` does."""
        names = _names(self._request.data if missing is None else missing)
        deadline = time.monotonic() + self._wait
        pauses = Pauses()
        while True:
            state = self._protocol.remote_capture_is_ready(cancel=cancel)
            self._was_set_up |= state.initialised
            if state.available:
                return state
            self._watch()
            if not state.initialised:
                self._check_still_coming(names, cancel)
            left = deadline - time.monotonic()
            if left <= 0:
                raise self._failure(f"{names}: nothing came from the camera in {self._wait:g} s")
            cancel.wait(min(pauses.next(), left))

    def _check_still_coming(self, names: str, cancel: CancelToken) -> None:
        """Raise unless the script may yet set the capture up."""
        if self._was_set_up:
            raise self._failure(f"{names}: the camera timed out or cancelled the capture")
        if self._protocol.script_status(cancel=cancel) & ScriptStatus.RUNNING:
            return
        if not self._protocol.remote_capture_is_ready(cancel=cancel).initialised:
            raise self._failure(f"{names}: the script ended without setting a capture up")

    def _fetch_file(self, data: CaptureData, progress: Progress, cancel: CancelToken) -> None:
        kind = _KIND_OF_DATA[data]
        path = self._path(kind)
        with PartFile(path, is_shot=True, seeks=True) as part:
            self._fetch_chunks(data, part.file, path.name, MAX_FILE, progress, cancel)
            self._finish(part, path, kind)

    def _fetch_header(self, progress: Progress, cancel: CancelToken) -> None:
        buffer = io.BytesIO()
        data = CaptureData.DNG_HEADER
        self._fetch_chunks(data, buffer, "the DNG header", MAX_HEADER, progress, cancel)
        self._header = buffer.getvalue()

    def _fetch_dng(self, progress: Progress, cancel: CancelToken) -> None:
        """Fetch the frame buffer, and put it behind the header that came before."""
        try:
            header = read_header(self._header)
        except (DngError, ImportError) as error:
            why = missing_package(error) or error
            self.shot.problem = f"no DNG file could be made: {why}"
            self._save_header()
            self._fetch_file(CaptureData.RAW, progress, cancel)
            return
        request = self._request
        path = self._path(FileKind.DNG)
        with PartFile(path, is_shot=True, seeks=True) as part:
            writer = DngWriter(
                part.file,
                header,
                first_line=request.first_line,
                lines=request.lines,
                bad_pixels=request.bad_pixels,
            )
            incomplete = f"{path.name} is incomplete"
            try:
                chunk = self._fetch_chunk(CaptureData.RAW, writer, path.name, progress, cancel)
                if chunk.more or chunk.position:
                    raise self._failure(
                        f"{incomplete}: its raw data came in pieces", Reason.CAPTURE_NOT_WHOLE
                    )
                writer.finish()
            except DngError as error:
                raise self._failure(f"{incomplete}: {error}", Reason.CAPTURE_NOT_WHOLE) from error
            self.shot.patched_pixels = writer.patched
            self._finish(part, path, FileKind.DNG)

    def _save_header(self) -> None:
        path = self._path(FileKind.DNG_HEADER)
        with PartFile(path, is_shot=True, seeks=True) as part:
            part.file.write(self._header)
            self._finish(part, path, FileKind.DNG_HEADER)

    def _fetch_chunks(
        self,
        data: CaptureData,
        file: BinaryIO,
        name: str,
        limit: int,
        progress: Progress,
        cancel: CancelToken,
    ) -> None:
        """Write all chunks of one kind of data to `file`, each at its position."""
        for _ in range(MAX_CHUNKS):
            # Where a piece belongs is known only after it has come.
            with tempfile.SpooledTemporaryFile(SPOOL) as spool:
                sink = FileSink(cast(BinaryIO, spool))
                chunk = self._fetch_chunk(data, sink, name, progress, cancel)
                position = file.tell() if chunk.position is None else chunk.position
                if position + chunk.length > limit:
                    where = f"a piece of it lies at {position}"
                    raise self._failure(f"{name} is incomplete: {where}", Reason.CAPTURE_NOT_WHOLE)
                spool.seek(0)
                file.seek(position)
                shutil.copyfileobj(spool, file, CHUNK)
            if not chunk.more:
                return
        many = f"the camera sent {MAX_CHUNKS} pieces and more"
        raise self._failure(f"{name} is incomplete: {many}", Reason.CAPTURE_NOT_WHOLE)

    def _fetch_chunk(
        self, data: CaptureData, sink: Sink, name: str, progress: Progress, cancel: CancelToken
    ) -> CaptureChunk:
        careful = _CarefulSink(sink)
        try:
            with self._around_data():
                chunk = self._protocol.remote_capture_get_data(data, careful, progress, cancel)
        except PtpError as error:
            raise self._failure(f"{name} is incomplete: the camera ended the capture") from error
        careful.raise_failure()
        return chunk

    def _path(self, kind: FileKind) -> Path:
        path = self._path_for(kind, self.shot.image_number)
        if not self._request.replaces:
            path = free_path(path)
        if path.parent not in self._tidied:
            self._tidied.add(path.parent)
            tidy_shots(path.parent)
        return path

    def _finish(self, part: PartFile, path: Path, kind: FileKind) -> None:
        size = part.file.seek(0, io.SEEK_END)
        part.flush(to_disk=False)
        problem = picture_problem(part.path) if kind in _PICTURES else ""
        if problem:  # nobody else has it: what came is kept, but under no picture's name
            damaged = free_path(path.with_name(f"{path.name}.damaged"))
            part.rename(damaged)
        part.finish(None)
        if problem:
            text = f"{path.name} is incomplete: {problem}; what came is in {damaged}"
            raise self._failure(text, Reason.CAPTURE_NOT_WHOLE)
        self.shot.files.append(CapturedFile(path, kind, size))

    def _failure(self, message: str, reason: Reason = Reason.CAPTURE) -> CaptureError:
        saved = tuple(str(file.path) for file in self.shot.files)
        return CaptureError(message, saved, reason=reason)


class _CarefulSink:
    """Keeps a failure of `sink` until the data phase is over, and drops the data from there on.

    A camera that takes a shot has no way to be told that the host's disk is full: what it sends is
    read to its end, and the connection stays usable.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._failure: ChdkShellError | OSError | None = None

    def begin(self, length: int | None) -> None:
        try:
            self._sink.begin(length)
        except (ChdkShellError, OSError) as error:
            self._failure = error

    def write(self, data: Buffer) -> None:
        if self._failure is not None:
            return
        try:
            self._sink.write(data)
        except (ChdkShellError, OSError) as error:
            self._failure = error

    def raise_failure(self) -> None:
        """Raise what went wrong, if anything did."""
        if self._failure is not None:
            raise self._failure


def _names(data: CaptureData) -> str:
    """Return the kinds of data as users call them: "dng_hdr, raw"."""
    return ", ".join(kind.suffix for bit, kind in _KIND_OF_DATA.items() if bit & data)
