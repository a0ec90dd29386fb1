"""The program in a process of its own, which gets a signal at a moment."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.shell_process import environment, program

from campaign_parts.case import Case
from campaign_parts.place import Place

END_SECONDS = 30.0
"""How long a program may take to end after a signal."""

WARNINGS = "error,ignore::ResourceWarning"
"""A second Ctrl-C may come when the connection is being closed."""

DUE_SECONDS = 0.4
"""When a signal comes at the latest, if its moment at the camera does not."""


@dataclass(frozen=True)
class Ended:
    """How a run ended: its status, negative for a signal. `signalled`: it was there to get one."""

    status: int
    stdout: str
    stderr: str
    signalled: bool
    seconds: float


class Moments:
    """Tells when the camera is asked for the n-th time."""

    def __init__(self, place: Place, number: int) -> None:
        self.count = 0
        self.reached = threading.Event()
        self._number = number
        responder = place.camera.responder
        transact = responder.transact

        def counted(*arguments: Any) -> Any:
            self.count += 1
            if self.count >= self._number:
                self.reached.set()
            return transact(*arguments)

        setattr(responder, "transact", counted)  # noqa: B010 - a method of one object


@contextmanager
def _terminal() -> Iterator[str]:
    """Give the name of a terminal whose other end takes all that is shown."""
    master, slave = pty.openpty()

    def drain() -> None:
        with suppress(OSError):
            while os.read(master, 1 << 16):
                pass

    thread = threading.Thread(target=drain, daemon=True)
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        os.close(slave)
        thread.join()
        os.close(master)


class Programs:
    """Starts the program in children of a process that has loaded it, or all anew."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "campaign_parts.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(PYTHONPATH=os.environ.get("PYTHONPATH", ""), PYTHONWARNINGS=WARNINGS),
        )
        self._unread = b""
        self._outputs = tempfile.TemporaryDirectory()

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(END_SECONDS)
        self._process.stdout.close()
        self._outputs.cleanup()

    def run(
        self,
        place: Place,
        case: Case,
        signals: Sequence[tuple[float, signal.Signals]],
        moment: Moments,
        anew: bool = False,
    ) -> Ended:
        """Run a case; send `signals`, each after so many seconds, from the moment on."""
        start = time.monotonic()
        folder = Path(self._outputs.name)
        for name in ("stdout", "stderr"):
            (folder / name).write_bytes(b"")
        more = {"EDITOR": str(place.editor), "TMPDIR": str(place.temporary)}
        with ExitStack() as stack:
            if case.terminal:
                terminal = stack.enter_context(_terminal())
                pid, ended = self._forked(place, case, more, terminal)
            elif anew:
                pid, ended = self._anew(place, case, more)
            else:
                pid, ended = self._forked(place, case, more)
            status, signalled = self._signal(pid, ended, signals, moment, DUE_SECONDS * (1 + anew))
        out, err = ((folder / name).read_text(errors="replace") for name in ("stdout", "stderr"))
        return Ended(status, out, err, signalled, time.monotonic() - start)

    def _signal(
        self,
        pid: int,
        ended: Callable[[float], int | None],
        signals: Sequence[tuple[float, signal.Signals]],
        moment: Moments,
        due: float,
    ) -> tuple[int, bool]:
        """Send signals to a program; return its status, and whether it was there to get any."""
        waits = time.monotonic() + due
        while not moment.reached.is_set() and time.monotonic() < waits and ended(0.005) is None:
            pass
        status = ended(0)
        signalled = False
        for pause, number in signals:
            status = ended(pause) if status is None else status
            if status is None:
                signalled = True
                with suppress(ProcessLookupError):  # it has just ended
                    os.kill(pid, number)
        if status is None:
            status = ended(END_SECONDS)
        if status is None:
            for number in (signal.SIGUSR1, signal.SIGKILL):  # the first shows where it stands
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
                ended(1.0)
            stacks = (Path(self._outputs.name) / "stderr").read_text(errors="replace")
            raise AssertionError(f"it does not end: {stacks}")
        return status, signalled

    def _arguments(self, place: Place, case: Case) -> list[str]:
        arguments = ["-r"]
        if not case.silent and not case.joins:
            arguments += ["--device", place.server.address]
        for line in (*case.before, case.line):
            arguments += ["-e", line.replace("$address", place.server.address)]
        return arguments

    def _forked(
        self, place: Place, case: Case, more: dict[str, str], terminal: str = ""
    ) -> tuple[int, Callable[[float], int | None]]:
        folder = self._outputs.name
        job = {
            "folder": str(place.folder),
            "arguments": self._arguments(place, case),
            "environment": more,
            "stdin": terminal or os.devnull,
            "stdout": terminal or f"{folder}/stdout",
            "stderr": f"{folder}/stderr",
        }
        process = self._process
        told: list[int | None] = [None]
        assert process.stdin
        process.stdin.write(json.dumps(job).encode() + b"\n")
        process.stdin.flush()
        pid = self._told("started")

        def ended(seconds: float) -> int | None:
            if told[0] is None and self._is_told(seconds):
                told[0] = self._told("ended")
            return told[0]

        return pid, ended

    def _is_told(self, seconds: float) -> bool:
        """Wait up to `seconds` for a line of the starter."""
        output = self._process.stdout
        assert output
        while b"\n" not in self._unread:
            if not select.select([output], [], [], seconds)[0]:
                return False
            self._unread += os.read(output.fileno(), 1 << 12) or b"gone\n"
        return True

    def _told(self, what: str) -> int:
        """Return the number of the next line, which is to tell this and nothing else."""
        if not self._is_told(END_SECONDS):
            raise RuntimeError(f"the starter of programs does not say {what!r}")
        line, _, self._unread = self._unread.partition(b"\n")
        word, _, number = line.decode().partition(" ")
        if word != what:
            raise RuntimeError(f"the starter of programs said {word!r} in place of {what!r}")
        return int(number)

    def _anew(
        self, place: Place, case: Case, more: dict[str, str]
    ) -> tuple[int, Callable[[float], int | None]]:
        folder = Path(self._outputs.name)
        with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
            child = subprocess.Popen(
                [*program(), *self._arguments(place, case)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=place.folder,
                env=environment(PYTHONWARNINGS=WARNINGS, **more),
                start_new_session=True,
            )

        def ended(seconds: float) -> int | None:
            try:
                return child.wait(seconds or 0.0001)
            except subprocess.TimeoutExpired:
                return None

        return child.pid, ended
