"""The two bulk pipes as streams: transfers in slices, so that Ctrl-C, cancellation and limits act.

A Python signal handler runs only when libusb's call has returned. So nothing waits longer than a
slice for the camera; what came until then is kept.
"""

from __future__ import annotations

import time
from array import array

from chdkshell.errors import CameraTimeoutError
from chdkshell.flow import CancelToken
from chdkshell.ptp.container import HEADER_SIZE
from chdkshell.streams import Buffer
from chdkshell.traffic import log_bytes
from chdkshell.transport import usb_system
from chdkshell.transport.usb_link import UsbLink

SLICE = 250
"""Milliseconds that one call to libusb may wait, where the system lets it be as short."""

READ_SIZE = 1 << 20
"""Bytes asked for where a long data phase is under way: each call costs half a millisecond."""

HEADER_READ_SIZE = 1 << 16
"""Bytes asked for where a container starts: most are short, and the kernel sets aside all of it."""

WRITE_SIZE = 1 << 20
"""Bytes of a data phase that are sent with one call: a multiple of every packet size."""


class TransferTimeout:
    """How long a transaction goes on: until it is cancelled, or the camera is silent too long.

    With `total` it goes on for so many seconds at most, whatever the camera does.
    """

    def __init__(self, cancel: CancelToken, timeout: float, total: float | None = None) -> None:
        self._cancel = cancel
        self._timeout = timeout
        self._end = None if total is None else time.monotonic() + total
        self.progress()

    def progress(self) -> None:
        """The camera did something: its time starts anew."""
        self._deadline = time.monotonic() + self._timeout

    def check(self) -> None:
        """Raise `Cancelled` or `CameraTimeoutError` if it is time to."""
        self._cancel.check()
        now = time.monotonic()
        if now >= self._deadline:
            raise CameraTimeoutError(f"the camera did not react for {self._timeout:g} seconds")
        if self._end is not None and now >= self._end:
            raise CameraTimeoutError("the camera did not come to the end of its data in time")

    def slice(self) -> int:
        """Return how many milliseconds the next call may wait."""
        left = self._deadline - time.monotonic()
        return max(usb_system.SYSTEM.read_floor, min(SLICE, round(left * 1000)))


class AnsweredEarlyError(Exception):
    """The camera takes no more data and has sent something itself."""


class InPipe:
    """What the camera sends. Bytes that were read and not taken stay for the next call."""

    def __init__(self, link: UsbLink) -> None:
        self._link = link
        self._packet = link.in_packet_size
        self._header_buffer = array("B", bytes(HEADER_READ_SIZE))
        self._buffer = array("B", bytes(READ_SIZE))
        self._unread = memoryview(b"")
        self._short = self._partial = False

    @property
    def ended(self) -> bool:
        """Whether all was taken and a short or a zero-length packet ended it."""
        return self._short and not self._unread

    @property
    def paused(self) -> bool:
        """Whether all was taken and the camera may have ended there: it did not fill the buffer."""
        return self._partial and not self._unread

    def read(self, limit: int, timeout: TransferTimeout) -> memoryview:
        """Return up to `limit` bytes, waiting for some; none where a zero-length packet came.

        What is returned is valid until the next call.
        """
        while not self._unread:
            count = self._read(limit, timeout.slice())
            if count:
                timeout.progress()
            timeout.check()
            if count == 0:
                break
        taken = self._unread[:limit]
        self._unread = self._unread[limit:]
        return taken

    def has_data(self) -> bool:
        """Whether the camera has sent something, without waiting longer for it than must be."""
        return bool(self._unread) or bool(self._read(HEADER_SIZE, usb_system.SYSTEM.read_floor))

    def _read(self, limit: int, milliseconds: int) -> int | None:
        buffer = self._buffer if limit > HEADER_READ_SIZE else self._header_buffer
        count = self._link.read(buffer, milliseconds)
        if count is not None:
            self._short = count == 0 or count % self._packet != 0
            self._partial = count < len(buffer)
            self._unread = memoryview(buffer)[:count]
            log_bytes(__name__, "received", self._unread)
        return count

    def discard(self) -> None:
        """Forget what was read and not taken."""
        self._unread = memoryview(b"")
        self._short = self._partial = False

    def drain(self, milliseconds: int, deadline: float) -> bool:
        """Read and forget until nothing comes for `milliseconds`, or the deadline has passed.

        Returns whether anything came.
        """
        self.discard()
        came = False
        while self._link.read(self._buffer, milliseconds) is not None:
            came = True
            if time.monotonic() >= deadline:
                break
        return came


class OutPipe:
    """What goes to the camera, one transfer at a time, in writes of a whole number of packets.

    `answers` is looked at where the camera takes nothing: what it sends then ends the transfer with
    `AnsweredEarlyError`.
    """

    def __init__(self, link: UsbLink, answers: InPipe) -> None:
        self._link = link
        self._answers = answers
        self._buffer = array("B", bytes(WRITE_SIZE))
        self._view = memoryview(self._buffer)
        self._filled = 0
        self._total = 0

    def begin(self) -> None:
        """Start a transfer."""
        self._filled = self._total = 0

    def put(self, data: Buffer, timeout: TransferTimeout) -> None:
        """Add `data` to the transfer. Returns before it is sent where the buffer holds it."""
        left = memoryview(data).cast("B")
        while left:
            count = min(len(left), WRITE_SIZE - self._filled)
            self._view[self._filled : self._filled + count] = left[:count]
            self._filled += count
            left = left[count:]
            if self._filled == WRITE_SIZE:
                self._flush(timeout)

    def end(self, timeout: TransferTimeout) -> None:
        """Send the rest, and a zero-length packet where the last packet is a full one."""
        if self._filled:
            self._flush(timeout)
        if self._total % self._link.out_packet_size == 0:
            while self._link.write(array("B"), timeout.slice()) is None:
                self._refused(timeout)

    def _refused(self, timeout: TransferTimeout) -> None:
        timeout.check()
        if self._answers.has_data():
            raise AnsweredEarlyError

    def _flush(self, timeout: TransferTimeout) -> None:
        data = self._buffer if self._filled == WRITE_SIZE else self._buffer[: self._filled]
        log_bytes(__name__, "sent", memoryview(data))
        self._total += self._filled
        self._filled = 0
        while data:
            count = self._link.write(data, timeout.slice())
            if count:
                timeout.progress()
                timeout.check()
                data = data[count:] if count < len(data) else array("B")
            else:
                self._refused(timeout)
