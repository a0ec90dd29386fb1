"""Programs of the user's that run after each shot, and after each file that arrives.

What they get is in their environment alone, under the names that gphoto2's hooks have: so a name
of a file is never part of a command. They run one after the other, beside the camera's work, which
waits for none of them.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import NamedTuple

from chdkshell import waits
from chdkshell.errors import Cancelled, printable_name
from chdkshell.flow import CancelToken
from chdkshell.shell import programs

MAX_WAITING = 1000
"""Programs that may wait for their turn; what comes beyond that is left out, and told."""


class _Run(NamedTuple):
    command: str
    environment: Mapping[str, str]


class Afterwards:
    """Runs commands of the host's shell in a thread, each for at most `seconds`.

    `warn` is told of those that failed, from the thread that adds and finishes.
    """

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._waiting: queue.Queue[_Run | None] = queue.Queue()
        self._problems: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._stop = CancelToken()
        self._left_out = 0
        self._seconds = 0.0
        self._thread: threading.Thread | None = None

    def add(self, command: str, environment: Mapping[str, str], seconds: float) -> None:
        """Have a command run when those before it have ended. Returns at once."""
        self._tell()
        self._seconds = seconds
        if self.waiting >= MAX_WAITING:
            self._left_out += 1
            return
        self._waiting.put(_Run(command, environment))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="afterwards", daemon=True)
            self._thread.start()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return self._waiting.qsize()

    def finish(self, cancel: CancelToken) -> None:
        """Wait until all have run. Where that is cancelled, end the one that runs; drop the rest.

        Raises `Cancelled`.
        """
        if self._thread is None:
            return
        self._waiting.put(None)
        thread, self._thread = self._thread, None
        try:
            waits.until(
                lambda seconds: waits.ended(thread, seconds), None, cancel.check, waits.LOOK_SECONDS
            )
        except Cancelled:
            self._left_out += sum(run is not None for run in self._drained())
            self._stop.set()
            waits.ended(thread)
            raise
        finally:
            self._tell()
            if self._left_out:
                self._warn(f"{self._left_out} programs that were to run afterwards did not")
            self._left_out = 0
            self._stop = CancelToken()

    def _drained(self) -> list[_Run | None]:
        runs = []
        while True:
            try:
                runs.append(self._waiting.get_nowait())
            except queue.Empty:
                self._waiting.put(None)
                return runs

    def _tell(self) -> None:
        while not self._problems.empty():
            self._warn(self._problems.get())

    def _work(self) -> None:
        """Run one after the other. This is the thread."""
        while (run := self._waiting.get()) is not None:
            problem = self._problem_of(run)
            if problem:
                self._problems.put(f"`{printable_name(run.command)}` {problem}")

    def _problem_of(self, run: _Run) -> str:
        try:
            child = programs.start(
                run.command,
                stdin=subprocess.DEVNULL,
                stdout=_stderr(),
                env={**os.environ, **run.environment},
                alone=True,
            )
        except (OSError, ValueError) as error:
            return f"cannot be run: {error}"
        try:
            status = child.status(self._seconds, self._stop)
        except Cancelled:
            child.end()
            return "was ended"
        if status is None:
            child.end()
            return f"took more than {self._seconds:.0f} s, and was ended"
        return f"failed with status {status}" if status else ""


def _stderr() -> int:
    """Return where programs write: stdout is for results."""
    try:
        return sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):
        return subprocess.DEVNULL
