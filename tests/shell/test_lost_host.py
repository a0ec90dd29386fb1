"""Scripts of commands whose program was killed, and what the next connection does about them."""

# needs: POSIX

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.ended_program import Desk, new_desk
from support.lost_host_cases import BY_ITSELF, KINDS
from support.shooting_shell import shooting_shell
from support.terminal import Terminal
from support.timeouts import TIMEOUT

from chdkshell.chdk.lifesigns import sign
from chdkshell.chdk.luasession import LuaSession
from chdkshell.chdk.marks import Mark
from chdkshell.shell import commands  # noqa: F401 - importing them declares them
from chdkshell.shell.command import REGISTRY
from chdkshell.sim.properties import Prop

NAMED = "a script runs on the camera; `killscript` ends it"
ENDED = "a script was ended that an earlier command had left on the camera"


def test_every_command_has_its_place() -> None:
    named = [name for kind in KINDS for name in kind]
    assert sorted(named) == sorted(command.name for command in REGISTRY)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with new_desk(tmp_path, monkeypatch, speed=1) as made:
        made.camera.state.set_prop(Prop.DRIVE_MODE, 1)
        (made.folder / "up").mkdir()
        (made.folder / "up/A.LUA").write_text("return 1")
        (made.folder / "here.txt").write_text("here")
        yield made


