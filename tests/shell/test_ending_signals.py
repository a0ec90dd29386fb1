"""SIGTERM, SIGHUP, a closed terminal and closed output end a command as Ctrl-C does, and then the
program by the signal: nothing goes on, is held, or is left over.
"""

# needs: POSIX

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from support.ended_program import Desk, new_desk
from support.terminal import Terminal
from support.timeouts import TIMEOUT

from chdkshell.sim.properties import Prop

TERM, HUP, PIPE = signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE
Moment = Callable[[Desk], bool]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with new_desk(tmp_path, monkeypatch) as made:
        made.camera.state.set_prop(Prop.DRIVE_MODE, 1)
        yield made


@pytest.fixture(autouse=True)
def signals_are_heeded() -> Iterator[None]:
    """What runs in the background of a shell, such as these tests, may have signals ignored."""
    before = {n: signal.signal(n, signal.SIG_DFL) for n in (TERM, HUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def wait(seen: Callable[[], object]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def half_pressed(desk: Desk) -> bool:
    return "shoot_half" in desk.camera.state.keys_held


def has_picture(desk: Desk) -> bool:
    return bool(list(desk.folder.rglob("*.jpg")))


def has_both(desk: Desk) -> bool:
    """Whether both files of a shot have arrived."""
    return {path.suffix for path in desk.folder.glob("out/*")} == {".JPG", ".DNG"}


def runs(desk: Desk) -> bool:
    return desk.camera.scripts.running


MOMENTS: list[tuple[str, str, Moment]] = [
    ("repl", "press 'shoot_half'\n", half_pressed),
    ("repl", "press 'shoot_half' sleep(100000)\n", half_pressed),
    ("repl press 'shoot_half' while true do end", "", half_pressed),
    ("rcapture -tv=30", "", lambda desk: bool(desk.camera.state.capture.target)),
    ("rcapture -shots=3 -int=60", "", has_picture),
    ("rcapture -dng -cont=50 out/", "", lambda desk: bool(list(desk.folder.rglob("*.dng")))),
    ("rcapture -quick=3 -int=60 out/", "", has_picture),
    ("rsint", "", half_pressed),
    ("rsint out/", "s\n", has_picture),
    ("rsint -cont out/", "s\n", has_picture),
    ("rsint -pipe='echo s; exec sleep 60' out/", "", has_picture),
    ("shoot -tv=2 -dl", "", lambda desk: desk.camera.state.shutter.shooting),
    ("shoot -shots=3 -int=60 -dng -dl=out/", "", has_both),
    ("press shoot_half -t=60000", "", half_pressed),
    ("luar press('shoot_half') sleep(100000)", "", half_pressed),
    ("watch 0 press shoot_half -t=100", "", half_pressed),
    ("source lines", "", half_pressed),
    ("lvserve -port=0", "", lambda desk: True),
    ("serve -port=0", "", lambda desk: True),
    ("clock -sync", "", runs),
]
"""A command, what it reads, and when the signal comes."""


ENDED = [
    pytest.param(*moment, number, id=f"{moment[0]}-{number.name}", marks=marks)
    for turn, moment in enumerate(MOMENTS)
    for number, marks in ((TERM, ()), (HUP, pytest.mark.slow if turn % 4 else ()))
]
"""Each with each signal; SIGHUP, which takes the way of SIGTERM, in the first tier with a few."""


@pytest.mark.parametrize(("line", "given", "moment", "number"), ENDED)
def test_a_command_ends_in_order_and_then_the_program_by_the_signal(
    desk: Desk, line: str, given: str, moment: Moment, number: signal.Signals
) -> None:
    (desk.folder / "lines").write_text("luar press('shoot_half') sleep(100000)\nmkdir A/TOO\n")
    with desk.running("-e", line, "-e", "mkdir A/AFTER") as child:
        assert child.stdin
        child.stdin.write(given)
        child.stdin.flush()
        wait(lambda: moment(desk))
        child.send_signal(number)
        child.wait(TIMEOUT)
        _, err = child.communicate(timeout=TIMEOUT)
    assert child.returncode == -number, err
    assert "Traceback" not in err
    (desk.folder / "lines").unlink()
    desk.check_in_order(seconds=0.5)
    assert not (desk.camera.card.root / "AFTER").exists(), "the batch went on"
    assert not (desk.camera.card.root / "TOO").exists(), "the file went on"
    desk.check_next()


@pytest.mark.parametrize("number", [TERM, HUP])
def test_while_commands_are_read_from_a_pipe(desk: Desk, number: signal.Signals) -> None:
    with desk.running() as child:
        assert child.stdin
        assert child.stdout
        child.stdin.write("luar return 1\n")
        child.stdin.flush()
        child.stdout.readline()
        child.send_signal(number)
        _, err = child.communicate(timeout=TIMEOUT)
    assert (child.returncode, err) == (-number, "")
    desk.check_next()


def test_what_is_ignored_stays_ignored(desk: Desk) -> None:
    """As nohup has it."""
    signal.signal(HUP, signal.SIG_IGN)
    with desk.running() as child:
        assert child.stdin
        assert child.stdout
        for text in ("1", "2"):
            child.stdin.write(f"luar return {text}\n")
            child.stdin.flush()
            assert child.stdout.readline().endswith(f":return:{text}\n")
            child.send_signal(HUP)
        child.communicate(timeout=TIMEOUT)
    assert child.returncode == 0


@pytest.mark.parametrize("numbers", [(TERM, TERM), (HUP, TERM), (signal.SIGINT, TERM)])
def test_a_second_signal_ends_at_once(desk: Desk, numbers: tuple[signal.Signals, ...]) -> None:
    with desk.running("-e", "luar press('shoot_half') sleep(100000)") as child:
        wait(lambda: half_pressed(desk))
        with desk.camera.responder._lock:  # the camera hangs
            for number in numbers:
                # two that come while the program has no time to look may be one
                while child.poll() is None:
                    child.send_signal(number)
                    with suppress(subprocess.TimeoutExpired):
                        child.wait(0.2 if number == numbers[-1] else 0)
                    if number != numbers[-1]:
                        time.sleep(0.1)
                        break
            assert child.returncode in [-number for number in numbers]
        _, err = child.communicate()
        assert "Traceback" not in err


def lines(child: subprocess.Popen[str], count: int) -> None:
    assert child.stdout
    for _ in range(count):
        assert child.stdout.readline()


PRINTING = [
    ("watch 0 d DCIM/100CANON/IMG_0001.JPG", ""),
    ("shoot -shots=9 -dng -dl=out/", ""),
    ("repl", "press 'shoot_half' return 1\n"),
    ("luar press 'shoot_half' while true do write_usb_msg('on', 1000) end", ""),
    ("watch 0 luar return 1", ""),
]


@pytest.mark.parametrize(("line", "given"), PRINTING, ids=[p[0] for p in PRINTING])
def test_closed_output_ends_by_sigpipe(desk: Desk, line: str, given: str) -> None:
    with desk.running("-e", line, "-e", "mkdir A/AFTER") as child:
        assert child.stdin
        assert child.stdout
        child.stdin.write(given)
        child.stdin.flush()
        child.stdout.readline()
        child.stdout.close()
        if given:
            child.stdin.write("print(2) sleep(60000)\n")
            child.stdin.flush()
        child.wait(TIMEOUT)
        assert child.stderr
        err = child.stderr.read()
    assert child.returncode == -PIPE, err
    assert "Traceback" not in err
    desk.check_in_order(seconds=0.5)
    assert not (desk.camera.card.root / "AFTER").exists(), "the batch went on"
    desk.check_next()


@pytest.mark.parametrize(
    "line", ["", "repl press 'shoot_half' sleep(100000)", "rsint", "rcapture -shots=9 -int=60"]
)
def test_a_closed_terminal_ends_it_by_sighup(desk: Desk, line: str) -> None:
    with Terminal("-r", "--device", desk.address, home=desk.folder) as terminal:
        terminal.wait_prompt("con> ")
        if line:
            terminal.line(line)
            wait(lambda: (terminal.feed(0.05), half_pressed(desk) or has_picture(desk))[1])
        assert terminal.hang_up() == -HUP
    desk.check_in_order(seconds=0.5)
    desk.check_next()
