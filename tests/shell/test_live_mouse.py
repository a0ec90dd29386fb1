"""The mouse in the viewfinder: what is clicked on, the wheel, and that it is given back."""

# needs: POSIX

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from support.live_terminal import LiveTerminal

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer


def start(folder: Path, *lines: str) -> LiveTerminal:
    """Run `live` on a simulated camera in record mode whose card is `folder`/card."""
    (folder / "card").mkdir()
    line = ("-r", "--device", "sim:card=card", "-e", "luar switch_mode_usb(1) sleep(200)")
    commands = [word for line in ("live", *lines) for word in ("-e", line)]
    return LiveTerminal(*line, *commands, home=folder)


def pictures(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "card").rglob("*.JPG"))


def test_words_of_the_last_line_are_keys_and_no_single_click_shoots(tmp_path: Path) -> None:
    with start(tmp_path) as session:
        session.wait(lambda: "? help" in session.status and "#0" in session.status, "status line")
        session.resize(24, 120)
        session.wait(lambda: "space shoot" in session.status and "REC" in session.status, "hints")
        assert session.is_mouse_on
        session.click("space shoot")
        session.wait(lambda: "half  space shoots, H lets go" in session.status, "half press")
        assert "#0" in session.status
        assert not pictures(tmp_path)
        session.click("H lets go")
        session.wait(lambda: "released" in session.status, "release")
        session.wait(lambda: "space shoot  " in session.status, "hints")
        session.click("space shoot")
        session.wait(lambda: "half  space shoots, H lets go" in session.status, "half press")
        session.click("space shoots")
        session.wait(lambda: "#1" in session.status, "counter of pictures")
        assert pictures(tmp_path) == ["IMG_0001.JPG"]
        session.wait(lambda: "+- zoom" in session.status, "hints")
        session.click("+- zoom")
        session.wait(lambda: "zoom 1" in session.status, "zoom")
        session.wait(lambda: "? help" in session.status, "hints")
        session.click("? help")
        session.wait_for("any key goes back")
        session.click("any key goes back")
        session.wait_without("any key goes back")
        session.wait(lambda: "q quit" in session.status, "hints")
        session.click("q quit")
        assert session.wait_end() == 0
        session.assert_restored()
        assert pictures(tmp_path) == ["IMG_0001.JPG"]


def test_wheel_zooms_and_a_click_in_the_picture_focuses(tmp_path: Path) -> None:
    with start(tmp_path) as session:
        session.wait(lambda: "zoom 0" in session.status, "status line")
        session.type("\x1b[<64;40;10M")
        session.wait(lambda: "zoom 1" in session.status, "zoom")
        session.type("\x1b[<65;40;10M")
        session.wait(lambda: "zoom 0" in session.status, "less zoom")
        # Pressed here and let go there, another button, and what is no report: nothing at all.
        session.type("\x1b[<0;40;10M\x1b[<0;41;10m\x1b[<2;40;10M\x1b[<2;40;10m\x1b[<0;9m\x1b[M !!")
        session.type("\x1b[<16;40;10M\x1b[<16;40;10m")
        session.wait(lambda: "focused" in session.status, "half-press")
        # In a line that is typed the mouse writes nothing.
        session.type(":ab\x1b[<0;3;24M\x1b[<0;3;24m\x1b[<64;3;4Mc")
        session.wait(lambda: session.status == ":abc_", "what is typed")
        session.type("\x1bq")
        assert session.wait_end() == 0
    assert not pictures(tmp_path)


def test_a_command_has_the_terminal_without_the_mouse(tmp_path: Path) -> None:
    with start(tmp_path) as session:
        session.wait(lambda: "REC" in session.status, "status line")
        session.type(":luar return 6*7\r")
        session.wait_for("any key")
        assert not session.is_mouse_on
        session.type("x")
        session.wait(lambda: "done: luar" in session.status, "view")
        assert session.is_mouse_on
        session.type("q")
        assert session.wait_end() == 0
        session.assert_restored()


@pytest.mark.parametrize("end", ["Ctrl-C", "SIGTERM", "SIGHUP"])
def test_however_it_ends_the_mouse_is_given_back(tmp_path: Path, end: str) -> None:
    with start(tmp_path) as session:
        session.wait(lambda: "REC" in session.status, "status line")
        assert session.is_mouse_on
        if end == "Ctrl-C":
            session.type("\x03")
        else:
            os.kill(session.child.pid, getattr(signal, end))
        session.wait_end()
        session.assert_restored()


def test_where_the_camera_goes_away_the_mouse_is_given_back(tmp_path: Path) -> None:
    camera = SimCamera()
    with IpServer(camera, port=0) as server:
        session = LiveTerminal("-r", "--device", server.address, "-e", "live", home=tmp_path)
        session.wait(lambda: "PLAY" in session.status, "status line")
        assert session.is_mouse_on
    camera.close()
    with session:
        assert session.wait_end() == 1
        session.assert_restored()
