"""What the library says to a camera and hears from it, recorded call by call to be played again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.exif_pictures import jpeg, with_thumbnail
from support.file_cases import CARD, write

from chdkshell import link
from chdkshell.camera import Camera
from chdkshell.chdk.card import thumbnails
from chdkshell.chdk.constants import DisplayData
from chdkshell.chdk.imaging.liveview import Frame
from chdkshell.chdk.lifesigns import LifeSigns
from chdkshell.chdk.shooting.capture import CaptureRequest
from chdkshell.errors import ChdkShellError, DisconnectedError, UsageError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.transaction import Event, Request, Response, Transport
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.clock import Clock
from chdkshell.sim.interfaces.transport import SimTransport
from chdkshell.streams import BytesSource, NullSink, Sink, Source

PICTURE = "DCIM/100CANON/IMG_0007.JPG"

Call = Callable[[Camera], object]


@dataclass(frozen=True)
class Exchange:
    """One transaction: what was asked, with its data, and what came back, with its data."""

    request: Request
    sent: bytes | None
    data: bytes | None
    response: Response


Recording = list[Exchange]


def _view(camera: Camera) -> object:
    frame = Frame.parse(camera.protocol.get_display_data(DisplayData(0x1D)))
    return frame.viewport_rgb(), frame.bitmap_rgba()


def _thumbnail(camera: Camera) -> object:
    items = [item for item in camera.files.images() if item.path.endswith("7.JPG")]
    return [thumbnails.read_thumbnail(camera.scripts, item) for item in items]


def _temporary(camera: Camera) -> object:
    camera.protocol.set_temp_data(b"x" * 90)
    return camera.protocol.get_temp_data(clear=True)


def _failing(code: str) -> Call:
    def call(camera: Camera) -> object:
        try:
            return camera.lua(code)
        except ChdkShellError as error:
            return str(error)

    return call


CALLS: dict[str, Call] = {
    "connect": lambda camera: camera.model,
    "lua": lambda camera: camera.lua("return 1,'two',{3,4,x={y='z',[9]=false}},nil,true"),
    "messages": lambda camera: camera.lua("for i=1,20 do write_usb_msg({i,'m'..i}) end return 1"),
    "errors": _failing("local x = nil\nreturn x.y"),
    "compile errors": _failing("return return"),
    "listing": lambda camera: camera.files.scandir("A/DCIM/100CANON"),
    "stat": lambda camera: (camera.files.stat("A/KEEP.TXT"), camera.files.space()),
    "tree": lambda camera: camera.files.walk(["A/"]),
    "images": lambda camera: camera.files.images(),
    "thumbnails": _thumbnail,
    "memory": lambda camera: camera.protocol.get_memory(0x1900, 700),
    "temporary data": _temporary,
    "functions": lambda camera: camera.protocol.call_function(0x1234, 5, 6),
    "live view": _view,
    "download": lambda camera: camera.files.download("A/DCIM/100CANON/IMG_0001.JPG", "down"),
    "upload": lambda camera: camera.files.upload("sent.txt", "A/CHDK/"),
    "folder": lambda camera: camera.files.mkdir("A/NEW/ONE"),
    "capture": lambda camera: camera.capture("pic"),
    "capture of raw data": lambda camera: camera.capture("pic", files=CaptureRequest(dng=True)),
    "shot": lambda camera: camera.shoot(download="card/"),
}
"""What the library is asked. Each is run on a camera of its own, in record mode."""


class _Recorder(SimTransport):
    """A link to a simulated camera that keeps all transactions."""

    def __init__(self, camera: SimCamera) -> None:
        super().__init__(camera)
        self.recording: Recording = []

    def transact(
        self,
        request: Request,
        source: Source | None = None,
        sink: Sink | None = None,
        cancel: CancelToken = NEVER,
    ) -> Response:
        self.camera.scripts.wait_news(0.1)  # so that a recording does not depend on the load
        sent = None if source is None else b"".join(bytes(part) for part in source.chunks())
        copy = Copy(sink or NullSink())
        given = None if sent is None else BytesSource(sent)
        response = super().transact(request, given, copy, cancel)
        data = bytes(copy.data) if copy.begun else None
        self.recording.append(Exchange(request, sent, data, response))
        return response


class Copy:
    """A sink that passes data on and keeps it."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.begun = False
        self.data = bytearray()

    def begin(self, length: int | None) -> None:
        self.begun = True
        self._sink.begin(length)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.data += data
        self._sink.write(data)


class Player(Transport):
    """A link that answers with the transactions of a recording, whatever it is asked."""

    address = "sim:"

    def __init__(self, recording: Recording) -> None:
        self._exchanges = iter(recording)

    def transact(
        self,
        request: Request,
        source: Source | None = None,
        sink: Sink | None = None,
        cancel: CancelToken = NEVER,
    ) -> Response:
        exchange = next(self._exchanges, None)
        if exchange is None:
            raise DisconnectedError("the recording is over")
        if source is not None:
            for _ in source.chunks():
                pass
        if exchange.data is not None and sink is not None:
            sink.begin(len(exchange.data))
            if exchange.data:
                sink.write(exchange.data)
        return Response(exchange.response.code, request.transaction_id, exchange.response.params)

    def next_event(self, seconds: float) -> Event | None:
        return None

    def reset(self) -> None:
        raise DisconnectedError("the recording is over")

    def close(self) -> None:
        """Nothing to give back."""


class Links:
    """Gives the transport that `next` makes, once; `later` makes those after it, if there are any.

    `waits`: what waits does so.
    """

    def __init__(self) -> None:
        self.next: Callable[[], Transport] | None = None
        self.later: Callable[[], Transport] | None = None
        self.waits = False

    def open(self, address: str, cancel: CancelToken) -> Transport:
        make, self.next = self.next or self.later, None
        if make is None:
            raise UsageError("there is no other camera")
        return make()


@contextmanager
def played_links() -> Iterator[Links]:
    """Have cameras be connected by such links."""
    links = Links()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(link, "open_transport", links.open)
        wait = CancelToken.wait

        def wait_if(token: CancelToken, seconds: float) -> None:
            if links.waits:
                wait(token, seconds)
            else:
                token.check()

        patch.setattr(CancelToken, "wait", wait_if)
        send_signs = LifeSigns._run

        def send_signs_if(signs: LifeSigns, ended: threading.Event) -> None:
            if links.waits:  # else there is no time in which they would be due
                send_signs(signs, ended)

        patch.setattr(LifeSigns, "_run", send_signs_if)
        yield links


def record_all(root: Path, links: Links) -> dict[str, Recording]:
    """Record all calls. The folder that is worked in has the file that is sent."""
    picture = with_thumbnail(jpeg("red", (16, 12)))
    Path("sent.txt").write_bytes(b"sent" * 40)
    recordings = {}
    for number, (name, call) in enumerate(CALLS.items()):
        card = root / f"card{number}"
        write(card, {**CARD, PICTURE: picture})
        camera = SimCamera(card, clock=Clock(2.0))
        camera.state.recording = True
        recorder = _Recorder(camera)
        links.next = lambda recorder=recorder: recorder
        with Camera(Player.address) as connected:
            call(connected)
        camera.close()
        recordings[name] = recorder.recording
    return recordings
