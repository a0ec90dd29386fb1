"""A camera that is shared: its client works it, and what goes wrong stays where it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.timeouts import TIMEOUT

from chdkshell.camera import Camera
from chdkshell.errors import Cancelled, ConnectError, DeviceBusyError, TransportError
from chdkshell.flow import CancelToken
from chdkshell.ptp.session import Session
from chdkshell.ptp.transaction import Event
from chdkshell.share import server as ptp_server
from chdkshell.share.forwarding import ForwardedCamera
from chdkshell.share.server import CameraServer
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces import transport as sim_transport
from chdkshell.streams import Buffer, BytesSink, BytesSource
from chdkshell.transport.ip import IpTransport

CHDK, TEMP_DATA, UPLOAD, DOWNLOAD = 0x9999, 4, 5, 6
BIG = bytes(range(256)) * 40_000


class Shared:
    """A simulated camera, shared at a port."""

    def __init__(self, card: Path) -> None:
        self.address = f"sim:card={card}"
        self.losses: list[BaseException | None] = []
        self.forwarded = ForwardedCamera(self.address)
        self.server = CameraServer(self.forwarded, on_loss=self.losses.append)

    @property
    def sim(self) -> SimCamera:
        return sim_transport._cameras[self.address]

    def connect(self) -> Camera:
        return Camera(self.server.address)


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shared]:
    monkeypatch.setattr(sim_transport, "_cameras", {})
    card = tmp_path / "card"
    (card / "DCIM").mkdir(parents=True)
    (card / "BIG.BIN").write_bytes(BIG)
    shared = Shared(card)
    yield shared
    shared.server.close()
    shared.sim.close()


def test_scripts_files_and_names_are_the_cameras(shared: Shared) -> None:
    with shared.connect() as camera:
        assert (camera.model, camera.serial) == ("Canon PowerShot SIM1", "SIM0001")
        assert camera.lua("return 6*7") == 42
        assert camera.files.read("A/BIG.BIN") == BIG
        camera.files.write("A/UP.BIN", BIG[:-1])
    assert (shared.sim.card.root / "UP.BIN").read_bytes() == BIG[:-1]


def test_events_come_through(shared: Shared) -> None:
    with shared.connect() as camera:
        shared.sim.standard.events.tell(0x4002, 7)
        assert camera.session.next_event(TIMEOUT) == Event(0x4002, 0xFFFFFFFF, (7,))


class StopsHalfway:
    """Ends its transaction with the first bytes; there are more to come."""

    def __init__(self, token: CancelToken) -> None:
        self._token = token

    def begin(self, length: int | None) -> None:
        assert length == len(BIG)

    def write(self, data: Buffer) -> None:
        self._token.set()


def test_a_client_cancels_a_download(shared: Shared) -> None:
    with shared.connect() as camera:
        camera.session.transaction(CHDK, TEMP_DATA, 0, source=BytesSource(b"A/BIG.BIN"))
        token = CancelToken()
        with pytest.raises(Cancelled):
            camera.session.transaction(CHDK, DOWNLOAD, sink=StopsHalfway(token), cancel=token)
        assert camera.lua("return 1") == 1
        assert camera.files.read("A/BIG.BIN") == BIG


class CancelsHalfway:
    """A source that ends its transaction when half of it was sent."""

    length = len(BIG)

    def __init__(self, token: CancelToken) -> None:
        self._token = token

    def chunks(self) -> Iterator[Buffer]:
        yield b"\x05\0\0\0A/U.B"
        yield BIG[: len(BIG) // 2]
        self._token.set()
        yield BIG[len(BIG) // 2 : -9]


def test_a_client_cancels_an_upload(shared: Shared) -> None:
    with shared.connect() as camera:
        token = CancelToken()
        with pytest.raises(Cancelled):
            camera.session.transaction(CHDK, UPLOAD, source=CancelsHalfway(token), cancel=token)
        assert camera.lua("return 1") == 1


def test_a_client_that_vanishes_in_its_download_costs_the_next_one_nothing(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = shared.connect()
    link = shared.forwarded._transport
    first.session.transaction(CHDK, TEMP_DATA, 0, source=BytesSource(b"A/BIG.BIN"))

    class Vanishes(BytesSink):
        def write(self, data: Buffer) -> None:
            transport = first.session.transport
            assert isinstance(transport, IpTransport)
            assert transport._link is not None
            transport._link.close()

    with pytest.raises(TransportError):
        first.session.transaction(CHDK, DOWNLOAD, sink=Vanishes())
    first.close()
    with shared.connect() as camera:
        assert camera.files.read("A/BIG.BIN") == BIG
    assert shared.forwarded._transport is link, "its link to the camera is the same"
    assert shared.losses == []


def test_the_session_of_a_client_ends_with_it(shared: Shared) -> None:
    transport = IpTransport("127.0.0.1", shared.server.port)
    Session(transport).open()
    transport.close()
    session = Session(IpTransport("127.0.0.1", shared.server.port))
    assert session.try_transaction(0x1002, 1).code == 0x2001, "no session was left open"
    session.close()


def test_a_camera_that_went_away_is_told_and_found_again(shared: Shared) -> None:
    with shared.connect() as camera:
        shared.sim._leave_bus()
        with pytest.raises(TransportError):
            camera.lua("return 1")
    with shared.connect() as camera:
        assert camera.lua("return 1") == 1
    shared.server.close()
    assert [str(loss) for loss in shared.losses] == ["the camera was switched off"]


def test_another_camera_in_its_place_is_not_served(
    shared: Shared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared.forwarded.lose()
    before = shared.sim
    other = SimCamera(serial="OTHER", card=tmp_path)
    monkeypatch.setitem(sim_transport._cameras, shared.address, other)
    with pytest.raises(ConnectError):
        shared.connect()
    shared.server.close()
    assert ["another camera" in str(loss) for loss in shared.losses] == [True]
    before.close()


def test_one_client_at_a_time(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ptp_server, "HANDOVER_SECONDS", 0.05)
    with shared.connect() as camera:
        with pytest.raises(DeviceBusyError):
            shared.connect()
        assert camera.lua("return 1") == 1


def test_no_camera_is_no_share() -> None:
    with pytest.raises(ConnectError):
        ForwardedCamera("ip:127.0.0.1:1")
