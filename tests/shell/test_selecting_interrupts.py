"""Ctrl-C while a command runs on several cameras: it ends on all, and a second one breaks off."""

# needs: POSIX

from __future__ import annotations

import signal
import subprocess
import threading

import pytest
from support.rig_shell import RigShell, rig_shell
from support.shell_process import environment, program
from support.timeouts import TIMEOUT

from chdkshell.shell.dispatch import Status
from chdkshell.shell.many.output import Turns
from chdkshell.shell.prefs import OutputKind


def test_ctrl_c_ends_the_command_on_all() -> None:
    line = "@all luar write_usb_msg('go') sleep(100000)"
    child = subprocess.Popen(
        [*program(), "--sim", "--count=3", "-e", line, "-e", "@all luar return 2"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert child.stdout
        assert child.stdout.readline() == "1: 1:user:'go'\n"
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=TIMEOUT)
    finally:
        child.kill()
        child.communicate()
    assert child.returncode == 130
    assert "return" not in out
    assert err == "ERROR: cancelled: 0 of 3 had ended\n"


def press_twice(shell: RigShell, entered: threading.Event) -> None:
    entered.wait(60)
    signal.raise_signal(signal.SIGINT)
    while not shell.context.is_cancelled:
        threading.Event().wait(0.005)
    signal.raise_signal(signal.SIGINT)


def test_a_second_ctrl_c_breaks_off_what_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def hang(*_: object) -> None:
        entered.set()
        go_on.wait(60)

    with rig_shell(monkeypatch) as shell:
        monkeypatch.setattr("chdkshell.rig.together.BREAK_SECONDS", 0.01)
        monkeypatch.setattr(shell.sims[1].responder, "transact", hang)
        presser = threading.Thread(target=press_twice, args=(shell, entered))
        presser.start()
        shell.try_("@all df")
        presser.join(60)
        assert shell.shell.status is Status.INTERRUPTED
        assert not any(member.camera.is_connected for member in shell.rig.members)
        go_on.set()


@pytest.mark.parametrize("output", [OutputKind.PLAIN, OutputKind.RICH])
@pytest.mark.parametrize("line", ["@all luar return 7", "@all df"])
def test_what_came_before_it_was_broken_off_is_shown(
    monkeypatch: pytest.MonkeyPatch, output: OutputKind, line: str
) -> None:
    """Lines of a camera that was not due yet, and the rows of a table that is not whole."""
    entered, go_on, others = threading.Event(), threading.Event(), threading.Semaphore(0)
    ended = Turns.ended

    def noted(turns: Turns, index: int) -> None:
        ended(turns, index)
        others.release()

    def hang(*_: object) -> None:
        others.acquire(timeout=60)
        others.acquire(timeout=60)
        entered.set()
        go_on.wait(60)

    with rig_shell(monkeypatch, output=output) as shell:
        monkeypatch.setattr("chdkshell.rig.together.BREAK_SECONDS", 0.01)
        monkeypatch.setattr(Turns, "ended", noted)
        monkeypatch.setattr(shell.sims[0].responder, "transact", hang)
        presser = threading.Thread(target=press_twice, args=(shell, entered))
        presser.start()
        out, _ = shell.try_(line)
        presser.join(60)
        go_on.set()
    shown = {text.split()[0].rstrip(":") for text in out}
    assert {"2", "3"} <= shown
    assert "1" not in shown
