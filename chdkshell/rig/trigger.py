"""What is done at the time of a shot that waits for the USB line: a command that switches it."""

from __future__ import annotations

import subprocess

from chdkshell.errors import HostFileError, printable

LONGEST_SECONDS = 30.0
"""How long a command may take: a camera waits for the line a third of that."""


class CommandTrigger:
    """Runs a command of the system's shell each time it is called, and waits for its end.

    Raises `HostFileError` where the command fails.
    """

    def __init__(self, command: str) -> None:
        self.command = command

    def __call__(self) -> None:
        name = printable(self.command)
        try:
            done = subprocess.run(
                self.command,
                shell=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                timeout=LONGEST_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise HostFileError(f"{name} did not end in {LONGEST_SECONDS:.0f} s") from None
        if done.returncode:
            raise HostFileError(f"{name} failed with status {done.returncode}")
