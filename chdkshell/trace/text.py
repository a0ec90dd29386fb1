"""A trace as lines of text: one when a transaction starts, one when it ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from chdkshell.chdk.constants import ChdkCommand
from chdkshell.errors import printable
from chdkshell.ptp.codes import EventCode, OperationCode, ResponseCode, code_name
from chdkshell.ptp.transaction import Event, Request, Response, Transport
from chdkshell.streams import Buffer
from chdkshell.trace.link import Direction, LinkTrace, TraceFile, TraceWriter, error_text
from chdkshell.version import __version__


class TextTrace(TraceWriter):
    """Writes lines such as these, in UTC:

    2026-11-21T09:00:01.123456Z usb:001:004 #5 > CHDK ExecuteScript (0x700)
    2026-11-21T09:00:01.127456Z usb:001:004 #5 < CHDK ExecuteScript OK (1, 0) sent 9 bytes, 3.05 ms

    Each is in the file at once, so that a trace shows what a hung program waits for. `now` gives
    the time in nanoseconds since 1970.
    """

    def __init__(self, path: Path, now: Callable[[], int] = time.time_ns) -> None:
        super().__init__(path)
        self._now = now

    def link(self, transport: Transport) -> LinkTrace:
        link = _TextLink(self.file, printable(transport.address), self._now)
        link.write_line(f"trace by chdkshell {__version__}")
        return link


class _TextLink(LinkTrace):
    def __init__(self, file: TraceFile, address: str, now: Callable[[], int]) -> None:
        self._file = file
        self._address = address
        self._now = now
        self._request = Request(0, 0)
        self._started = 0
        self._direction: Direction | None = None
        self._announced: int | None = None
        self._count = 0

    def write_line(self, text: str) -> None:
        stamp = datetime.fromtimestamp(self._now() // 1000 / 1e6, UTC).replace(tzinfo=None)
        line = f"{stamp.isoformat(timespec='microseconds')}Z {self._address} {text}\n"
        self._file.write(line.encode(), flush=True)

    def request(self, request: Request, sends_data: bool) -> None:
        self._request = request
        self._direction = None
        self._count = 0
        params = request.params[_named_params(request) :]
        self.write_line(f"#{request.transaction_id} > {operation_name(request)} {_numbers(params)}")
        self._started = time.monotonic_ns()

    def data_begins(self, direction: Direction, length: int | None) -> None:
        self._direction = direction
        self._announced = length

    def data(self, data: Buffer) -> None:
        self._count += len(data)

    def response(self, response: Response) -> None:
        self._end(f"{code_name(response.code, ResponseCode)} {_numbers(response.params)}")

    def failure(self, error: BaseException) -> None:
        self._end(f"failed: {error_text(error)};")

    def event(self, event: Event) -> None:
        self.write_line(f"event {code_name(event.code, EventCode)} {_numbers(event.params)}")

    def reset(self) -> None:
        self.write_line("reset")

    def close(self) -> None:
        self.write_line("closed")

    def _end(self, result: str) -> None:
        milliseconds = (time.monotonic_ns() - self._started) / 1e6
        self.write_line(
            f"#{self._request.transaction_id} < {operation_name(self._request)} "
            f"{result} {self._moved()}, {milliseconds:.2f} ms"
        )

    def _moved(self) -> str:
        if self._direction is None:
            return "no data"
        moved = "sent" if self._direction is Direction.OUT else "received"
        text = f"{moved} {self._count} bytes"
        if self._announced == self._count:
            return text
        return f"{text} of {'?' if self._announced is None else self._announced}"


def operation_name(request: Request) -> str:
    """Return the name of an operation, and of the command where it is CHDK's."""
    name = code_name(request.code, OperationCode)
    if not _named_params(request):
        return name
    return f"{name} {code_name(request.params[0], ChdkCommand)}"


def _named_params(request: Request) -> int:
    """Return how many parameters `operation_name` has told."""
    return 1 if request.code == OperationCode.CHDK and request.params else 0


def _numbers(values: tuple[int, ...]) -> str:
    return f"({', '.join(str(v) if v < 10 else f'0x{v:x}' for v in values)})"
