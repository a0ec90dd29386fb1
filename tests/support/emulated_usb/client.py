"""The program under test: a child process that uses the USB transport as told on standard input.

Each line in is a JSON list: the name of a function below, and its keyword arguments. Each line out
is a JSON object: "value", or "error" (the class), "message", "reason" and "hint".
"""

from __future__ import annotations

import errno
import json
import sys
import threading
import zlib
from collections.abc import Callable, Iterator

import usb.core
import usb.util

from chdkshell.errors import ChdkShellError
from chdkshell.flow import CancelToken
from chdkshell.ptp.codes import OperationCode
from chdkshell.ptp.transaction import Request, Transport
from chdkshell.shell.advice import next_step, step_for
from chdkshell.streams import Buffer, BytesSink
from chdkshell.transport import base, usb_system
from chdkshell.transport import usb as transport
from support.emulated_usb.pattern import PATTERN
from support.timeouts import TIMEOUT

Json = object

_links: dict[str, Transport] = {}
_next_id = iter(range(1, 1 << 30))


class PatternSource:
    """`size` bytes of the pattern in chunks of `chunk`; `on_chunk` is told how much has gone."""

    def __init__(self, size: int, chunk: int, on_chunk: Callable[[int], None]) -> None:
        self.length = size
        self._chunk = chunk
        self._on_chunk = on_chunk

    def chunks(self) -> Iterator[Buffer]:
        sent = 0
        while sent < self.length:
            at = sent % len(PATTERN)
            part = PATTERN[at : at + min(self._chunk, self.length - sent)]
            yield part
            sent += len(part)
            self._on_chunk(sent)


class CrcSink:
    """Counts and sums what comes; `on_write` is told how much has come."""

    def __init__(self, on_write: Callable[[int], None]) -> None:
        self.announced: int | None = None
        self.begun = False
        self.count = self.crc = 0
        self._on_write = on_write

    def begin(self, length: int | None) -> None:
        self.begun = True
        self.announced = length

    def write(self, data: Buffer) -> None:
        self.crc = zlib.crc32(data, self.crc)
        self.count += len(data)
        self._on_write(self.count)


def list_devices() -> Json:
    """Every row of `list_devices`."""
    return [
        {
            **device._asdict(),
            "state": device.state.value,
            "reason": device.reason and device.reason.value,
            "hint": step_for(device.reason, platform=usb_system.SYSTEM.name)
            if device.reason
            else "",
        }
        for device in transport.list_devices()
    ]


def be(platform: str, programs: str = "", **changes: float) -> Json:
    """Take the computer for one with another system from now on.

    `programs` is what ps prints there, `changes` are other values of its `UsbSystem`. On macOS a
    claim is refused with EACCES where another program has the camera.
    """
    usb_system.SYSTEM = usb_system.usb_system(platform)._replace(
        libraries=usb_system.LINUX.libraries,
        **changes,  # type: ignore[arg-type]
    )
    usb_system.command_output = lambda command: programs
    if platform == "darwin":
        usb.util.claim_interface = _claim_on_macos
    return None


_claim = usb.util.claim_interface


def _claim_on_macos(device: object, interface: object) -> None:
    try:
        _claim(device, interface)
    except usb.core.USBError as error:
        raise usb.core.USBError("Access denied", -3, errno.EACCES) from error


def connect(rest: str = "", name: str = "") -> Json:
    """Open a camera; `name` tells several apart."""
    link = base.open_transport("usb:" + rest)
    link.timeout = TIMEOUT
    _links[name] = link
    return link.address


def set_timeout(seconds: float) -> Json:
    """Say how long the camera may be silent."""
    _links[""].timeout = seconds
    return None


def close(name: str = "") -> Json:
    """Close it, twice."""
    _links[name].close()
    _links.pop(name).close()
    return None


def reset() -> Json:
    """Reset the camera."""
    _links[""].reset()
    return None


def ask(
    code: int = OperationCode.OPEN_SESSION, params: tuple[int, ...] = (1,), name: str = ""
) -> Json:
    """A transaction without data: response code and parameters."""
    response = _links[name].transact(Request(code, next(_next_id), tuple(params)))
    return [response.code, list(response.params)]


def fetch(size: int, limit: int) -> Json:
    """A data phase into memory, of which at most `limit` bytes are taken."""
    request = Request(OperationCode.CHDK, next(_next_id), (6, size))
    sink = BytesSink(limit)
    _links[""].transact(request, sink=sink)
    return len(sink.data or b"")


def set_limits(**seconds: float) -> Json:
    """Set the time limits of the USB transport by their names."""
    for name, value in seconds.items():
        assert hasattr(transport, name)
        setattr(transport, name, value)
    return None


def download(size: int, cancel_at: int | None = None, fail_at: int | None = None) -> Json:
    """A data phase from the camera: response code, its announced and its real length, CRC-32."""
    token = CancelToken()
    sink = CrcSink(_stop(token, cancel_at, fail_at))
    response = _links[""].transact(
        Request(OperationCode.CHDK, next(_next_id), (6, size)), sink=sink, cancel=token
    )
    return [response.code, sink.begun, sink.announced, sink.count, sink.crc]


def upload(
    size: int, chunk: int = 1 << 20, cancel_at: int | None = None, fail_at: int | None = None
) -> Json:
    """A data phase to the camera: response code."""
    token = CancelToken()
    source = PatternSource(size, chunk, _stop(token, cancel_at, fail_at))
    request = Request(OperationCode.CHDK, next(_next_id), (5,))
    return _links[""].transact(request, source=source, cancel=token).code


def _stop(token: CancelToken, cancel_at: int | None, fail_at: int | None) -> Callable[[int], None]:
    def on_progress(count: int) -> None:
        if cancel_at is not None and count >= cancel_at:
            token.set()
        if fail_at is not None and count >= fail_at:
            raise OSError("the disk is full")

    return on_progress


def cancel_while_waiting(seconds: float) -> Json:
    """Cancel a transaction that the camera does not answer, from another thread."""
    token = CancelToken()
    timer = threading.Timer(seconds, token.set)
    timer.start()
    request = Request(OperationCode.OPEN_SESSION, next(_next_id), (1,))
    return _links[""].transact(request, cancel=token).code


def next_event(seconds: float) -> Json:
    """Code and parameters of an event, or None."""
    event = _links[""].next_event(seconds)
    return None if event is None else [event.code, list(event.params)]


_COMMANDS: dict[str, Callable[..., Json]] = {
    function.__name__: function
    for function in (
        list_devices,
        be,
        connect,
        close,
        reset,
        set_timeout,
        ask,
        download,
        fetch,
        set_limits,
        upload,
        cancel_while_waiting,
        next_event,
    )
}


def _run(line: str) -> dict[str, Json]:
    name, arguments = json.loads(line)
    try:
        return {"value": _COMMANDS[name](**arguments)}
    except (ChdkShellError, OSError) as error:
        answer: dict[str, Json] = {"error": type(error).__name__, "message": str(error)}
        if isinstance(error, ChdkShellError):
            answer |= {
                "reason": error.reason.value,
                "hint": next_step(error, usb_system.SYSTEM.name),
            }
        return answer


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(_run(line)), flush=True)
