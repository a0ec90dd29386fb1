"""The simulated camera as PTP sees it, through its in-process and its TCP interface."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chdkshell.errors import (
    Cancelled,
    DisconnectedError,
    PtpError,
)
from chdkshell.flow import CancelToken
from chdkshell.ptp.codes import ResponseCode
from chdkshell.ptp.session import Session
from chdkshell.ptp.transaction import Request, Transport
from chdkshell.share.owed import takes_data
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer
from chdkshell.sim.interfaces.transport import SimTransport
from chdkshell.streams import Buffer, BytesSink, BytesSource
from chdkshell.transport.ip import IpTransport

CHDK = 0x9999
GENERAL_ERROR = ResponseCode.GENERAL_ERROR


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[SimCamera]:
    (tmp_path / "SUB").mkdir()
    camera = SimCamera(card=tmp_path)
    yield camera
    camera.close()


@pytest.fixture
def server(camera: SimCamera) -> Iterator[IpServer]:
    with IpServer(camera) as server:
        yield server


@pytest.fixture(params=["sim", "ip"])
def session(request: pytest.FixtureRequest, camera: SimCamera) -> Iterator[Session]:
    """An open session through one of the interfaces."""
    with contextlib.ExitStack() as stack:
        transport: Transport
        if request.param == "sim":
            transport = SimTransport(camera)
        else:
            server = stack.enter_context(IpServer(camera))
            transport = IpTransport("127.0.0.1", server.port)
        session = Session(transport)
        session.open()
        yield session
        session.close()


def name_of(path: str, data: bytes = b"") -> BytesSource:
    """The data of UploadFile."""
    encoded = path.encode()
    return BytesSource(len(encoded).to_bytes(4, "little") + encoded, data)


def download(session: Session, path: str) -> tuple[tuple[int, ...], bytes | None]:
    session.transaction(CHDK, 4, 0, source=BytesSource(path.encode()))
    sink = BytesSink()
    params = session.transaction(CHDK, 6, sink=sink)
    return params, sink.data


# ---- sessions -----------------------------------------------------------------------------------


def test_without_a_session_only_the_device_info_is_told(camera: SimCamera) -> None:
    transport = SimTransport(camera)
    for code, answer in (
        (0x1001, 0x2001),
        (0x1003, 0x2003),
        (0x1004, 0x2003),
        (CHDK, 0x2003),
        (0x1009, 0x2003),
        (0x1018, 0x2005),
    ):
        assert transport.transact(Request(code, 0, (0,))).code == answer


def test_a_session_that_is_open_is_refused_and_then_taken_over(camera: SimCamera) -> None:
    died = Session(SimTransport(camera))
    died.open()
    transport = SimTransport(camera)
    response = transport.transact(Request(0x1002, 0, (5,)))
    assert (response.code, response.params) == (0x201E, (1,))
    assert transport.transact(Request(0x1003, 1)).code == 0x2001
    assert transport.transact(Request(0x1002, 0, (0,))).code == 0x201D
    with pytest.raises(DisconnectedError, match="took"):
        died.transaction(CHDK, 0)
    fresh = Session(SimTransport(camera))
    fresh.open()
    died.close()
    assert fresh.transaction(CHDK, 0) == (2, 9)


def test_the_same_camera_through_one_door_after_another(server: IpServer) -> None:
    for number in range(20):
        session = Session(IpTransport("127.0.0.1", server.port))
        session.open()
        assert session.transaction(CHDK, 0) == (2, 9)
        if number % 2:
            session.close()
        else:
            session.transport.close()


def test_storage(session: Session) -> None:
    sink = BytesSink()
    session.transaction(0x1004, sink=sink)
    assert sink.data == bytes.fromhex("01000000 01000100")
    sink = BytesSink()
    session.transaction(0x1005, 0x10001, sink=sink)
    assert sink.data is not None
    assert sink.data[:6] == bytes.fromhex("0400 0300 0000")
    total, free = (int.from_bytes(sink.data[at : at + 8], "little") for at in (6, 14))
    assert 0 < free <= total
    with pytest.raises(PtpError):
        session.transaction(0x1005, 0x20001)


# ---- memory -------------------------------------------------------------------------------------


def get_memory(session: Session, address: int, size: int, mode: int = 0) -> bytes | None:
    sink = BytesSink()
    session.transaction(CHDK, 1, address, size, mode, sink=sink)
    return sink.data


def test_memory_is_a_pattern_until_it_is_written(session: Session) -> None:
    assert get_memory(session, 0x1901, 6) == bytes.fromhex("19dec0 0419de")
    assert get_memory(session, 0, 4) == bytes.fromhex("0000dec0")
    assert get_memory(session, 0xFFFFFFFC, 8) == bytes.fromhex("fcffdec0 0000dec0")
    session.transaction(CHDK, 2, 0x1FFE, 5, source=BytesSource(b"12345"))
    assert get_memory(session, 0x1FFC, 8, 1) == bytes.fromhex("fc1f 3132333435 c0")
    large = get_memory(session, 0x1000, 300_000)
    assert large is not None
    assert large[0xFFC:0x1004] == bytes.fromhex("fc1f 3132333435 c0")
    assert large[-4:] == bytes.fromhex("dca3dec0")
    assert len(large) == 300_000


@pytest.mark.parametrize(
    ("params", "data"),
    [
        ((1, 0x1000, 0), None),
        ((1, 0x1000, 0x80000000), None),
        ((1, 0x1000, 4, 2), None),
        ((2, 0, 4), b"1234"),
        ((2, 0x1000, 5), b"1234"),
        ((2, 0x1000, 0xFFFFFFFF), b"1234"),
        ((2, 0x1000, 8 << 20), bytes(8 << 20)),
        ((3,), b""),
        ((3,), b"123"),
        ((3,), bytes(1 << 20)),
        ((4, 0), bytes(2 << 20)),
        ((5,), b""),
        ((5,), b"\1"),
        ((5,), b"\5\0\0\0A/X"),
        ((5,), b"\xff\xff\xff\xffA/X"),
        ((5,), b"\6\0\0\0../X.Y"),
        ((5,), b"\5\0\0\0A/SUB"),
        ((7, 0x700), bytes(8 << 20)),
        ((11, 0), b""),
        ((11, 0), bytes(8 << 20)),
    ],
)
def test_what_cannot_be_done_is_a_general_error(
    session: Session, params: tuple[int, ...], data: bytes | None
) -> None:
    source = None if data is None else BytesSource(data)
    with pytest.raises(PtpError) as caught:
        session.transaction(CHDK, *params, source=source, sink=BytesSink())
    assert caught.value.code == GENERAL_ERROR
    assert session.transaction(CHDK, 0) == (2, 9)


def test_written_memory_is_bounded(session: Session) -> None:
    with pytest.raises(PtpError):
        for start in range(0x100000, 0x100000 + (16 << 20), 1 << 20):
            session.transaction(CHDK, 2, start, 1 << 20, source=BytesSource(bytes(1 << 20)))
    assert get_memory(session, 0x100000, 2) == b"\0\0"


def test_a_called_function_returns_its_first_argument(session: Session) -> None:
    call = b"\0\x10\0\0" + b"\x2a\0\0\0" + b"\7\0\0\0"
    assert session.transaction(CHDK, 3, source=BytesSource(call)) == (42,)
    assert session.transaction(CHDK, 3, source=BytesSource(call[:4])) == (0,)


# ---- files --------------------------------------------------------------------------------------


def test_files_of_any_size_go_there_and_back(session: Session, camera: SimCamera) -> None:
    for size in (0, 1, 511, 512, 65535, 65536, 65537, 3 << 20):
        data = os.urandom(size)
        session.transaction(CHDK, 5, source=name_of("A/SUB/FILE.BIN", data))
        assert (camera.card.root / "SUB" / "FILE.BIN").read_bytes() == data
        params, answer = download(session, "A/sub/file.bin")
        assert params == (size,)
        assert answer == (data or None)


def test_the_name_may_be_in_pieces(session: Session, camera: SimCamera) -> None:
    pieces = (b"\5", b"\0\0", b"\0A", b"/", b"X", b".", b"Yab", b"c")
    session.transaction(CHDK, 5, source=BytesSource(*pieces))
    assert (camera.card.root / "X.Y").read_bytes() == b"abc"


class Stopping:
    """A source that sets a token, or fails, halfway."""

    length = 4 << 20

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop

    def chunks(self) -> Iterator[Buffer]:
        yield b"\5\0\0\0A/X.Y" + bytes((1 << 20) - 9)
        self._stop()
        for _ in range(3):
            yield bytes(1 << 20)


def test_a_cancelled_upload_leaves_half_a_file(session: Session, camera: SimCamera) -> None:
    token = CancelToken()
    with pytest.raises(Cancelled):
        session.transaction(CHDK, 5, source=Stopping(token.set), cancel=token)
    assert session.transaction(CHDK, 0) == (2, 9)
    assert camera.card.listdir("A") == ["SUB", "X.Y"]
    assert 0 < camera.card.stat("A/X.Y").size < 4 << 20


def test_a_source_that_fails_leaves_half_a_file(session: Session, camera: SimCamera) -> None:
    def fail() -> None:
        raise OSError(5, "the local disk failed")

    with pytest.raises(OSError, match="the local disk"):
        session.transaction(CHDK, 5, source=Stopping(fail))
    assert session.transaction(CHDK, 0) == (2, 9)
    assert camera.card.listdir("A") == ["SUB", "X.Y"]
    assert 0 < camera.card.stat("A/X.Y").size < 4 << 20


def test_a_cancelled_download_leaves_the_session_usable(session: Session) -> None:
    session.transaction(CHDK, 5, source=name_of("A/BIG.BIN", bytes(8 << 20)))
    token = CancelToken()

    class Stop(BytesSink):
        def write(self, data: Buffer) -> None:
            super().write(data)
            token.set()

    session.transaction(CHDK, 4, 0, source=BytesSource(b"A/BIG.BIN"))
    sink = Stop()
    with pytest.raises(Cancelled):
        session.transaction(CHDK, 6, sink=sink, cancel=token)
    assert 0 < len(sink.data or b"") < 8 << 20
    assert session.transaction(CHDK, 0) == (2, 9)
    assert download(session, "A/BIG.BIN")[0] == (8 << 20,)


def test_data_that_the_camera_does_not_want_is_skipped(session: Session) -> None:
    for params in ((99,), (0,), (10,), (7, 1)):
        session.try_transaction(CHDK, *params, source=BytesSource(bytes(3 << 20)), sink=BytesSink())
        assert session.transaction(CHDK, 0) == (2, 9)


def test_which_requests_bring_data() -> None:
    owed = {2, 3, 5, 7, 11}
    for command in range(20):
        assert takes_data(Request(CHDK, 1, (command, 1))) == (command in owed)
    assert takes_data(Request(CHDK, 1, (4, 0)))
    assert takes_data(Request(CHDK, 1, (4,)))
    assert not takes_data(Request(CHDK, 1, (4, 2)))
    assert not takes_data(Request(CHDK, 1))
    assert not takes_data(Request(0x1002, 0, (2,)))


# ---- scripts and power --------------------------------------------------------------------------


def run(session: Session, code: bytes) -> None:
    session.transaction(CHDK, 7, 0x700, source=BytesSource(code + b"\0"))


def message(session: Session, camera: SimCamera) -> tuple[tuple[int, ...], bytes | None]:
    assert camera.scripts.wait_ended(60)
    sink = BytesSink()
    params = session.transaction(CHDK, 10, sink=sink)
    return params, sink.data


def test_a_script_and_its_value(session: Session, camera: SimCamera) -> None:
    run(session, b"return 6*7")
    assert message(session, camera) == ((2, 3, 1, 4), b"\x2a\0\0\0")


def test_a_shot_is_on_the_card(session: Session, camera: SimCamera) -> None:
    from PIL import Image

    run(session, b"switch_mode_usb(1) sleep(300) shoot() return get_exp_count()")
    params, value = message(session, camera)
    assert params[0] == 2
    assert value is not None
    name = f"IMG_{int.from_bytes(value, 'little'):04d}.JPG"
    assert camera.card.listdir("A/DCIM/100___11") == [name]
    with Image.open(camera.card.root / "DCIM" / "100___11" / name) as image:
        image.load()


def test_pictures_are_counted_on_from_those_on_the_card(tmp_path: Path) -> None:
    for name in ("100___11/IMG_0007.JPG", "101___11/CRW_0012.DNG", "103___11/IMG_0099.JPG"):
        (tmp_path / "DCIM" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "DCIM" / name).write_bytes(b"")
    camera = SimCamera(card=tmp_path)
    assert camera.state.exposure_count == 12
    assert camera.state.image_dir == "A/DCIM/101___11"
    camera.close()


def test_a_camera_that_is_switched_off_drops_its_connections(
    session: Session, camera: SimCamera
) -> None:
    run(session, b"reboot()")
    assert camera.scripts.wait_ended(60)
    with pytest.raises(DisconnectedError):
        while True:
            session.transaction(CHDK, 8)
            threading.Event().wait(0.02)
    again = Session(SimTransport(camera))
    again.open()
    assert again.transaction(CHDK, 8) == (0,)


# ---- bounds -------------------------------------------------------------------------------------


class Flood:
    """A data phase that never ends, after `first`. Fails the test when too much of it is taken."""

    def __init__(self, first: bytes = b"", length: int | None = None) -> None:
        self.length = length
        self._first = first
        self.taken = 0

    def chunks(self) -> Iterator[Buffer]:
        yield self._first
        while True:
            self.taken += 1
            assert self.taken <= 8, "the camera takes more than it has memory for"
            yield bytes(1 << 20)


@pytest.mark.parametrize("params", [(2, 0x1900, 16), (3,), (4, 0), (7, 0), (11, 0)])
@pytest.mark.parametrize(("length", "taken"), [(None, 8), (1 << 40, 0)])
def test_a_flood_is_refused_in_bounded_memory(
    camera: SimCamera, params: tuple[int, ...], length: int | None, taken: int
) -> None:
    flood = Flood(b"x", length)
    camera.responder.transact(Request(0x1002, 0, (1,)), None, BytesSink())
    response = camera.responder.transact(Request(CHDK, 1, params), flood, BytesSink())
    assert response.code == GENERAL_ERROR
    assert flood.taken <= taken


def test_the_name_of_an_upload_is_bounded(camera: SimCamera) -> None:
    flood = Flood(b"\xff\xff\xff\xffA/")
    camera.responder.transact(Request(0x1002, 0, (1,)), None, BytesSink())
    response = camera.responder.transact(Request(CHDK, 1, (5,)), flood, BytesSink())
    assert response.code == GENERAL_ERROR
    assert not flood.taken
