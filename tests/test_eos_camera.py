"""What an EOS camera is left with, and what goes to it: the library on the simulated R6."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import chdkshell
from chdkshell.camera import Camera
from chdkshell.errors import Cancelled, CaptureError, LiveViewError, PtpError, UsageError
from chdkshell.flow import CancelToken, Progress
from chdkshell.ptp.eos import EosOperation, EosProperty, ObjectOffered
from chdkshell.ptp.transaction import Request, Response
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.fresh_card import fill_card
from chdkshell.sim.interfaces.transport import SimTransport
from chdkshell.sim.standard.eos import EosOperations
from chdkshell.standard import eoscapture
from chdkshell.standard.eoscapture import Press, fetch, release, to_host, viewfinder
from chdkshell.standard.eosfirmware import PIECE, update_firmware


@pytest.fixture
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Camera]:
    card = tmp_path_factory.mktemp("card")
    fill_card(card, chdk=False)
    with chdkshell.connect(f"sim:model=EOSR6,card={card}") as camera:
        yield camera


def sim_of(camera: Camera) -> SimCamera:
    transport = camera.session.transport
    assert isinstance(transport, SimTransport)
    return transport.camera


def eos_of(camera: Camera) -> EosOperations:
    eos = sim_of(camera).standard.eos
    assert eos is not None
    return eos


def check_let_go(camera: Camera) -> None:
    """Check that nothing is left on, and no button pressed."""
    eos = eos_of(camera)
    assert not camera.eos.is_on
    assert not eos.remote
    assert not eos.events.on
    assert eos.pressed == 0
    assert eos.number(EosProperty.EVF_OUTPUT_DEVICE) == 1
    assert eos.number(EosProperty.CAPTURE_DESTINATION) == 1


class StopError(Exception):
    """Ends a block."""


def test_what_is_switched_on_is_switched_off(camera: Camera) -> None:
    eos = camera.eos
    with eos.controlled():
        assert eos_of(camera).remote
    check_let_go(camera)
    with pytest.raises(StopError), eos.controlled():
        raise StopError
    check_let_go(camera)
    token = CancelToken()
    token.set()
    with pytest.raises(Cancelled):
        eos.settings(token)
    check_let_go(camera)


def test_what_was_on_before_stays_on(camera: Camera) -> None:
    camera.eos.on()
    with to_host(camera.eos), viewfinder(camera.eos) as next_picture:
        assert next_picture()[:2] == b"\xff\xd8"
    assert camera.eos.is_on
    assert eos_of(camera).events.on
    assert eos_of(camera).number(EosProperty.CAPTURE_DESTINATION) == 1
    assert eos_of(camera).number(EosProperty.EVF_OUTPUT_DEVICE) == 1
    camera.eos.off()
    check_let_go(camera)


def test_switching_on_that_fails_halfway_is_undone(
    camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = camera.ptp.transaction

    def refuse(operation: int, *params: int, **more: object) -> object:
        if operation == EosOperation.SET_EVENT_MODE and params == (1,):
            raise PtpError(0x2002, operation, "no")
        return whole(operation, *params, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(camera.ptp, "transaction", refuse)
    with pytest.raises(PtpError):
        camera.eos.on()
    check_let_go(camera)


class AtTheFirstWait(CancelToken):
    """Ends what waits, and notes what is pressed then."""

    def __init__(self, eos: EosOperations) -> None:
        super().__init__()
        self.eos, self.pressed = eos, 0

    def wait(self, seconds: float) -> None:
        self.pressed = self.eos.pressed
        raise Cancelled


@pytest.mark.parametrize("press", Press)
def test_the_button_is_released_however_it_ends(camera: Camera, press: Press) -> None:
    token = AtTheFirstWait(eos_of(camera))
    with camera.eos.controlled():
        with pytest.raises(Cancelled):
            release(camera.eos, press, hold=5, cancel=token)
        assert token.pressed == press
        assert eos_of(camera).pressed == 0


def test_both_modes_are_ended(camera: Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    link, asked = camera.session.transport, []
    transact = link.transact

    def seen(request: Request, *more: Any, **named: Any) -> Response:
        asked.append((request.code, request.params))
        return transact(request, *more, **named)

    monkeypatch.setattr(link, "transact", seen)
    with camera.eos.controlled():
        pass
    assert asked == [(0x9114, (1,)), (0x9115, (1,)), (0x9115, (0,)), (0x9114, (0,))]


def test_no_picture_is_an_error(camera: Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim_of(camera).state.shutter, "press", lambda *args: 0)
    with pytest.raises(CaptureError, match="no picture came in 0 s"), camera.eos.controlled():
        release(camera.eos, timeout=0)
    check_let_go(camera)


def test_a_picture_that_is_fetched_is_gone_from_memory(camera: Camera, tmp_path: Path) -> None:
    with to_host(camera.eos):
        (offered,) = release(camera.eos)
        assert offered.storage == 0
        assert fetch(camera.eos, offered, tmp_path / "a.jpg") == offered.size
        assert camera.ptp.try_transaction(EosOperation.GET_OBJECT, offered.handle).code == 0x2009
        assert (tmp_path / "a.jpg").stat().st_size == offered.size
    check_let_go(camera)


def test_both_places_at_once(camera: Camera) -> None:
    with camera.eos.controlled():
        camera.eos.set(EosProperty.CAPTURE_DESTINATION, 5)
        offered = release(camera.eos)
    assert {bool(one.storage) for one in offered} == {True, False}
    assert len({one.name for one in offered}) == 1


def test_a_picture_of_another_size_than_offered_is_none(camera: Camera, tmp_path: Path) -> None:
    with to_host(camera.eos):
        (offered,) = release(camera.eos)
        lying = ObjectOffered(offered.handle, 0, offered.format, 5, offered.name)
        with pytest.raises(CaptureError, match=r"bytes came, 5 were offered"):
            fetch(camera.eos, lying, tmp_path / "a.jpg")
    assert list(tmp_path.iterdir()) == []


def test_a_viewfinder_that_never_shows(camera: Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eoscapture, "FIRST_FRAME_SECONDS", 0)
    eos = eos_of(camera)
    monkeypatch.setitem(eos.table, EosOperation.GET_VIEWFINDER_DATA, None)
    with viewfinder(camera.eos) as next_picture, pytest.raises(LiveViewError, match="no picture"):
        next_picture()  # the first answer is that there is none yet
    check_let_go(camera)


class Counted(Progress):
    def __init__(self) -> None:
        self.total, self.done = 0, [0]

    def start(self, total: int | None) -> None:
        self.total = total or 0

    def advance(self, count: int) -> None:
        self.done.append(count)


def test_a_firmware_goes_in_pieces(camera: Camera, tmp_path: Path) -> None:
    file, sent = tmp_path / "EOSR6180.FIR", []
    data = bytes(range(251)) * 17000
    file.write_bytes(data)
    transact = camera.session.transport.transact

    def seen(request: object, source: object = None, *more: object) -> object:
        if request.code == EosOperation.UPDATE_FIRMWARE:  # type: ignore[attr-defined]
            parts = b"".join(source.chunks())  # type: ignore[attr-defined]
            sent.append((request.params, parts))  # type: ignore[attr-defined]
        return transact(request, source, *more)  # type: ignore[arg-type]

    camera.session.transport.transact = seen  # type: ignore[method-assign,assignment]
    progress = Counted()
    assert update_firmware(camera.ptp, file, progress) == len(data)
    name = struct.pack("32s", b"EOSR6180.FIR")
    assert PIECE == 2 * 1024 * 1024 - 32
    assert sent == [
        ((len(data), 0), name + data[:PIECE]),
        ((len(data), PIECE), name + data[PIECE : 2 * PIECE]),
        ((len(data), 2 * PIECE), name + data[2 * PIECE :]),
    ]
    assert eos_of(camera).firmware == ("EOSR6180.FIR", data)
    assert (progress.total, sum(progress.done)) == (len(data), len(data))


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("x" * 32, b"1", "is no name for a firmware"),
        ("\xe4.fir", b"1", "is no name for a firmware"),
        ("empty.fir", b"", "empty.fir is no firmware"),
    ],
)
def test_what_is_no_firmware(
    camera: Camera, tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=problem):
        update_firmware(camera.ptp, tmp_path / name)
    assert eos_of(camera).firmware is None


def test_the_simulated_one_takes_pieces_in_their_order(camera: Camera) -> None:
    code = EosOperation.UPDATE_FIRMWARE
    for params, data in (((1, 2), b"n" * 32 + b"abc"), ((9, 0), b"n" * 32), ((2, 0), b"n" * 40)):
        assert camera.ptp.try_transaction(code, *params, data=data).code == 0x201D


def test_without_remote_mode_it_is_its_users(camera: Camera) -> None:
    for code, params, data in (
        (EosOperation.REMOTE_RELEASE_ON, (3, 0), None),
        (EosOperation.GET_VIEWFINDER_DATA, (0x200000,), None),
        (EosOperation.SET_DEVICE_PROP_VALUE_EX, (), struct.pack("<III", 12, 0xD103, 0)),
    ):
        assert camera.ptp.try_transaction(code, *params, data=data).code == 0x200F
    assert camera.ptp.transaction(EosOperation.GET_EVENT).data == bytes.fromhex("0800000000000000")
