"""The viewfinder in the terminal: what it shows, its keys, and that it leaves all as it was."""

# needs: POSIX

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.live_terminal import LiveTerminal
from support.shell_process import environment, program, run
from support.timeouts import TIMEOUT

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer


def start(folder: Path, *switches: str, kind: str = "plain", **settings: str) -> LiveTerminal:
    """Run `live` on a simulated camera in record mode whose card is `folder`/card."""
    (folder / "card").mkdir(exist_ok=True)
    line = ("-r", "--device", "sim:card=card", "-e", "luar switch_mode_usb(1) sleep(200)")
    view = f"live {' '.join(switches)}".strip()
    return LiveTerminal(*line, "-e", view, home=folder, kind=kind, **settings)


def pictures(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "card").rglob("*.JPG"))


def test_picture_moves_and_q_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    with start(tmp_path) as session:
        status = r"\d\.\d fps  REC  1/\d+ f/\d\.\d ISO \d+  zoom 0  #0"
        session.wait(lambda: re.search(status, session.status), "status line")
        first = session.colours()
        session.wait(lambda: session.colours() != first, "picture that moves")
        # 61 by 23 characters, each twice as high as wide, have the shape of the screen: 4 to 3.
        assert session.blocks() == (9, 69, 0, 22)
        session.type("q")
        assert session.wait_end() == 0
        session.assert_restored()


def test_keys_act_on_the_camera(tmp_path: Path) -> None:
    with start(tmp_path, "-bm") as session:
        session.wait(lambda: "#0" in session.status, "status line")
        session.type(" ")
        session.wait(lambda: "#1" in session.status, "counter of pictures")
        assert pictures(tmp_path) == ["IMG_0001.JPG"]
        session.type("+")
        session.wait(lambda: "zoom 1" in session.status, "zoom")
        session.type("=")
        session.wait(lambda: "zoom 2" in session.status, "more zoom")
        session.type("-")
        session.wait(lambda: "zoom 1" in session.status, "less zoom")
        session.type("h")
        session.wait(lambda: "focused" in session.status, "half-press")
        session.type("\x1b[A")
        session.wait(lambda: "clicked up" in session.status, "arrow")
        session.type("\r")
        session.wait(lambda: "clicked set" in session.status, "Enter")
        session.type("m")
        session.wait(lambda: "clicked menu" in session.status, "menu")
        session.type("r")
        session.wait(lambda: "PLAY" in session.status, "play mode")
        session.type(" ")
        session.wait(lambda: "r switches to record mode" in session.status, "refusal")
        assert pictures(tmp_path) == ["IMG_0001.JPG"]
        session.type("q")
        assert session.wait_end() == 0


def test_overlay_is_switched_and_a_frame_is_saved(tmp_path: Path) -> None:
    with start(tmp_path) as session:
        session.wait(lambda: "▀" in session.text and "REC" in session.status, "picture")
        plain = session.brightness(0)
        session.type("o")
        # The overlay darkens the top of the picture.
        session.wait(lambda: session.brightness(0) < 0.8 * plain, "overlay")
        session.type("s")
        session.wait(lambda: "saved screen_" in session.status, "saved frame")
        session.type("o")
        session.wait(lambda: session.brightness(0) > 0.9 * plain, "picture without overlay")
        session.type("\x03")
        assert session.wait_end() == 130
        (name,) = (path.name for path in tmp_path.glob("screen_*.png"))
        assert session.raw.rstrip().endswith(name)
    with Image.open(tmp_path / name) as image:
        assert image.size == (720, 540)
        corner = image.crop((300, 5, 320, 15)).convert("L")
        assert np.asarray(corner).max() < 0.8 * plain


def test_picture_follows_the_window(tmp_path: Path) -> None:
    with start(tmp_path) as session:
        session.wait(lambda: "REC" in session.status, "status line")
        session.resize(30, 40)
        wanted = (0, 39, 7, 21)
        session.wait(lambda: session.blocks() == wanted and "fps" in session.status, "smaller one")
        session.type("q")
        assert session.wait_end() == 0
        session.assert_restored()


