"""What is asked for at the same moment: each order of the threads comes out the same."""

from __future__ import annotations

import asyncio
import errno
import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.control_room import WAIT, Listener, ServedRoom, serving

from chdkshell.errors import DisconnectedError
from chdkshell.page.feeds import EventHub
from chdkshell.page.problems import CallRefusedError
from chdkshell.page.room import RoomOptions
from chdkshell.page.station import Station

CAMERA = "api/cameras/1"


@contextmanager
def occupied(station: Station) -> Iterator[None]:
    """Keep the camera's thread from its next job."""
    begun, over = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        over.wait(WAIT)

    done = station.submit(work)
    assert begun.wait(WAIT)
    try:
        yield
    finally:
        over.set()
        done.result(WAIT)


def wait_for_jobs(station: Station, count: int) -> None:
    """Wait until so many jobs wait for their turn."""
    step = threading.Event()
    for _ in range(WAIT * 100):
        if station._jobs.qsize() == count:
            return
        step.wait(0.01)
    raise AssertionError(f"{station._jobs.qsize()} jobs wait, not {count}")


def unplug(monkeypatch: pytest.MonkeyPatch, station: Station) -> None:
    """Have the camera be gone, and not be found again."""

    def refuse(*arguments: object) -> None:
        raise DisconnectedError("it was unplugged")

    monkeypatch.setattr(station.camera, "reconnect", refuse)
    station.lost(DisconnectedError("it was unplugged"), station.found)


def test_nothing_waits_behind_a_script(control_room: ServedRoom) -> None:
    station = control_room.room.stations[0]
    with occupied(station):
        control_room.done(f"{CAMERA}/lua", code="while true do sleep(10) end")
        code, answer = control_room.post(f"{CAMERA}/shoot")
        assert (code, answer["error"]) == (409, "the camera is busy: Lua runs")
        assert control_room.post(f"{CAMERA}/lua", code="return 1")[0] == 409
    control_room.done(f"{CAMERA}/scripts/stop")


def test_a_script_that_never_ran_has_ended(
    control_room: ServedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = control_room.room.stations[0]
    listener = Listener(control_room)
    with occupied(station):
        control_room.done(f"{CAMERA}/lua", code="return 1")
        unplug(monkeypatch, station)
    told = listener.until("script", "running", False)
    listener.close()
    assert told["ended"] == "the camera is gone: it was unplugged"
    assert not control_room.get(f"{CAMERA}/scripts/output")["running"]
    assert control_room.get(CAMERA)["busy"] == ""


def test_a_half_press_that_was_let_go_is_not_begun(control_room: ServedRoom) -> None:
    station = control_room.room.stations[0]
    with ThreadPoolExecutor() as pool:
        with occupied(station):
            calls = []
            for number, on in enumerate((True, False), 1):
                calls.append(pool.submit(control_room.post, f"{CAMERA}/half", on=on))
                wait_for_jobs(station, number)
        assert [call.result(WAIT)[0] for call in calls] == [200, 200]
    assert not station.half.is_held


def test_an_old_connection_does_not_lose_the_camera(control_room: ServedRoom) -> None:
    station = control_room.room.stations[0]
    before = station.found
    listener = Listener(control_room)
    station.lost(DisconnectedError("x"), before)
    listener.next("back")
    listener.close()
    station.lost(DisconnectedError("x"), before)
    assert station.is_present


def test_a_camera_is_lost_once(control_room: ServedRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    station = control_room.room.stations[0]
    told: list[str] = []
    monkeypatch.setattr(station.hub, "publish", lambda kind, value: told.append(kind))
    unplug(monkeypatch, station)
    station.lost(DisconnectedError("x"), station.found)
    assert told.count("problem") == 1


def test_who_asks_after_the_end_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        station = served.room.stations[0]
        served.room.stop()
        with pytest.raises(CallRefusedError, match="the server was stopped"):
            station.submit(lambda: None)


def test_a_shot_of_all_does_not_wait_for_one_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        serving(tmp_path / "card", RoomOptions(), cameras=2) as served,
        ThreadPoolExecutor() as pool,
    ):
        second = served.room.stations[1]
        with occupied(second):
            call = pool.submit(served.post, "api/together")
            wait_for_jobs(second, 1)
            unplug(monkeypatch, second)
        code, answer = call.result(WAIT)
        assert (code, answer["error"]) == (503, "the camera is gone: it was unplugged")
        served.done("api/cameras/1/shoot")


class FullDisk(io.BytesIO):
    """A file on a disk that is full."""

    def write(self, data: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_recording_that_fails_is_told(
    control_room: ServedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener(control_room)
    monkeypatch.setattr(Path, "open", lambda *arguments: FullDisk())
    code, answer = control_room.post(f"{CAMERA}/recording", kind="lvdump")
    assert code == 409
    assert "No space left" in answer["error"]
    control_room.done(f"{CAMERA}/recording")
    problem = listener.next("problem")[1]
    monkeypatch.undo()
    assert "No space left" in problem["error"]
    assert listener.until("state", "recording", "")["camera"] == 1
    listener.close()
    assert control_room.ask("frame.jpg")[0] == 200


def test_what_is_recorded_is_told(control_room: ServedRoom) -> None:
    listener = Listener(control_room)
    control_room.done(f"{CAMERA}/recording")
    listener.until("state", "recording", "camera1.mjpeg")
    control_room.done(f"{CAMERA}/recording", on=False)
    listener.until("state", "recording", "")
    listener.close()


def test_nothing_is_missed_between_the_state_and_what_happens_next() -> None:
    async def read() -> list[bytes]:
        hub = EventHub()

        def first() -> bytes:
            hub.publish("shot", 1)
            return b"first"

        events = hub.events(first)
        found = [await anext(events), await anext(events)]
        await events.aclose()  # type: ignore[attr-defined]
        return found

    assert asyncio.run(read()) == [b"first", b"event: shot\ndata: 1\n\n"]
