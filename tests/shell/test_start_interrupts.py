"""Ctrl-C while the program is loaded: it ends without a word."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from support.shell_process import PROJECT, environment, run
from support.timeouts import TIMEOUT

from chdkshell import __main__, cli

INTERRUPT_AT = """
import runpy, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting())
sys.argv[1:] = ["-r", "-e", "help"]
runpy.run_module("chdkshell", run_name="__main__")
"""


@pytest.mark.parametrize(
    "module",
    ["chdkshell.cli", "chdkshell.errors", "chdkshell.shell.dispatch", "chdkshell.shell.commands"],
)
def test_ctrl_c_while_modules_are_loaded(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPT_AT.format(name=module)],
        cwd=PROJECT,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_ctrl_c_when_all_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may come just before the program has Ctrl-C ignored, to be able to end."""

    def end() -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", end)
    before = signal.getsignal(signal.SIGINT)
    try:
        assert __main__.main() == 130
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    ("cause", "status", "told"),
    [("KeyboardInterrupt", 130, "ERROR: interrupted\n"), ("SystemExit(7)", 7, "")],
)
def test_what_ends_a_command_may_come_as_another_error(cause: str, status: int, told: str) -> None:
    """Python does that where a class is being made, as when a library is loaded."""
    done = run("-r", "-e", f"exec raise RuntimeError('calling __set_name__') from {cause}")
    assert (done.returncode, done.stdout, done.stderr) == (status, "", told)
