"""Runs the program in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from chdkshell.sim.pace import FAST, PACE_VARIABLE
from support.timeouts import TIMEOUT

PROJECT = Path(__file__).resolve().parents[2]


def program() -> list[str]:
    """Return the command that starts the program."""
    return [sys.executable, "-m", "chdkshell"]


def patient_program() -> list[str]:
    """Return the command that starts a program which waits for a script that Ctrl-C is to end as
    long as a busy machine needs, before it kills it.
    """
    code = (
        "import sys; from chdkshell.chdk import cardscripts, luasession; "
        f"cardscripts.INTERRUPT_SECONDS = luasession.INTERRUPT_SECONDS = {TIMEOUT}; "
        "from chdkshell.__main__ import main; sys.exit(main())"
    )
    return [sys.executable, "-c", code]


def environment(**settings: str) -> dict[str, str]:
    """Return an environment without what a user's own settings could change."""
    others = ("CHDKSHELL_", "XDG_", "LC_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(others)}
    return {
        **kept,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(PROJECT),
        "PYTHONWARNINGS": "error",
        "CHDKSHELL_HOME": "/nonexistent",
        PACE_VARIABLE: FAST.name,
        **settings,
    }


def run(
    *arguments: str, stdin: str = "", cwd: Path | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    return subprocess.run(
        [*program(), *arguments],
        input=stdin,
        cwd=cwd,
        env=environment(**settings),
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT,
        check=False,
    )


def check_bad_input(done: subprocess.CompletedProcess[str], *words: str, lines: int = 1) -> None:
    """Check that a run failed as it must."""
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == lines, done.stderr
    assert done.stderr.startswith("ERROR: ")
    assert "; " in done.stderr, "it says what to do"
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr
