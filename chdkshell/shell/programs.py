"""Programs that commands start, with all that these start in turn."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell import waits
from chdkshell.errors import Cancelled
from chdkshell.flow import NEVER, CancelToken
from chdkshell.shell.breakoff import interrupts_going_to

if TYPE_CHECKING:
    from chdkshell.shell.signals import Signals

_ENDED_BY_CTRL_C = (-signal.SIGINT, 128 + signal.SIGINT)
"""Exit statuses of programs, and of shells that tell that of one."""

END_SECONDS = 1.0
"""How long a program may take to end when it is told to."""


def start(
    command: str,
    *,
    stdin: int | None = None,
    stdout: int | None = None,
    env: Mapping[str, str] | None = None,
    alone: bool = False,
) -> ChildProgram:
    """Start a command of the host's shell. `stdin`, `stdout` and `env` are as in `subprocess`.

    `alone`: Ctrl-C is not for it, and it is ended with all that it started. Raises `OSError`.
    """
    flags = 0
    if sys.platform == "win32":
        # Ctrl-C is for this program there, which ends the other in order
        flags = subprocess.CREATE_NEW_PROCESS_GROUP
    process = subprocess.Popen(
        command,
        shell=True,
        stdin=stdin,
        stdout=stdout,
        bufsize=-1 if stdin is None else 0,  # a buffer could not be closed while it is written to
        creationflags=flags,
        env=env,
        process_group=0 if alone and sys.platform != "win32" else None,
    )
    return ChildProgram(process, alone)


def run(words: list[str], cwd: Path | None = None, env: dict[str, str] | None = None) -> int:
    """Run a program that has the terminal; return its exit status. Raises `OSError`."""
    with subprocess.Popen(words, cwd=cwd, env=env) as process:
        return ChildProgram(process).status() or 0


def at_terminal(program: ChildProgram, signals: Signals) -> int:
    """Wait for a program that has the terminal, and return its exit status.

    Ctrl-C is its own; on Windows, where programs of a shell do not get it, it ends the program.
    Raises `Cancelled` where that has ended it.
    """
    is_its_own = sys.platform != "win32"
    try:
        with (
            interrupts_going_to(lambda *_: None) if is_its_own else nullcontext(),
            signals.waiting(has_interrupts=is_its_own),
        ):
            status = program.status() or 0
    except BaseException:
        program.end()
        raise
    if status in _ENDED_BY_CTRL_C:
        raise Cancelled
    return status


class ChildProgram:
    """A program that runs. `process` has its streams. `leads`: it leads a group of processes."""

    def __init__(self, process: subprocess.Popen[bytes], leads: bool = False) -> None:
        self.process = process
        self._leads = leads

    def status(self, seconds: float | None = None, cancel: CancelToken = NEVER) -> int | None:
        """Wait for the end, and return the exit status; None where that takes longer.

        Raises `Cancelled`.
        """
        waits.until(self._has_ended, seconds, cancel.check, waits.LOOK_SECONDS)
        return self.process.poll()

    def _has_ended(self, seconds: float) -> bool:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def write(self, data: bytes, cancel: CancelToken) -> None:
        """Write to the program's standard input. Ends the program where that is cancelled.

        Raises `OSError` where it does not read on, and `Cancelled`.
        """
        try:
            waits.result_of(lambda: self._write(data), cancel.check)
        except Cancelled:
            self.end()
            raise

    def _write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        left = memoryview(data)
        while left:
            left = left[self.process.stdin.write(left) :]

    def end(self) -> None:
        """End the program, by force where it takes too long."""
        if sys.platform == "win32":
            self._end_tree()
        self._signal(signal.SIGTERM)
        if self.status(END_SECONDS) is None:
            self._signal(None)
            self.status()

    def _signal(self, number: int | None) -> None:
        """Send a signal; None kills."""
        if sys.platform == "win32":
            self.process.kill() if number is None else self.process.terminate()
        elif self._leads:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL if number is None else number)
        else:
            self.process.send_signal(signal.SIGKILL if number is None else number)

    def _end_tree(self) -> None:
        """End it with all that it started, which on Windows would go on."""
        if self.process.poll() is not None:
            return
        words = ["taskkill", "/T", "/F", "/PID", str(self.process.pid)]
        nothing = subprocess.DEVNULL
        with subprocess.Popen(words, stdin=nothing, stdout=nothing, stderr=nothing) as process:
            ChildProgram(process).status()
