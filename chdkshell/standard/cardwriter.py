"""Files onto the card by standard PTP: each an object of its own name, whole or taken back.

There is no other name to send it under, since standard PTP cannot rename; so what is there is
never written over.
"""

from __future__ import annotations

from datetime import UTC, datetime

from chdkshell.chdk.card.access import Written
from chdkshell.chdk.card.uploadsource import UploadBytes, UploadSource
from chdkshell.chdk.paths import ROOT
from chdkshell.errors import CardError, PtpError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.ptp.codes import ResponseCode
from chdkshell.ptp.objects import date_text
from chdkshell.reasons import Reason
from chdkshell.standard.cardobjects import CardObjects
from chdkshell.standard.device import PtpDevice
from chdkshell.standard.objecttree import Node
from chdkshell.standard.transfer import send_object, take_back
from chdkshell.streams import Buffer, Source


class PtpWriter:
    """Sends files to a camera. A card that is full is told by `finish`, as of other cards."""

    def __init__(self, device: PtpDevice, objects: CardObjects) -> None:
        self._device = device
        self._objects = objects
        self._written: list[Written] = []

    @property
    def is_due(self) -> bool:
        return bool(self._written)

    def send(
        self,
        source: UploadSource | UploadBytes,
        target: str,
        mtime: int | None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> None:
        try:
            handle = self.write(source, target, mtime, progress, cancel)
        except CardError as error:
            if error.reason is not Reason.CARD_FULL:
                raise
            self._written.append(Written(target, False, str(error), short=True))
            return
        try:
            source.check_complete()
        except BaseException:
            take_back(self._device, handle)
            raise
        self._written.append(Written(target, True, ""))

    def finish(self, cancel: CancelToken = NEVER) -> list[Written]:
        written, self._written = self._written, []
        return written

    def write(
        self,
        source: Source,
        target: str,
        mtime: int | None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> int:
        """Send a file to a name that is free, look whether the camera has all of it, and return its
        handle. `mtime` is as in `FileWriter.send`. What is not whole is taken back. A file that is
        there with the same content is left as it is.
        """
        above, _, name = target.rpartition("/")
        folder = self._objects.find(above if above != "A" else ROOT, cancel)
        if not folder.is_dir:
            raise CardError(f"{folder.path} is a file, and no folder", target)
        there = self._objects.child(folder, name, cancel)
        if there is not None:
            if self._is_content(there, source, cancel):
                return there.handle
            raise CardError(
                f"{target} is there, and standard PTP cannot replace it",
                target,
                reason=Reason.NOT_REPLACED,
            )
        modified = "" if mtime is None else date_text(_time(mtime))
        try:
            handle = send_object(self._device, source, folder, name, modified, progress, cancel)
            size = self._device.object_info(handle, cancel).size
        except PtpError as error:
            is_full = error.code == ResponseCode.STORE_FULL
            reason = Reason.CARD_FULL if is_full else Reason.CARD
            raise CardError(f"{target}: {error}", target, reason=reason) from error
        if size != source.length:
            take_back(self._device, handle)
            raise CardError(
                f"{target}: {size} of {source.length} bytes are on the card",
                target,
                reason=Reason.CARD_FULL,
            )
        return handle

    def _is_content(self, there: Node, source: Source, cancel: CancelToken) -> bool:
        """Whether a file of the camera has the bytes of `source`, as an earlier run left it."""
        if there.is_dir or there.size != source.length:
            return False
        compared = _Compared(source)
        self._device.get_object(there.handle, compared, SILENT, cancel)
        return compared.is_same and compared.count == source.length


class _Compared:
    """Compares bytes with those of a source."""

    def __init__(self, source: Source) -> None:
        self._chunks = source.chunks()
        self._rest = b""
        self.is_same = True
        self.count = 0

    def begin(self, length: int | None) -> None:
        """Nothing to prepare."""

    def write(self, data: Buffer) -> None:
        self.count += len(data)
        while self.is_same and len(self._rest) < len(data):
            chunk = next(self._chunks, None)
            self.is_same = chunk is not None
            self._rest += bytes(chunk or b"")
        self.is_same = self.is_same and self._rest[: len(data)] == bytes(data)
        self._rest = self._rest[len(data) :]


def _time(mtime: int) -> datetime:
    """Return a time of the camera, which has no zone."""
    return datetime.fromtimestamp(mtime, UTC).replace(tzinfo=None)
