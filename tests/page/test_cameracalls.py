"""Calls that work a camera: what each changes is read back by Lua."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from support.control_room import WAIT, Listener, ServedRoom

from chdkshell.sim.properties import Prop

SETTINGS: list[tuple[dict[str, Any], str, Any]] = [
    ({"mode": "M"}, "select(3,get_mode())%256", 5),
    ({"mode": "TV", "shutter": 0.5}, "get_user_tv96()", 96),
    ({"mode": "M", "shutter": 0.001}, "get_user_tv96()", 960),
    ({"mode": "AV", "aperture": 4}, "get_user_av96()", 384),
    ({"iso": 400}, "get_prop(require('propcase').ISO_MODE)", 400),
    ({"iso": 0}, "get_iso_mode()", 0),
    ({"ev": -1.5}, "get_ev()", -144),
    ({"zoom": 3}, "get_zoom()", 3),
    ({"focus_mode": "manual"}, "get_focus_mode()", 1),
    ({"focus_mode": "locked"}, "get_prop(require('propcase').AF_LOCK)", 1),
    ({"focus": 1234}, "get_focus()", 1234),
    ({"flash": 1}, "get_flash_mode()", 1),
    ({"drive": 1}, "get_drive_mode()", 1),
    ({"record": False}, "get_mode()", False),
]


@pytest.mark.parametrize(
    ("fields", "code", "value"), SETTINGS, ids=lambda value: str(value).replace(" ", "")
)
def test_each_setting_changes_the_camera(
    control_room: ServedRoom, fields: dict[str, Any], code: str, value: Any
) -> None:
    control_room.done("api/cameras/1/settings", **fields)
    assert control_room.lua(f"return ({code})") == value


def test_what_was_set_is_known_once_it_is_answered(control_room: ServedRoom) -> None:
    for zoom in (3, 1, 4):
        control_room.done("api/cameras/1/settings", zoom=zoom)
        assert control_room.get("api/cameras/1")["look"]["zoom"] == zoom


@pytest.mark.parametrize("iso", [400, 80, 0])
def test_the_iso_setting_is_told_as_it_was_set(control_room: ServedRoom, iso: int) -> None:
    """Cameras tell the place in their menu: here 5, 1 and 0."""
    control_room.done("api/cameras/1/settings", iso=iso)
    assert control_room.get("api/cameras/1")["look"]["iso_mode"] == iso


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"mode": "P", "shutter": 0.5}, "sets the shutter time itself"),
        ({"mode": "TV", "aperture": 4}, "sets the aperture itself"),
        ({"record": False, "ev": 1}, "not in rec mode"),
        ({"zoom": 999}, "steps"),
        ({"mode": "FISHEYE"}, "no such mode"),
        ({"mode": "<b>"}, "no mode is called"),
        ({"iso": -5}, "iso is not from 0 to 1000000"),
        ({"shutter": 0}, "shutter is not from 0.00001 to 10000"),
    ],
)
def test_what_the_camera_refuses_is_said(
    control_room: ServedRoom, fields: dict[str, Any], said: str
) -> None:
    code, answer = control_room.post("api/cameras/1/settings", **fields)
    assert code in (400, 409)
    assert said in answer["error"]


def test_a_camera_that_is_not_there_is_named_as_it_was_asked_for(
    control_room: ServedRoom,
) -> None:
    for asked in ("9", "left", "123456"):
        code, _, body = control_room.ask(f"api/cameras/{asked}")
        assert code == 404
        assert f'"there is no camera {asked}"' in body.decode()


def test_nd_filter_is_that_of_the_next_shots(control_room: ServedRoom) -> None:
    control_room.done("api/cameras/1/settings", nd="in")
    assert control_room.get("api/cameras/1")["nd"] == "in"
    control_room.done("api/cameras/1/shoot")
    assert control_room.lua("return get_nd_current_ev96()") != 0


def test_shots_go_to_the_card_and_to_this_computer(
    control_room: ServedRoom, tmp_path: Path
) -> None:
    listener = Listener(control_room)
    for number in (1, 2):
        shot = control_room.done("api/cameras/1/shoot")
        assert shot["text"] == f"picture {shot['number']} taken"
        (path,) = shot["files"]
        assert listener.next("shot")[1] == shot | {"name": control_room.camera.model}
        assert (tmp_path / "card" / path.removeprefix("A/")).is_file()
        assert len(list((tmp_path / "card").rglob("*.JPG"))) == number
    shot = control_room.done("api/cameras/1/shoot", to="computer")
    assert shot["place"] == "folder"
    assert [(tmp_path / "shots" / name).is_file() for name in shot["files"]] == [True]
    listener.close()


def test_shot_in_play_mode_says_why_not(control_room: ServedRoom) -> None:
    control_room.done("api/cameras/1/settings", record=False)
    code, answer = control_room.post("api/cameras/1/shoot")
    assert (code, answer["error"]) == (409, "not in rec mode")


def test_keys_are_pressed(control_room: ServedRoom) -> None:
    pressed: list[str] = []
    state = control_room.camera.session.transport
    sim = state.camera  # type: ignore[attr-defined]
    before = sim.state.keyboard.on_key

    def on_key(key: str) -> None:
        pressed.append(key)
        before(key)

    sim.state.keyboard.on_key = on_key
    control_room.done("api/cameras/1/key", key="menu")
    assert pressed == ["menu"]
    code, answer = control_room.post("api/cameras/1/key", key="<script>")
    assert code == 400
    assert "unknown key" in answer["error"]


def held(served: ServedRoom) -> bool:
    sim = served.camera.session.transport.camera  # type: ignore[attr-defined]
    return "shoot_half" in sim.state.keys_held


def wait_until(served: ServedRoom, value: bool) -> None:
    step = threading.Event()
    for _ in range(WAIT * 100):
        if held(served) is value:
            return
        step.wait(0.01)
    raise AssertionError(f"the half press is not {value}")


def test_half_press_is_held_until_it_is_let_go(control_room: ServedRoom) -> None:
    for _ in range(3):
        control_room.done("api/cameras/1/half", on=True)
        wait_until(control_room, True)
    assert control_room.get("api/cameras/1")["half"]
    control_room.done("api/cameras/1/half", on=False)
    wait_until(control_room, False)
    control_room.done("api/cameras/1/half", on=False)


def test_half_press_ends_when_its_page_is_silent(
    control_room: ServedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chdkshell.page.halfpress.SILENCE_SECONDS", 0.3)
    listener = Listener(control_room)
    control_room.done("api/cameras/1/half", on=True)
    wait_until(control_room, True)
    listener.until("state", "half", True)
    wait_until(control_room, False)
    listener.until("state", "half", False)
    listener.close()
    control_room.done("api/cameras/1/shoot")


def test_shot_from_half_pressed(control_room: ServedRoom, tmp_path: Path) -> None:
    control_room.done("api/cameras/1/half", on=True)
    wait_until(control_room, True)
    shot = control_room.done("api/cameras/1/shoot")
    control_room.lua(
        f"for i = 1, 500 do if os.stat('{shot['files'][0]}') then break end sleep(10) end"
    )
    assert (tmp_path / "card" / shot["files"][0].removeprefix("A/")).is_file()
    wait_until(control_room, False)
    control_room.done("api/cameras/1/half", on=True)
    control_room.done("api/cameras/1/settings", zoom=2)
    assert control_room.lua("return get_zoom()") == 2, "another call ends the half press"
    assert not held(control_room)


def test_a_shot_from_half_pressed_that_takes_long_is_one_shot(
    control_room: ServedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chdkshell.page.halfpress.SILENCE_SECONDS", 1000.0)
    sim = control_room.camera.session.transport.camera  # type: ignore[attr-defined]
    control_room.done("api/cameras/1/half", on=True)
    wait_until(control_room, True)
    sim.state.set_prop(Prop.TIMER_MODE, 1)  # 10 seconds, and the exposure
    sim.state.clock.speed = 20
    shot = control_room.done("api/cameras/1/shoot")
    assert sim.state.shots == 1
    assert shot["number"] == sim.state.exposure_count


def test_state_is_told_as_it_changes(control_room: ServedRoom) -> None:
    listener = Listener(control_room)
    assert listener.next("room")[1]["cameras"][0]["model"] == control_room.camera.model
    control_room.done("api/cameras/1/settings", zoom=4)
    while True:
        look = listener.next("state")[1]["look"]
        if look and look["zoom"] == 4:
            break
    assert look["record"] is True
    assert look["modes"] == ["AUTO", "P", "TV", "AV", "M"]
    assert look["zoom_steps"] > 4
    control_room.post("api/controls", name="the tablet")
    assert listener.next("holder")[1] == {"name": "the tablet"}
    assert listener.next("beat", "state")
    listener.close()