def wait(seen: Callable[[], object]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("name", BY_ITSELF)
def test_scripts_that_end_by_themselves(
    desk: Desk, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "true")
    desk.camera.state.recording = name != "rec"
    for end in (subprocess.Popen.kill, subprocess.Popen.terminate):
        held = desk.at_script("")
        with desk.running("-e", BY_ITSELF[name], "-e", "mkdir A/AFTER") as child:
            assert held.begun.wait(TIMEOUT)
            end(child)
            if end is subprocess.Popen.kill:
                child.wait(TIMEOUT)
            held.go.set()
            _, err = child.communicate(timeout=TIMEOUT)
        assert child.returncode in (-9, -15), err
        assert "Traceback" not in err
        desk.check_in_order()
    assert not (desk.camera.card.root / "AFTER").exists()


def half_pressed(desk: Desk) -> bool:
    return "shoot_half" in desk.camera.state.keys_held


def sleeps(desk: Desk) -> bool:
    """Whether the script waits for longer than it does for its host."""
    script = desk.camera.scripts._script
    left = script.wait.deadline - desk.camera.state.clock.ticks() if script and script.wait else 0
    return left > 50_000


def has_picture(desk: Desk) -> bool:
    return bool([path for path in desk.folder.iterdir() if path.suffix in (".jpg", ".dng")])


def exposes(desk: Desk) -> bool:
    return desk.camera.state.shutter._busy


MOMENTS: list[tuple[str, str, Callable[[Desk], bool]]] = [
    ("repl", "press 'shoot_half' return 1\n", half_pressed),
    ("rcapture -tv=30", "", exposes),
    ("rcapture -tv=30 -dng", "", exposes),
    ("rcapture -shots=3 -int=600", "", has_picture),
    ("rcapture -cont=50", "", has_picture),
    ("rcapture -cont=50 -int=600", "", has_picture),
    ("rcapture -quick=3 -int=600", "", has_picture),
    ("rsint", "", half_pressed),
    ("rsint -cmdwait=86400", "s\n", has_picture),
    ("rsint -cont -cmdwait=86400", "s\n", has_picture),
    ("press shoot_half -t=3600000", "", half_pressed),
]


def check_ends_within(desk: Desk, seconds: float, at_once: float = 12) -> None:
    """Check that the script ends in so many seconds of the camera, in order.

    `at_once` of them pass in one step.
    """
    wait(lambda: not desk.camera.scripts.inbox)
    desk.pass_time(at_once)
    step = 0.1 if at_once else 0.5
    for _ in range(round((seconds - at_once) / step)):
        desk.pass_time(step)
        if desk.camera.scripts.wait_ended(0.1):
            break
    # what is due is done, however busy this computer is, while the camera's time nearly stands
    desk.camera.state.clock.speed = 0.01
    desk.check_in_order()


@pytest.mark.parametrize(("line", "given", "moment"), MOMENTS, ids=[m[0] for m in MOMENTS])
def test_scripts_that_hear_of_their_host(
    desk: Desk, line: str, given: str, moment: Callable[[Desk], bool]
) -> None:
    """Within 15 seconds of the camera."""
    with desk.running("-e", line) as child:
        assert child.stdin
        child.stdin.write(given)
        child.stdin.flush()
        wait(lambda: moment(desk))
        if line == "repl":
            assert child.stdout
            assert child.stdout.readline() == "1\n"  # the line is over
        child.kill()
        child.wait(TIMEOUT)
    state = desk.camera.state
    shots = state.shots + state.shutter._busy
    check_ends_within(desk, 15)
    desk.pass_time(3600)
    assert state.shots <= shots, "a new exposure began"
    state.clock.speed = 1
    desk.check_next()


def fill(desk: Desk) -> None:
    """Put more names on the card than fit into a pipe and the queue of messages."""
    for number in range(6000):
        (desk.camera.card.root / f"CHDK/{number:04}{'X' * 60}.TXT").touch()


@pytest.mark.slow
def test_a_listing_that_nobody_reads_ends(desk: Desk) -> None:
    fill(desk)
    with desk.running("-e", "find A/CHDK") as child:
        wait(lambda: len(desk.camera.scripts.outbox) == 15)
        child.kill()
    assert desk.camera.scripts.running
    check_ends_within(desk, 15)


@pytest.mark.slow
def test_a_listing_waits_for_a_host_that_is_slow(desk: Desk) -> None:
    """As one whose output a pager holds up."""
    fill(desk)
    with desk.running("-e", "find A/CHDK") as child:
        scripts = desk.camera.scripts
        wait(lambda: len(scripts.outbox) == 15)
        for _ in range(4):
            assert desk.when(scripts, "write_message").wait(TIMEOUT)
            wait(lambda: not scripts.inbox)
            desk.camera.state.clock.advance(8_000)
            scripts._mailbox.wake()
        out, err = child.communicate(timeout=TIMEOUT)
    assert (child.returncode, err) == (0, "")
    assert out.count("X.TXT") == 6000


def test_a_line_under_way_is_finished_first(desk: Desk) -> None:
    with desk.running("-e", "repl") as child:
        assert child.stdin
        child.stdin.write("press 'shoot_half' sleep(100000) os.mkdir('A/DONE')\n")
        child.stdin.flush()
        wait(lambda: sleeps(desk))
        child.kill()
    desk.pass_time(99)
    assert not (desk.camera.card.root / "DONE").exists()
    desk.pass_time(2)
    wait(lambda: (desk.camera.card.root / "DONE").is_dir())
    check_ends_within(desk, 15, at_once=0)


def test_a_line_that_prints_ends_when_nobody_takes_it(desk: Desk) -> None:
    """After five seconds, as with a host that is there."""
    with desk.running("-e", "repl") as child:
        assert child.stdin
        child.stdin.write("press 'shoot_half' for i = 1, 1000 do print(('x'):rep(4000)) end\n")
        child.stdin.flush()
        wait(lambda: half_pressed(desk))
        child.kill()
    check_ends_within(desk, 5 + 15, at_once=0)


WAITING = [
    ("repl", half_pressed),
    ("rsint -cmdwait=86400", half_pressed),
    ("rcapture -shots=3 -int=600", has_picture),
    ("rcapture -quick=3 -int=600", has_picture),
    ("press shoot_half -t=3600000", half_pressed),
]


@pytest.mark.parametrize(("line", "moment"), WAITING, ids=[w[0] for w in WAITING])
def test_a_host_that_only_waits_is_heard(
    desk: Desk, line: str, moment: Callable[[Desk], bool]
) -> None:
    with desk.running("-e", line) as child:
        assert child.stdin
        child.stdin.write("press 'shoot_half' return 1\n" if line == "repl" else "")
        child.stdin.flush()
        wait(lambda: moment(desk))
        scripts = desk.camera.scripts
        for _ in range(4):
            heard = desk.when(scripts, "write_message")
            assert heard.wait(TIMEOUT)
            wait(lambda: not scripts.inbox)
            desk.camera.state.clock.advance(8_000)
            scripts._mailbox.wake()
        assert scripts.running


@pytest.mark.parametrize("line", ["rcapture -quick=3", "rcapture -cont=3"])
def test_a_long_data_phase_ends_nothing(
    desk: Desk, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The camera itself gives up after 30 seconds."""
    capture = desk.camera.state.capture
    sent = capture.sent

    def slow(bit: int, more: bool) -> bool:
        if not more:
            desk.camera.state.clock.advance(25_000)
            desk.camera.scripts._mailbox.wake()
            time.sleep(0.1)  # for the script to look at its clock
        return sent(bit, more)

    monkeypatch.setattr(capture, "sent", slow)
    with desk.running("-e", f"{line} out/") as child:
        _, err = child.communicate(timeout=TIMEOUT)
    assert child.returncode == 0, err
    assert all(text.startswith("shot ") for text in err.splitlines()), err
    assert len(list((desk.folder / "out").iterdir())) == 3


# ---- the next connection ------------------------------------------------------------------------


def left(desk: Desk, line: str, given: str, moment: Callable[[Desk], bool]) -> None:
    """Leave the script of a program that was killed."""
    with desk.running("-e", line) as child:
        assert child.stdin
        child.stdin.write(given)
        child.stdin.flush()
        wait(lambda: moment(desk))
        wait(lambda: desk.camera.responder._commands._temp_data)
        child.kill()
        child.wait(TIMEOUT)
    assert desk.camera.scripts.running


def connected(desk: Desk) -> str:
    """Return what is told at a terminal when the camera is connected."""
    with Terminal("-r", home=desk.folder) as terminal:
        terminal.wait_prompt("___> ")
        terminal.line(f"connect {desk.address}")
        terminal.wait_prompt("con> ")
        return terminal.text


LEFT = [
    ("repl", "press 'shoot_half' while true do sleep(10) end\n", half_pressed),
    ("rcapture -shots=3 -int=600", "", has_picture),
    ("rcapture -tv=30", "", exposes),
    ("rsint -cmdwait=86400", "", half_pressed),
]


@pytest.mark.parametrize(("line", "given", "moment"), LEFT, ids=[m[0] for m in LEFT])
def test_a_command_s_script_is_ended(
    desk: Desk, line: str, given: str, moment: Callable[[Desk], bool]
) -> None:
    left(desk, line, given, moment)
    desk.check_next()
    desk.check_in_order(seconds=0.1)


def test_that_is_told_at_a_terminal(desk: Desk) -> None:
    left(desk, "repl", "press 'shoot_half'\n", half_pressed)
    assert ENDED in connected(desk)


@pytest.mark.parametrize("line", ["lua", "luar"])
def test_a_script_of_the_user_s_is_left_alone_without_a_word(desk: Desk, line: str) -> None:
    left(desk, f"{line} press('shoot_half') sleep(600000)", "", half_pressed)
    told = connected(desk)
    assert NAMED not in told
    assert ENDED not in told
    assert "WARNING" not in told
    assert half_pressed(desk)
    assert not desk.camera.scripts.inbox


@pytest.mark.parametrize("marked", [False, True])
def test_a_script_of_others_is_named_at_a_terminal(desk: Desk, marked: bool) -> None:
    """Also where one of ours ran before it."""
    scripts = desk.camera.scripts
    if marked:
        left(desk, "repl", "press 'shoot_half'\n", half_pressed)
        scripts.kill()
    scripts.start(b"write_usb_msg('kept') press('shoot_half') sleep(600000)")
    wait(lambda: half_pressed(desk))
    assert NAMED in connected(desk)
    assert half_pressed(desk)
    assert not scripts.inbox
    with desk.running("-e", "getm") as child:
        out, err = child.communicate(timeout=TIMEOUT)
    assert err == ""
    assert out.endswith(":user:'kept'\n")


def test_what_does_not_answer_is_not_killed(desk: Desk) -> None:
    """A script that has the id of a mark, but is none of ours."""
    scripts = desk.camera.scripts
    script_id, _ = scripts.start(b"press('shoot_half') sleep(600000)")
    desk.camera.responder._commands._temp_data = Mark.OWN.value + str(script_id).encode()
    wait(lambda: half_pressed(desk))
    assert NAMED in connected(desk)
    assert half_pressed(desk)


def test_code_of_the_user_s_sees_no_signs(tmp_path: Path) -> None:
    with shooting_shell(tmp_path / "card") as shell, LuaSession(shell.camera.scripts) as session:
        code = "n = 0 print('on') for i = 1, 20 do if read_usb_msg(10) then n = n + 1 end end"

        def talk(text: str) -> None:
            for _ in range(10):
                shell.sim.scripts.write_message(sign(1000))
            session.send("word")

        session.evaluate(code, talk)
        assert session.evaluate("n") == (1,)