@pytest.mark.parametrize(
    ("kind", "shows"),
    [
        ("kitty", r"\x1b_Ga=T,q=2,f=24,o=z,s=\d+,v=\d+,i=\d,C=1,c=61,r=23,m=1;"),
        ("sixel", r'\x1bP0;1;0q"1;1;\d+;\d+#0;2;0;0;0#1;'),
    ],
)
def test_terminal_with_pictures_gets_pictures(tmp_path: Path, kind: str, shows: str) -> None:
    with start(tmp_path, kind=kind) as session:
        session.wait(lambda: len(re.findall(shows, session.raw)) > 2, "pictures")
        assert "▀" not in session.raw
        session.type("q")
        assert session.wait_end() == 0
        session.assert_restored()


def test_blocks_can_be_asked_for(tmp_path: Path) -> None:
    with start(tmp_path, "-blocks", kind="kitty") as session:
        session.wait(lambda: "▀" in session.text, "half blocks")
        session.type("q")
        assert session.wait_end() == 0


def test_keys_typed_before_the_view_are_not_lost(tmp_path: Path) -> None:
    with start(tmp_path, kind="mute") as session:
        session.wait(lambda: "\x1b[c" in session.raw, "question")
        session.type("q\x1b[?62c")
        assert session.wait_end() == 0
        session.assert_restored()


