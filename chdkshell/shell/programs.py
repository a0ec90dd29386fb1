"""Programs that commands start by the host's shell, with all that these start in turn."""

from __future__ import annotations

import subprocess
import sys

if sys.platform == "win32":
    from chdkshell import waits

END_SECONDS = 1.0
"""How long a program may take to end when it is told to."""


def start(command: str, *, stdin: int | None = None, stdout: int | None = None) -> ChildProgram:
    """Start a command of the host's shell. `stdin` and `stdout` are as those of `subprocess`."""
    flags = 0
    if sys.platform == "win32":
        # Ctrl-C is for this program there, which ends the other in order
        flags = subprocess.CREATE_NEW_PROCESS_GROUP
    child = subprocess.Popen(command, shell=True, stdin=stdin, stdout=stdout, creationflags=flags)
    return ChildProgram(child)


class ChildProgram:
    """A program that runs. `process` has its streams."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def status(self, seconds: float | None = None) -> int | None:
        """Wait for the end, and return the exit status; None where that takes longer."""
        if sys.platform == "win32":  # Ctrl-C does not end this wait there
            waits.until(self._has_ended, seconds)
            return self.process.poll()
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def _has_ended(self, seconds: float) -> bool:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self) -> None:
        """End the program, by force where it takes too long."""
        if sys.platform == "win32":
            self._end_tree()
        self.process.terminate()
        if self.status(END_SECONDS) is None:
            self.process.kill()
            self.status()

    def _end_tree(self) -> None:
        """End it with all that it started, which on Windows would go on."""
        if self.process.poll() is None:
            subprocess.run(
                ["taskkill", "/T", "/F", "/PID", str(self.process.pid)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
