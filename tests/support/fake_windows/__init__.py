"""What Linux can pretend of Windows. `python -m support.fake_windows` is the program there.

What the libraries and Python itself do there is not pretended: they are loaded before.
"""

from __future__ import annotations

import sys
from pathlib import Path

from support.shell_process import PROJECT, environment


def long_waits(notes: Path) -> list[str]:
    """Return the waits for more than 0.1 s that `held` has noted in a file.

    One of them is short: a program of the system that is asked something has a time limit.
    """
    lines = notes.read_text().splitlines() if notes.exists() else []
    return [line for line in lines if "command_output <" not in line]


def program() -> list[str]:
    """Return the command that starts the program as if on Windows."""
    return [sys.executable, "-m", "support.fake_windows"]


def environment_there(**settings: str) -> dict[str, str]:
    """Return an environment for `program`; FAKE_... are what `console` and `held` read."""
    path = f"{PROJECT}:{PROJECT / 'tests'}"
    warnings = "error,ignore::EncodingWarning"  # `system` makes an error of those of the program
    return environment(
        **{
            "PYTHONPATH": path,
            "PYTHONWARNINGS": warnings,
            "PYTHONWARNDEFAULTENCODING": "1",
            **settings,
        }
    )
