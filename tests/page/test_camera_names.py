"""Names of cameras in the control room: those of the rig, or else their models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.control_room import Listener, ServedRoom, serving

import chdkshell
from chdkshell.page.room import ControlRoom, RoomOptions
from chdkshell.rig.roster import Roster


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[ServedRoom]:
    """Two cameras."""
    with serving(tmp_path / "card", RoomOptions(allowlua=True), cameras=2) as served:
        yield served


def names(served: ServedRoom) -> list[str]:
    return [camera["name"] for camera in served.get("api/state")["cameras"]]


def test_a_camera_has_its_model_until_it_is_named(pair: ServedRoom) -> None:
    model = pair.camera.model
    assert names(pair) == [model, model]
    answer = pair.done("api/cameras/2/name", name="left")
    assert (answer["camera"], answer["name"], answer["model"]) == (2, "left", model)
    assert names(pair) == [model, "left"]
    assert [member.name for member in pair.room.roster.members] == ["", "left"]
    pair.done("api/cameras/2/name")
    assert names(pair) == [model, model]


@pytest.mark.parametrize("name", ["all", "1", "-x", "a b", "<b>x</b>", "\u00e4", "a\n"])
def test_a_name_is_one_that_the_rig_takes(pair: ServedRoom, name: str) -> None:
    pair.done("api/cameras/1/name", name="left")
    code, answer = pair.post("api/cameras/1/name", name=name)
    assert code == 400
    assert "is no name for a camera" in answer["error"]
    assert names(pair)[0] == "left"


def test_names_are_there_once(pair: ServedRoom) -> None:
    pair.done("api/cameras/1/name", name="left")
    pair.done("api/cameras/1/name", name="left")
    code, answer = pair.post("api/cameras/2/name", name="left")
    assert (code, answer["error"]) == (400, "another camera is called left")
    assert names(pair)[1] == pair.camera.model


def test_a_name_is_told_and_stands_in_what_is_told(pair: ServedRoom) -> None:
    listener = Listener(pair)
    pair.done("api/cameras/1/name", name="left")
    assert listener.until("state", "camera", 1)["name"] == "left"
    told: list[tuple[str, Any]] = []
    pair.done("api/cameras/1/shoot")
    told.append(listener.next("shot"))
    pair.done("api/cameras/1/sequence", kind="interval", shots=1)
    told.append(listener.next("sequence"))
    pair.done("api/cameras/1/lua", code="return 1")
    told.append(listener.next("script"))
    listener.close()
    assert [(kind, each["camera"], each["name"]) for kind, each in told] == [
        ("shot", 1, "left"),
        ("sequence", 1, "left"),
        ("script", 1, "left"),
    ]


def test_numbers_and_names_are_those_of_the_rig() -> None:
    cameras = [chdkshell.connect("sim:") for _ in range(3)]
    try:
        roster = Roster()
        for camera, number, name in zip(cameras, (4, 2, 7), ("left", "", "top"), strict=True):
            roster.add(camera, name, number)
        room = ControlRoom([cameras[2], cameras[1]], RoomOptions(), roster)
        assert [station.number for station in room.stations] == [7, 2]
        assert [station.name for station in room.stations] == ["top", cameras[1].model]
        assert room.station(7).camera is cameras[2]
    finally:
        for camera in cameras:
            camera.close()
