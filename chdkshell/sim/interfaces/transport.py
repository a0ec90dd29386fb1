"""The address `sim:`: a simulated camera in this process."""

from __future__ import annotations

import atexit
import contextlib
import threading
import weakref
from collections.abc import Iterator
from queue import Empty, SimpleQueue

from chdkshell import waits
from chdkshell.errors import DisconnectedError, UsageError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.hostnames import expanded
from chdkshell.ptp.transaction import Event, Request, Response, Transport
from chdkshell.reasons import Reason
from chdkshell.sim.camera import MODEL, SimCamera
from chdkshell.sim.display.screen import SCREEN_OPTIONS, ScreenSetup
from chdkshell.sim.individual import INDIVIDUAL_OPTIONS, Individual
from chdkshell.sim.lua.heap import HEAP_LIMIT, heap_size
from chdkshell.sim.pace import pace_named
from chdkshell.streams import Buffer, NullSink, Sink, Source
from chdkshell.transport.base import Device, address_options

_OPTIONS = (
    "card",
    "model",
    "serial",
    "sensor",
    "craw",
    "lua-heap",
    "pace",
    "native-calls",
    "boot",
    "chdk",
    *INDIVIDUAL_OPTIONS,
    *SCREEN_OPTIONS,
)


class SimTransport(Transport):
    """A link to `camera` without a wire.

    A camera serves one link at a time. A new one takes the camera over, as replugging a cable does:
    the old link then raises `DisconnectedError`, and a session that it left open is still open.
    """

    def __init__(self, camera: SimCamera, address: str = "sim:") -> None:
        self.address = self.place = address
        self.camera = camera
        self._closed = False
        self._times_off = camera.times_off
        _links[camera] = weakref.ref(self)
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._end_events = camera.standard.events.listen(self._events.put)

    def transact(
        self,
        request: Request,
        source: Source | None = None,
        sink: Sink | None = None,
        cancel: CancelToken = NEVER,
    ) -> Response:
        self._check_open()
        cancel.check()
        return self.camera.responder.transact(
            request,
            None if source is None else _CancellableSource(source, cancel),
            _CancellableSink(NullSink() if sink is None else sink, cancel),
        )

    def next_event(self, seconds: float) -> Event | None:
        """Wait up to `seconds` for an event. Returns None if none came."""
        events: list[Event] = []

        def came(step: float) -> bool:
            with contextlib.suppress(Empty):
                events.append(self._events.get(timeout=step) if step else self._events.get_nowait())
            return bool(events)

        self._check_open()
        waits.until(came, seconds)
        return events[0] if events else None

    def reset(self) -> None:
        self._check_open()
        self.camera.responder.end_session()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._end_events()

    def _check_open(self) -> None:
        if self._closed:
            raise DisconnectedError(
                "the connection to the camera is closed", reason=Reason.CONNECTION_CLOSED
            )
        if self._times_off != self.camera.times_off:
            raise DisconnectedError("the camera was switched off")
        if _links.get(self.camera, lambda: None)() is not self:
            raise DisconnectedError(
                "another connection took the simulated camera over",
                reason=Reason.CONNECTION_CLOSED,
            )


class _CancellableSource:
    """Stops between buffers when the caller wants to."""

    def __init__(self, source: Source, cancel: CancelToken) -> None:
        self._source = source
        self._cancel = cancel

    @property
    def length(self) -> int | None:
        return self._source.length

    def chunks(self) -> Iterator[Buffer]:
        for chunk in self._source.chunks():
            self._cancel.check()
            yield chunk


class _CancellableSink:
    """Stops between buffers when the caller wants to."""

    def __init__(self, sink: Sink, cancel: CancelToken) -> None:
        self._sink = sink
        self._cancel = cancel

    def begin(self, length: int | None) -> None:
        self._sink.begin(length)

    def write(self, data: Buffer) -> None:
        self._cancel.check()
        self._sink.write(data)


_links: weakref.WeakKeyDictionary[SimCamera, weakref.ref[SimTransport]] = (
    weakref.WeakKeyDictionary()
)
_cameras: dict[str, SimCamera] = {}
"""The cameras that addresses have named, each by the address. They live as long as the process."""

_cameras_lock = threading.Lock()


def open_transport(rest: str, cancel: CancelToken = NEVER) -> SimTransport:
    """Open the camera of `sim:` or `sim:card=DIR,model=NAME,serial=S,sensor=BITS,craw=1`.

    `number=2` makes it the second of several with clocks and serial numbers of their own, of which
    the other INDIVIDUAL_OPTIONS say more. `lua-heap=500K` limits the memory of scripts, `pace=fast`
    lets it be quicker than a camera, `chdk=0` leaves CHDK out, and the screen's options are those
    in `SCREEN_OPTIONS`. One address always means the same camera, which is made when first asked
    for. It answers at once, so `cancel` has nothing to end. Raises `UsageError`.
    """
    options = address_options(rest)
    for key in options:
        if key not in _OPTIONS:
            raise UsageError(
                f"'{key}' is no option of a simulated camera", f"it has {', '.join(_OPTIONS)}"
            )
    address = "sim:" + ",".join(f"{key}={options[key]}" for key in sorted(options))
    with _cameras_lock:
        if address not in _cameras:
            camera = SimCamera(
                card=expanded(options["card"]) if "card" in options else None,
                model=options.get("model", MODEL),
                serial=options.get("serial"),
                screen=ScreenSetup.from_options(options),
                sensor=_number(options["sensor"]) if "sensor" in options else None,
                craw=bool(_number(options.get("craw", "0"))),
                lua_heap=heap_size(options["lua-heap"]) if "lua-heap" in options else HEAP_LIMIT,
                pace=pace_named(options.get("pace")),
                boot=bool(_number(options.get("boot", "0"))),
                chdk=bool(_number(options.get("chdk", "1"))),
                native_calls=bool(_number(options.get("native-calls", "0"))),
                individual=Individual.from_options(options),
            )
            atexit.register(camera.close)
            _cameras[address] = camera
        return SimTransport(_cameras[address], address)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise UsageError(f"'{text}' is not a number", "sensor=14, or craw=1")
    return int(text)


def list_devices() -> list[Device]:
    """Return the simulated cameras that were asked for so far in this process."""
    with _cameras_lock:
        return [
            Device(
                address,
                model=camera.device_info.model,
                serial=camera.device_info.serial_number,
            )
            for address, camera in _cameras.items()
        ]
