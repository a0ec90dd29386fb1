"""What goes on for longer: sequences, recordings, scripts, shots of several cameras."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from support.control_room import WAIT, Listener, ServedRoom, serving

from chdkshell import waits
from chdkshell.chdk.imaging.lvdump import read_dump
from chdkshell.page.room import RoomOptions
from chdkshell.sim.shot import Shot

CAMERA = "api/cameras/1"


def finished(listener: Listener, progress: str) -> Any:
    return listener.until("sequence", "progress", progress)


def test_interval_runs_without_the_page(control_room: ServedRoom, tmp_path: Path) -> None:
    listener = Listener(control_room)
    started = control_room.done(f"{CAMERA}/sequence", kind="interval", shots=3, interval=0.05)
    assert started["sequence"]["progress"] == "running"
    done = finished(listener, "done")
    assert (done["taken"], done["shots"]) == (3, 3)
    assert len(done["log"]) == 4
    assert control_room.lua("return get_exp_count()") >= 3
    assert control_room.get(f"{CAMERA}/sequence")["sequence"]["progress"] == "done"
    listener.close()


def test_sequence_is_paused_and_stopped(control_room: ServedRoom) -> None:
    listener = Listener(control_room)
    control_room.done(f"{CAMERA}/sequence", kind="interval", shots=1000, interval=3600)
    assert control_room.post(f"{CAMERA}/sequence", kind="interval")[0] == 409
    listener.until("sequence", "taken", 1)
    control_room.done(f"{CAMERA}/sequence/change", action="pause")
    finished(listener, "paused")
    control_room.done(f"{CAMERA}/settings", zoom=2)
    assert control_room.lua("return get_zoom()") == 2, "it can be worked between the shots"
    control_room.done(f"{CAMERA}/sequence/change", action="resume")
    finished(listener, "running")
    control_room.done(f"{CAMERA}/sequence/change", action="stop")
    assert finished(listener, "stopped")["taken"] == 1
    listener.close()


def test_the_shot_of_a_sequence_is_not_waited_for_when_the_server_ends(
    control_room: ServedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    have_ended: list[bool] = []
    ended = waits.ended

    def noted(thread: threading.Thread, seconds: float | None = None) -> bool:
        have_ended.append(ended(thread, seconds))
        return have_ended[-1]

    monkeypatch.setattr(waits, "ended", noted)
    sim = control_room.camera.session.transport.camera  # type: ignore[attr-defined]
    exposing, go_on = threading.Event(), threading.Event()

    def expose(shot: Shot) -> None:
        exposing.set()
        go_on.wait()

    sim.state.on_open = expose
    control_room.done(f"{CAMERA}/sequence", kind="interval", shots=3)
    try:
        assert exposing.wait(WAIT)
        control_room.room.stop()
    finally:
        go_on.set()
    assert all(have_ended)
    assert not sim.scripts.running


@pytest.fixture
def exposures(control_room: ServedRoom) -> list[Shot]:
    """What the simulated camera has taken."""
    sim = control_room.camera.session.transport.camera  # type: ignore[attr-defined]
    taken: list[Shot] = []
    before = sim.state.on_shoot

    def on_shoot(shot: Shot) -> None:
        taken.append(shot)
        before(shot)

    sim.state.on_shoot = on_shoot
    return taken


def test_bracket_is_around_the_present_exposure(
    control_room: ServedRoom, exposures: list[Shot]
) -> None:
    listener = Listener(control_room)
    control_room.done(f"{CAMERA}/sequence", kind="bracket", shots=3, step=1)
    finished(listener, "done")
    listener.close()
    first, middle, last = [shot.tv96 for shot in exposures]
    assert (first - middle, middle - last) == (96, 96)


def test_focus_stack_goes_from_near_to_far(control_room: ServedRoom, exposures: list[Shot]) -> None:
    listener = Listener(control_room)
    focused: list[int] = []
    control_room.done(f"{CAMERA}/sequence", kind="focus", shots=3, near=500, far=2000)
    for _ in range(3):
        listener.next("shot")
    finished(listener, "done")
    listener.close()
    focused = [shot.focus for shot in exposures]
    assert focused == [500, 800, 2000]


def test_focus_stack_from_far_to_near_is_refused(control_room: ServedRoom) -> None:
    code, answer = control_room.post(f"{CAMERA}/sequence", kind="focus", near=9, far=9)
    assert (code, answer["error"]) == (400, "near is not before far")


@pytest.mark.parametrize("kind", ["mjpeg", "lvdump"])
def test_recording(control_room: ServedRoom, tmp_path: Path, kind: str) -> None:
    control_room.done(f"{CAMERA}/recording", kind=kind)
    while control_room.get(f"{CAMERA}/recording")["frames"] < 3:
        pass
    done = control_room.done(f"{CAMERA}/recording", on=False)
    data = (tmp_path / "shots" / done["name"]).read_bytes()
    assert len(data) == done["size"]
    if kind == "lvdump":
        with (tmp_path / "shots" / done["name"]).open("rb") as file:
            assert len(list(read_dump(file))) == done["frames"]
    else:
        assert data.count(b"\xff\xd8\xff") >= done["frames"]


def test_scripts_of_the_card(control_room: ServedRoom, tmp_path: Path) -> None:
    script = tmp_path / "card/CHDK/SCRIPTS/COUNT.LUA"
    script.parent.mkdir(parents=True, exist_ok=True)
    text = "--[[\n@title Count <b>\n@param n Up to\n@default n 3\n@range n 1 9\n]]\n"
    script.write_text(text + "for i = 1, n do write_usb_msg('at '..i) end return n\n")
    listed = {found["path"]: found["title"] for found in control_room.get(f"{CAMERA}/scripts")}
    assert listed["A/CHDK/SCRIPTS/COUNT.LUA"] == "Count <b>"
    head = control_room.get(f"{CAMERA}/scripts/head?path=A/CHDK/SCRIPTS/COUNT.LUA")
    (parameter,) = head["parameters"]
    assert (parameter["label"], parameter["default"]) == ("Up to", "3")
    assert (parameter["low"], parameter["high"]) == (1, 9)
    listener = Listener(control_room)
    path = "A/CHDK/SCRIPTS/COUNT.LUA"
    assert control_room.post(f"{CAMERA}/scripts/run", path=path, values={"n": "99"})[0] == 400
    control_room.done(f"{CAMERA}/scripts/run", path=path, values={"n": "2"})
    listener.until("script", "running", False)
    listener.close()
    output = control_room.get(f"{CAMERA}/scripts/output")
    assert output["lines"] == ["at 1", "at 2", "= 2"]
    assert output["ended"] == "ended"


def test_lua_runs_and_is_stopped(control_room: ServedRoom) -> None:
    listener = Listener(control_room)
    control_room.done(f"{CAMERA}/lua", code="while true do sleep(10) end")
    listener.until("state", "busy", "Lua runs")
    code, answer = control_room.post(f"{CAMERA}/shoot")
    assert (code, answer["error"]) == (409, "the camera is busy: Lua runs")
    control_room.done(f"{CAMERA}/scripts/stop")
    assert listener.until("script", "running", False)["ended"] == "stopped"
    control_room.done(f"{CAMERA}/lua", code="error('<i>')")
    assert "<i>" in listener.until("script", "running", False)["ended"]
    listener.close()
    control_room.done(f"{CAMERA}/shoot")


def test_the_camera_is_free_when_the_end_of_a_script_is_told(
    control_room: ServedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = control_room.room.stations[0]
    told = []
    publish = station.hub.publish

    def watched(kind: str, data: Any) -> None:
        if kind == "script":
            told.append((data["running"], station.busy_with))
        publish(kind, data)

    monkeypatch.setattr(station.hub, "publish", watched)
    listener = Listener(control_room)
    for code in ("return 1", "error('x')", "while true do sleep(10) end"):
        control_room.done(f"{CAMERA}/lua", code=code)
        if "while" in code:
            listener.until("state", "busy", "Lua runs")
            control_room.done(f"{CAMERA}/scripts/stop")
        listener.until("script", "running", False)
    listener.close()
    assert told == [(False, "")] * 3


def test_lua_is_off_unless_allowed(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        assert served.ask(f"{CAMERA}/scripts")[0] == 403
        code, answer = served.post(f"{CAMERA}/lua", code="return 1")
        assert (code, answer["error"]) == (403, "Lua is not allowed from here")


def test_cameras_shoot_together(tmp_path: Path) -> None:
    with serving(tmp_path / "card", RoomOptions(), cameras=2) as served:
        listener = Listener(served)
        done = served.done("api/together")
        assert done["problems"] == []
        assert sorted(done["fired"]) == [1, 2]
        assert done["spread"] is not None
        assert {listener.next("shot")[1]["camera"] for _ in range(2)} == {1, 2}
        listener.close()
        assert served.post("api/together", cameras=[7])[0] == 404
