"""The last pictures beside the viewfinder: which are shown, where, and what is no thumbnail."""

# needs: POSIX

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.live_terminal import LiveTerminal

import chdkshell
from chdkshell.camera import Camera
from chdkshell.shell.viewing.cameraactions import Action, CameraActions
from chdkshell.shell.viewing.lastpictures import MOST_SHOWN, PIECE, LastPictures

ALONE = (9, 69, 0, 22)
"""Where the picture of a screen is that has 80x24 characters to itself."""


def start(folder: Path, size: tuple[int, int] = (24, 80)) -> LiveTerminal:
    (folder / "card").mkdir()
    line = ("-r", "--device", "sim:card=card", "-e", "luar switch_mode_usb(1) sleep(200)")
    return LiveTerminal(*line, "-e", "live", home=folder, size=size)  # type: ignore[arg-type]


def below(session: LiveTerminal) -> list[str]:
    """Return the names that stand below the thumbnails."""
    return [name for line in session.lines[6:23:7] if (name := line[65:].strip())]


def test_shots_appear_beside_the_picture_and_a_key_hides_them(tmp_path: Path) -> None:
    with start(tmp_path) as session:
        session.wait(lambda: "#0" in session.status and session.blocks() == ALONE, "view")
        names = [f"IMG_{number:04d}.JPG" for number in range(1, 5)]
        for number in range(1, 5):
            session.type(" ")
            shown = list(reversed(names[:number]))[:MOST_SHOWN]
            session.wait(lambda shown=shown: below(session) == shown, str(shown))  # type: ignore[misc]
        session.wait(lambda: session.blocks()[1] == 79, "thumbnails")

        def right() -> set[tuple[str, str]]:
            return {cell for row in session.colours()[:6] for cell in row[65:80]}

        session.wait(lambda: len(right()) > 20, "the thumbnail")
        session.wait(lambda: "fps" in session.status, "whole screen")
        left = [x for row in session.lines[:23] for x, sign in enumerate(row[:65]) if sign == "▀"]
        assert (min(left), max(left)) == (1, 61), "the picture has the rest of the window"
        session.type("p")
        session.wait(lambda: session.blocks() == ALONE and "without the last" in session.status)
        session.type("p")
        session.wait(lambda: names[-1] in session.lines[6], "the last pictures")
        session.resize(20, 80)
        session.wait(lambda: "fps" in session.status and "IMG_" not in session.text, "no room")
        session.resize(40, 120)
        session.wait(lambda: session.text.count("IMG_") == MOST_SHOWN, "room")
        session.type("q")
        assert session.wait_end() == 0
        session.assert_restored()


@pytest.mark.slow
def test_a_kitty_terminal_gets_them_as_pictures_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    line = ("-r", "--device", "sim:card=card", "-e", "luar switch_mode_usb(1) sleep(200)")
    with LiveTerminal(*line, "-e", "live", home=tmp_path, kind="kitty") as session:
        session.wait(lambda: "#0" in session.raw, "status line")
        session.type(" ")
        picture = "\x1b_Ga=T,q=2,f=24,o=z,s=150,v=112,C=1,c=15,r=6,"
        session.wait(lambda: "IMG_0001.JPG" in session.raw and picture in session.raw, "picture")
        session.type("q")
        assert session.wait_end() == 0


# ---- without a terminal ------------------------------------------------------------------------


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[Camera]:
    with chdkshell.connect(f"sim:card={tmp_path}") as camera:
        camera.mode = "record"
        yield camera


def count(camera: Camera) -> int:
    number = camera.lua("return get_exp_count()")
    assert isinstance(number, int)
    return number


def run(actions: CameraActions) -> None:
    """Let the actions that are asked for come to their end."""
    while actions.busy:
        actions.step()


def begun(camera: Camera, actions: CameraActions) -> LastPictures:
    """Return last pictures that know which file the one is that was taken since."""
    last = LastPictures(actions)
    last.ask(0.0, count(camera))
    assert not actions.busy, "what was there before is not asked for"
    camera.shoot()
    last.ask(1.0, count(camera))
    run(actions)
    return last


@pytest.mark.parametrize(
    "data",
    [
        b"no picture at all" * 1000,
        b"",
        b"\xff\xd8\xff\xe0\0\x10JFXX\0\x10no JPEG",
        b"\xff\xd8" * 99,
    ],
)
def test_what_is_no_thumbnail_is_a_name(tmp_path: Path, camera: Camera, data: bytes) -> None:
    actions = CameraActions(camera.scripts)
    last = begun(camera, actions)
    (file,) = tmp_path.rglob("*.JPG")
    file.write_bytes(data)
    now = 1.0
    while not last.shown:
        last.ask(now := now + 1, count(camera))
        run(actions)
    (picture,) = last.shown
    assert picture.name == file.name
    assert picture.thumbnail is None


def test_pieces_are_small_and_wait_for_whatever_else_is_to_do(
    camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    actions = CameraActions(camera.scripts)
    submit = actions.submit

    def note(action: Action) -> bool:
        asked.append(action.code)
        return submit(action)

    last = begun(camera, actions)
    monkeypatch.setattr(actions, "submit", note)
    key = Action("return 1", lambda values: None, lambda error: None)
    submit(key)
    last.ask(2.0, count_now := count(camera) + 1)
    assert not asked, "the key comes first"
    run(actions)
    now = 2.0
    while not last.shown:
        last.ask(now := now + 1, count_now)
        run(actions)
    assert last.shown[0].thumbnail is not None
    assert last.shown[0].thumbnail.shape == (120, 160, 3)
    assert asked
    assert all(code.endswith(f",{PIECE})") and "viewfinder_read" in code for code in asked)
