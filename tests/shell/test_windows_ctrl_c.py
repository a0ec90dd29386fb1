"""Ctrl-C, Ctrl-Break and a window that is closed as if on Windows, where no signal ends a wait."""

# needs: POSIX

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support import fake_windows
from support.ended_program import Desk, new_desk
from support.fake_windows import environment_there, long_waits
from support.fake_windows.system import BREAK
from support.timeouts import TIMEOUT

INTERRUPTED, CLOSED = 130, 0x3A
CLOSING = signal.SIGUSR1

Moment = Callable[[Desk], bool]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with new_desk(tmp_path, monkeypatch, speed=1) as made:
        yield made
    signal.signal(signal.SIGINT, before)


@contextmanager
def running(desk: Desk, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run the program there, in the desk's folder, with its streams as pipes."""
    notes = desk.folder.parent
    with (notes / "output").open("wb") as output:
        child = subprocess.Popen(
            [*fake_windows.program(), *arguments],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            cwd=desk.folder,
            env=environment_there(FAKE_WAITS=str(notes / "waits"), FAKE_STEPS=str(notes / "steps")),
        )
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        assert child.stdin
        child.stdin.close()


def output(desk: Desk) -> str:
    """Return what the program has said so far."""
    return (desk.folder.parent / "output").read_text("utf-8")


def wait(seen: Callable[[], object]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def waits_on(desk: Desk) -> bool:
    """Whether the program waits in steps since a moment ago."""
    steps = desk.folder.parent / "steps"
    before = steps.stat().st_size if steps.exists() else 0
    time.sleep(0.5)
    return steps.exists() and steps.stat().st_size > before


def end(desk: Desk, child: subprocess.Popen[str], number: int, moment: Moment) -> None:
    """Send a signal when the time has come and the program waits, and wait for its end."""
    wait(lambda: moment(desk) and waits_on(desk))
    child.send_signal(number)
    child.wait(TIMEOUT)
    assert "Traceback" not in output(desk)
    assert long_waits(desk.folder.parent / "waits") == []


def has_picture(desk: Desk) -> bool:
    return bool(list(desk.folder.rglob("*.jpg")))


def runs(desk: Desk) -> bool:
    return desk.camera.scripts.running


def half_pressed(desk: Desk) -> bool:
    return "shoot_half" in desk.camera.state.keys_held


def has_read(desk: Desk) -> bool:
    return (desk.folder / "read").exists()


def always(desk: Desk) -> bool:
    return True


WAITS: list[tuple[str, Moment]] = [
    ("rcapture -shots=3 -int=600", has_picture),
    ("watch 600 luar return 1", always),
    ("watch 600 luar press('shoot_half') sleep(10000000)", half_pressed),
    ("luar press('shoot_half') sleep(10000000)", half_pressed),
    ("lvserve -port=0", always),
    ("serve -port=0", always),
    ("lvdump -count=3 -wait=600000 frames", lambda desk: bool(list(desk.folder.glob("frames*")))),
    ("lvdumpimg -vp='cat >ppm; touch read; exec sleep 600' -pipevp=oneproc", has_read),
    ("lvdumpimg -vp='touch read; exec sleep 600' -pipevp", has_read),
    ("rsint", half_pressed),
    ("rsint -pipe='exec sleep 600'", half_pressed),
    ("repl", runs),
]
"""A command, and when it waits."""

QUICK = ("rcapture -shots=3 -int=600", "rsint -pipe='exec sleep 600'")


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        pytest.param(*wait, id=wait[0], marks=[] if wait[0] in QUICK else pytest.mark.slow)
        for wait in WAITS
    ],
)
def test_ctrl_c_ends_a_command_that_waits(desk: Desk, line: str, moment: Moment) -> None:
    with running(desk, "-r", "--device", desk.address, "-e", line, "-e", "mkdir A/AFTER") as child:
        end(desk, child, signal.SIGINT, moment)
        assert child.returncode == INTERRUPTED
    (desk.folder / "frames").unlink(missing_ok=True)
    desk.check_in_order(seconds=5)
    assert not (desk.camera.card.root / "AFTER").exists(), "the batch went on"


def test_and_the_wait_for_a_line(desk: Desk) -> None:
    with running(desk, "-r", "--device", desk.address) as child:
        end(desk, child, signal.SIGINT, always)
        assert child.returncode == INTERRUPTED


@pytest.mark.slow
def test_and_the_simulated_camera(desk: Desk) -> None:
    with running(desk, "sim", "--port", "0") as child:
        wait(lambda: ")\n" in output(desk))
        card = Path(output(desk).partition("(card: ")[2].partition(")\n")[0])
        assert card.is_dir()
        end(desk, child, signal.SIGINT, always)
        assert child.returncode == 0
    assert not card.exists()


@pytest.mark.slow
def test_and_a_connection_that_is_not_answered(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with running(desk, "-r", "--device", f"ip:127.0.0.1:{port}", "-e", "ls") as child:
            link, _ = silent.accept()
            child.send_signal(signal.SIGINT)
            child.wait(TIMEOUT)
            link.close()
            assert child.returncode == INTERRUPTED
            assert long_waits(desk.folder.parent / "waits") == []


@pytest.mark.slow
def test_lines_of_a_pipe_may_begin_with_a_byte_order_mark(desk: Desk) -> None:
    given = "x = 1\n=x + 1\n"
    with running(desk, "-r", "--device", desk.address, "-e", "repl") as child:
        assert child.stdin
        wait(lambda: waits_on(desk))
        child.stdin.write("\ufeff" + given)
        child.stdin.close()
        child.wait(TIMEOUT)
    assert output(desk) == "2\n"


@pytest.mark.parametrize(
    ("number", "status"), [(BREAK, 128 + BREAK), (CLOSING, 128 + BREAK)], ids=["break", "closed"]
)
@pytest.mark.parametrize(
    "line",
    [
        "luar press('shoot_half') sleep(10000000)",
        pytest.param("rsint", marks=pytest.mark.slow),
    ],
)
def test_ctrl_break_and_a_closed_window_end_in_order(
    desk: Desk, line: str, number: int, status: int
) -> None:
    with running(desk, "-r", "--device", desk.address, "-e", line, "-e", "mkdir A/AFTER") as child:
        end(desk, child, number, half_pressed)
        assert child.returncode == status, "it came to its own end, before Windows ended it"
    desk.check_in_order(seconds=5)
    assert not (desk.camera.card.root / "AFTER").exists(), "the batch went on"


@pytest.mark.slow
def test_a_program_ends_with_all_that_it_started(desk: Desk) -> None:
    program = "rsint -pipe='sleep 600 & echo $! >child; wait'"
    with running(desk, "-r", "--device", desk.address, "-e", program) as child:
        wait((desk.folder / "child").exists)
        end(desk, child, signal.SIGINT, half_pressed)
    process = int((desk.folder / "child").read_text())
    wait(lambda: is_gone(process))


def is_gone(process: int) -> bool:
    """Whether a process has ended, though nobody may have asked for its status."""
    stat = Path(f"/proc/{process}/stat")
    return not stat.exists() or stat.read_text().rpartition(") ")[2].startswith("Z")