def test_terminal_of_256_colours(tmp_path: Path) -> None:
    with start(tmp_path, COLORTERM="") as session:
        session.wait(lambda: "▀" in session.text, "picture")
        assert re.search(r"\x1b\[38;5;\d+;48;5;\d+m", session.raw)
        assert "\x1b[38;2;" not in session.raw
        session.type("q")
        assert session.wait_end() == 0


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, -15), (signal.SIGHUP, -1), (signal.SIGINT, 130)]
)
def test_signal_ends_it_and_restores_the_terminal(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    with start(tmp_path) as session:
        session.wait(lambda: "REC" in session.status, "status line")
        os.kill(session.child.pid, number)
        assert session.wait_end() == status
        session.assert_restored()
        assert "Traceback" not in session.raw


def test_camera_that_goes_away_ends_it_with_an_error(tmp_path: Path) -> None:
    camera = SimCamera()
    server = IpServer(camera, port=0)
    with server:
        session = LiveTerminal("-r", "--device", server.address, "-e", "live", home=tmp_path)
        session.wait(lambda: "PLAY" in session.status, "status line")
    camera.close()
    with session:
        assert session.wait_end() == 1
        session.assert_restored()
        assert "ERROR: " in session.raw[session.raw.rindex("\x1b[?1049l") :]


def test_ctrl_c_leaves_a_camera_that_hangs(tmp_path: Path) -> None:
    camera = SimCamera()
    with IpServer(camera, port=0) as server:
        line = ("-r", "-e", "set silence=600", "--device", server.address, "-e", "live")
        with LiveTerminal(*line, home=tmp_path) as session:
            session.wait(lambda: "PLAY" in session.status, "status line")
            with camera.responder._lock:
                # The first asks the camera to end the transaction, the second gives it up. Two that
                # come while the program has no time to look are one, so they are pressed again.
                press_until_the_end(session, "\x03")
                assert session.wait_end() == 130
            session.assert_restored()
            assert "Traceback" not in session.raw
    camera.close()


def press_until_the_end(session: LiveTerminal, key: str) -> None:
    """Press a key once a second, until the program has ended."""
    end = time.monotonic() + TIMEOUT
    due = 0.0
    while session.feed(0.05):
        now = time.monotonic()
        assert now < end, "it does not end"
        if now >= due:
            session.type(key)
            due = now + 1


def test_command_runs_between_frames(tmp_path: Path) -> None:
    with start(tmp_path) as session:
        session.wait(lambda: "REC" in session.status, "status line")
        session.type(":luar return 6 * 8x")
        session.wait(lambda: session.status == ":luar return 6 * 8x_", "what is typed")
        session.type("\x7f\r")
        session.wait(lambda: "any key" in session.text, "end of the command")
        output = session.raw.rpartition("\x1b[?1049l")[2]
        assert "48" in output
        session.type("x")
        session.wait(lambda: "done: luar return 6 * 8" in session.status, "view")
        session.wait(lambda: "REC" in session.status and "▀" in session.lines[0], "picture")
        session.type(":ls nowhere\r")
        session.wait(lambda: session.raw.count("any key") == 2, "end of the command")
        session.type("x")
        session.wait(lambda: "failed: ls nowhere" in session.status, "view")
        # A command line that is given up: q is a letter in it, and leaves the view after it.
        session.type(":q\x7f\x7f")
        session.wait(lambda: "REC" in session.status, "status line")
        session.type(":disconnect\r")
        session.wait(lambda: session.raw.count("any key") == 3, "end of the command")
        session.type("x")
        assert session.wait_end() == 1
        session.assert_restored()


def test_script_of_the_user_goes_on(tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    line = ("-r", "--device", "sim:card=card", "-e", "lua write_usb_msg('mine') sleep(60000)")
    with LiveTerminal(*line, "-e", "live", "-e", "getm", home=tmp_path) as session:
        session.wait(lambda: "fps" in session.status, "picture")
        session.type(" ")
        session.wait(lambda: "a script is already running" in session.status, "refusal")
        session.type("q")
        assert session.wait_end() == 0
        assert "mine" in session.raw[session.raw.rindex("\x1b[?1049l") :]


def test_without_a_terminal_it_says_what_to_use(tmp_path: Path) -> None:
    done = run("-r", "--sim", "-e", "live")
    assert done.returncode == 1
    assert "live needs a terminal; `lvdumpimg`" in done.stderr


# ---- in tmux: a terminal that other people wrote ------------------------------------------------


def test_in_tmux(tmp_path: Path, peer: Callable[[str], str]) -> None:
    tmux = [peer("tmux"), "-f", "/dev/null", "-S", str(tmp_path / "socket")]

    def ask(*arguments: str) -> str:
        done = subprocess.run(
            [*tmux, *arguments], capture_output=True, encoding="utf-8", check=True, timeout=TIMEOUT
        )
        return done.stdout

    def wait(condition: Callable[[str], object]) -> str:
        end = time.monotonic() + TIMEOUT
        while not condition(screen := ask("capture-pane", "-p", "-e")):
            assert time.monotonic() < end, screen
        return screen

    def last_line(screen: str) -> str:
        return screen.rstrip("\n").splitlines()[-1]

    (tmp_path / "card").mkdir()
    view = " ".join([*program(), "-r", "--device", "sim:card=card", "-e", "live"])
    subprocess.run(
        [*tmux, "new-session", "-d", "-x", "100", "-y", "30", "-c", str(tmp_path), "sh"],
        env=environment(
            PS1="$ ",
            TERM="xterm-256color",
            LC_ALL="C.UTF-8",
            COLORTERM="truecolor",
            CHDKSHELL_HOME=str(tmp_path / "home"),
        ),
        check=True,
        timeout=TIMEOUT,
    )
    try:
        ask("send-keys", view, "Enter")
        first = wait(lambda screen: "▀" in screen and "PLAY" in last_line(screen))
        assert re.search(r"\x1b\[38;(2|5);", first)
        assert ask("display", "-p", "#{alternate_on}#{cursor_flag}").strip() == "10"
        ask("send-keys", "r")
        wait(lambda screen: "REC" in last_line(screen))
        moving = wait(lambda screen: "▀" in screen)
        wait(lambda screen: screen.splitlines()[:20] != moving.splitlines()[:20])
        ask("send-keys", "Space")
        wait(lambda screen: "#1" in last_line(screen))
        assert pictures(tmp_path) == ["IMG_0001.JPG"]
        ask("resize-window", "-x", "60", "-y", "20")
        small = wait(lambda screen: widest_row(screen) == 51 and "fps" in last_line(screen))
        assert sum("▀" in line for line in small.splitlines()) == 19
        ask("send-keys", "q")
        wait(lambda screen: "▀" not in screen)
        assert ask("display", "-p", "#{alternate_on}#{cursor_flag}").strip() == "01"
        ask("send-keys", "stty -a", "Enter")
        assert re.search(r"[ ;]echo[ ;]", wait(lambda screen: "icanon" in screen))

        # left to the prompt, too, which goes on
        ask("send-keys", " ".join([*program(), "-r", "--sim"]), "Enter")
        wait(lambda screen: "con>" in ask("capture-pane", "-p"))
        ask("send-keys", "live", "Enter")
        wait(lambda screen: "▀" in screen and "PLAY" in last_line(screen))
        ask("send-keys", "q")
        wait(lambda screen: "▀" not in screen and "con" in screen)
        ask("send-keys", "luar return 40 + 2", "Enter")
        wait(lambda screen: ":return:42" in ask("capture-pane", "-p"))
    finally:
        ask("kill-server")


def widest_row(screen: str) -> int:
    """Return how many half blocks the fullest row of the screen has."""
    return max(line.count("▀") for line in screen.splitlines())
