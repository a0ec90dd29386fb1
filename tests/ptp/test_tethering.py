"""What is new on a camera, as events and lists tell it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.fresh_sim import fresh_sim

from chdkshell import connect
from chdkshell.camera import Camera
from chdkshell.ptp.codes import EventCode
from chdkshell.ptp.transaction import Event
from chdkshell.standard import tethering
from chdkshell.standard.tethering import Tether

NEW = "A/DCIM/100CANON/IMG_0900.JPG"


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> Iterator[Camera]:
    fresh_sim(monkeypatch)
    with connect("sim:") as camera:
        yield camera


def tell(patch: pytest.MonkeyPatch, camera: Camera, *events: Event) -> None:
    """Have the camera tell these, the last one without end."""
    told = list(events)
    session = camera.session
    patch.setattr(session, "next_event", lambda s: told.pop(0) if len(told) > 1 else told[0])


def test_a_camera_that_tells_other_things_all_the_time(
    camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tethering, "LIST_SECONDS", 0.01)
    tether = Tether(lambda: camera.ptp)
    camera.files.write(NEW, b"new")
    tell(monkeypatch, camera, Event(EventCode.DEVICE_PROP_CHANGED, 0, (0x5001,)))
    assert [node.path for node in tether.wait()] == [NEW]


def test_an_object_that_no_list_has(camera: Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    device = camera.ptp
    tether = Tether(lambda: device)
    camera.files.write(NEW, b"new")
    [handle] = set(device.handles()) - tether._known
    root = device.handles(parent=0xFFFFFFFF)
    monkeypatch.setattr(device, "handles", lambda **options: root)
    other = Event(EventCode.DEVICE_PROP_CHANGED, 0, (0x5001,))
    tell(monkeypatch, camera, other, Event(EventCode.OBJECT_ADDED, 0, (handle,)))
    assert [node.path for node in tether.wait()] == [NEW]
    assert tether.wait() == [], "it was told already"


def test_handles_that_stay_over_a_reconnect(camera: Camera) -> None:
    tether = Tether(lambda: camera.ptp)
    camera.files.write(NEW, b"new")
    camera.reconnect()
    assert not tether.is_numbered_anew()
    assert [node.path for node in tether.wait()] == [NEW]


@pytest.mark.parametrize("shift", [1, 1000])
def test_handles_that_mean_others_after_a_reconnect(
    camera: Camera, monkeypatch: pytest.MonkeyPatch, shift: int
) -> None:
    tether = Tether(lambda: camera.ptp)
    camera.files.write(NEW, b"new")
    camera.reconnect()
    device = camera.ptp
    handles, info = device.handles(), device.object_info
    monkeypatch.setattr(device, "handles", lambda **options: tuple(h + shift for h in handles))
    monkeypatch.setattr(device, "object_info", lambda handle, cancel: info(handle - shift, cancel))
    assert tether.is_numbered_anew()
    assert not tether.is_numbered_anew(), "it is told once"
    assert tether.wait() == []


def test_a_picture_that_was_deleted_meanwhile(camera: Camera) -> None:
    tether = Tether(lambda: camera.ptp)
    *_, last = tether._marks
    camera.ptp.delete_object(last)
    camera.files.write(NEW, b"new")
    camera.reconnect()
    assert not tether.is_numbered_anew()
    assert [node.path for node in tether.wait()] == [NEW]
