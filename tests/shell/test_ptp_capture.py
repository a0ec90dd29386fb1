"""Pictures by standard PTP, and every operation code, through the program and the library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chdk_card import make_card
from support.shell_process import run

import chdkshell
from chdkshell.camera import Camera
from chdkshell.errors import Cancelled, CaptureError
from chdkshell.flow import CancelToken
from chdkshell.ptp.codes import EventCode
from chdkshell.ptp.transaction import Event
from chdkshell.sim.interfaces.transport import SimTransport
from chdkshell.standard import capture
from chdkshell.standard.capture import EVENT_EMULATE_MODE
from chdkshell.standard.device import PtpDevice

OLD = "connect sim:model=SX100IS"


def test_a_picture_is_taken_and_fetched(tmp_path: Path) -> None:
    done = run("-e", OLD, "-e", f"ptp capture -download {tmp_path}/", "-e", "ptp prop 0xD045")
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if "IMG_0102.JPG (0x" in line]
    (file,) = tmp_path.glob("*")
    assert line.endswith(f"\t{file.stat().st_size}\t{file}")
    assert file.read_bytes()[:2] == b"\xff\xd8"
    assert "value     4" in done.stdout.splitlines()


def test_a_camera_that_takes_none_says_what_does() -> None:
    done = run("--sim", "-e", "ptp capture")
    assert done.stderr.splitlines() == [
        "ERROR: the camera takes no pictures by standard PTP; an EOS takes pictures with "
        "`eos release`, a Canon with CHDK with `shoot` and `rcapture`"
    ]


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[Camera]:
    make_card(tmp_path / "card")
    with chdkshell.connect(f"sim:model=SX100IS,card={tmp_path / 'card'}") as camera:
        yield camera


def sim_of(camera: Camera) -> SimTransport:
    transport = camera.session.transport
    assert isinstance(transport, SimTransport)
    return transport


def settings(camera: Camera) -> tuple[object, bool, int]:
    state = sim_of(camera).camera.state
    mode = camera.ptp.property(EVENT_EMULATE_MODE).value
    return mode, state.record_mode, len(sim_of(camera).camera.standard.properties.properties)


def test_all_is_put_back_however_it_ends(camera: Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    before = settings(camera)
    assert len(capture.capture(camera.ptp)) == 1
    token = CancelToken()
    token.set()
    with pytest.raises(Cancelled):
        capture.capture(camera.ptp, cancel=token)
    shutter = sim_of(camera).camera.state.shutter
    monkeypatch.setattr(shutter, "press", lambda *args: 0)
    with pytest.raises(CaptureError, match="no picture came in 0 s"):
        capture.capture(camera.ptp, timeout=0)
    stops = CancelToken()

    def press(*args: object) -> int:
        stops.set()
        return 0

    monkeypatch.setattr(shutter, "press", press)
    with pytest.raises(Cancelled):
        capture.capture(camera.ptp, cancel=stops)
    camera.next_event(0.3)  # the mode dial turns back
    assert settings(camera)[0] == before[0]
    assert settings(camera)[2] == before[2]


@pytest.mark.parametrize("model", ["SIM1", "SX100IS", "ELPH180", "EOSR6"])
def test_every_operation_code_ends_in_a_response(model: str, tmp_path: Path) -> None:
    make_card(tmp_path / "card")
    with chdkshell.connect(f"sim:model={model},card={tmp_path / 'card'}") as camera:
        for code in (*range(0x1000, 0x1031), *range(0x9000, 0x9201)):
            if code in (0x1002, 0x1003):  # the session itself
                continue
            for data in (None, b"", b"\1\2\3"):
                if data is None and camera.ptp.sends_data(code):
                    continue
                answer = camera.ptp.try_transaction(code, 1, 2, 3, data=data, force=True)
                assert 0x2000 < answer.code < 0xB000
        assert camera.ptp.storage_ids() == (0x00010001,)
        if camera.chdk_version is not None:
            assert camera.lua("return 'fine'") == "fine"


def test_a_picture_does_not_take_the_place_of_another(tmp_path: Path) -> None:
    (tmp_path / "IMG_0102.JPG").write_bytes(b"another")
    done = run("-e", OLD, "-e", "ptp capture -download", cwd=tmp_path)
    assert done.stdout.splitlines()[-1].endswith("\tIMG_0102_1.JPG")
    assert (tmp_path / "IMG_0102.JPG").read_bytes() == b"another"


def test_events_that_come_late_are_of_no_picture(
    camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The events of what was there before, or is gone again, may still be on their way."""
    device = camera.ptp
    before = device.handles()[0]
    late = [Event(EventCode.OBJECT_ADDED, 0, (handle,)) for handle in (before, 0x7777)]
    events = capture._events

    looks = iter(range(1000))

    def told(device: PtpDevice, cancel: CancelToken) -> Iterator[Event]:
        if next(looks) == 1:  # at 0 it looks for what is there before the shot
            yield from (late.pop() for _ in range(len(late)))
        yield from events(device, cancel)

    monkeypatch.setattr(capture, "_events", told)
    (handle,) = capture.capture(device)
    assert handle not in (before, 0x7777)
    assert not late
