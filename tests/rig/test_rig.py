"""Several cameras as one: names, numbers, calls on all of them, and one that drops off."""

from __future__ import annotations

import threading

import pytest
from support.sim_rig import addresses, behind

from chdkshell.camera import Camera
from chdkshell.errors import ChdkShellError, ConnectError, NotConnectedError, UsageError
from chdkshell.rig.rig import Rig
from chdkshell.rig.selection import chosen

KNOWN = [(1, "left"), (2, "right"), (3, ""), (5, "top-2"), (6, "")]


@pytest.mark.parametrize(
    ("selection", "numbers"),
    [
        ("all", [1, 2, 3, 5, 6]),
        ("left,right", [1, 2]),
        ("right,left", [1, 2]),
        ("3", [3]),
        ("1,4-6", [1, 5, 6]),
        ("^3", [1, 2, 5, 6]),
        ("^left,5-6", [2, 3]),
        ("top-2", [5]),
        ("1,1,left", [1]),
    ],
)
def test_selections(selection: str, numbers: list[int]) -> None:
    assert chosen(selection, KNOWN) == numbers


@pytest.mark.parametrize(
    "selection",
    [
        "",
        "4",
        "middle",
        "6-1",
        "7-9",
        "^all",
        "left,",
        "1 2",
        "^1-9",
        "-3",
        "1-",
        "*",
        "0",
        "l\x1b",
    ],
)
def test_what_is_no_selection_of_a_camera(selection: str) -> None:
    with pytest.raises(UsageError) as raised:
        chosen(selection, KNOWN)
    assert "\x1b" not in str(raised.value)


@pytest.mark.parametrize("name", ["all", "", "1", "2left", "-a", "a b", "a,b", "é", "a/b"])
def test_what_is_no_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (address,) = addresses(monkeypatch, 1)
    with pytest.raises(UsageError):
        Rig.connect({name: address})


def test_each_gives_results_and_errors_and_leaves_none_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Rig.connect(addresses(monkeypatch)) as rig:
        rig.name(rig.members[1], "middle")

        def serial(camera: Camera) -> object:
            if camera.serial == "S2":
                return camera.lua("error('no')")
            return camera.lua("return 7")

        came = rig.each(serial)
        assert came.results == {"1": 7, "3": 7}
        assert list(came.errors) == ["middle"]
        assert came.summary.startswith("2 of 3 ok; middle: ")
        assert came["1"] == 7
        with pytest.raises(ChdkShellError):
            came["middle"]
        with pytest.raises(ExceptionGroup) as raised:
            came.check()
        assert [type(e) for e in raised.value.exceptions] == [type(came.errors["middle"])]
        assert "camera middle" in raised.value.exceptions[0].__notes__


def test_each_calls_all_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with Rig.connect(addresses(monkeypatch)) as rig:
        together = threading.Barrier(3, timeout=60)
        assert len(rig.each(lambda _: together.wait()).results) == 3


def test_what_is_no_error_of_a_camera_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    with Rig.connect(addresses(monkeypatch, 2)) as rig:

        def stop(camera: Camera) -> None:
            raise SystemExit(3)

        with pytest.raises(SystemExit):
            rig.each(stop)


def test_one_that_cannot_be_connected_lets_the_others_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = addresses(monkeypatch, 2)
    opened: list[Camera] = []
    before = Camera.__init__

    def noted(self: Camera, *args: object, **kwargs: object) -> None:
        before(self, *args, **kwargs)  # type: ignore[arg-type]
        opened.append(self)

    monkeypatch.setattr(Camera, "__init__", noted)
    with pytest.raises(ExceptionGroup) as raised:
        Rig.connect([*good, "ip:127.0.0.1:1"])
    (error,) = raised.value.exceptions
    assert isinstance(error, ConnectError)
    assert "at ip:127.0.0.1:1" in error.notes
    assert len(opened) == 2
    assert not any(camera.is_connected for camera in opened)


def test_names_numbers_and_what_files_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    with Rig.connect(addresses(monkeypatch)) as rig:
        first, second, third = rig.members
        rig.name(first, "left")
        assert rig["left"] is rig["1"] is rig[1] is first.camera
        assert list(rig) == ["left", "2", "3"]
        assert first.camera.naming.values()["camera"] == "left"
        assert (second.camera.naming.label, second.camera.naming.number) == ("2", 2)
        with pytest.raises(UsageError):
            rig.name(second, "left")
        rig.swap(first, second)
        assert rig["left"] is second.camera
        assert (first.label, first.number, second.number) == ("2", 2, 1)
        assert first.camera.naming.label == "2"
        rig.drop(third.camera)
        assert third.camera.is_connected
        with pytest.raises(KeyError):
            rig["3"]
        assert rig.add(third.camera).number == 3


def test_one_that_drops_off_is_told_and_takes_part_again(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    back = threading.Event()
    may_come = threading.Event()

    def listen(text: str) -> None:
        told.append(text)
        if text.endswith("is back"):
            back.set()

    reconnect = Camera.reconnect

    def later(self: Camera, *args: object, **kwargs: object) -> None:
        may_come.wait(60)
        reconnect(self, *args, **kwargs)  # type: ignore[arg-type]

    with Rig.connect(addresses(monkeypatch), listener=listen) as rig:
        monkeypatch.setattr(Camera, "reconnect", later)
        behind(rig["2"]).times_off += 1
        came = rig.each(lambda camera: camera.lua("return 1"))
        assert came.results == {"1": 1, "3": 1}
        assert told == [f"2: the camera is gone: {came.errors['2']}; it is looked for"]
        again = rig.each(lambda camera: camera.lua("return 2"))
        assert again.results == {"1": 2, "3": 2}
        assert isinstance(again.errors["2"], NotConnectedError)
        may_come.set()
        assert back.wait(60)
        assert len(rig.each(lambda camera: camera.lua("return 3")).results) == 3
        assert rig.news() == told
        assert rig.news() == []


def test_what_breaks_the_wait_off_breaks_the_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    with Rig.connect(addresses(monkeypatch, 2)) as rig:
        called, go_on = threading.Event(), threading.Event()

        def hang(camera: Camera) -> None:
            called.set()
            go_on.wait(60)

        def press(*args: object, **kwargs: object) -> bool:
            called.wait(60)
            raise KeyboardInterrupt

        monkeypatch.setattr("chdkshell.rig.together.waits.until", press)
        monkeypatch.setattr("chdkshell.rig.together.waits.ended", lambda *_: go_on.set())
        with pytest.raises(KeyboardInterrupt):
            rig.each(hang)
        assert not any(member.camera.is_connected for member in rig.members)
