"""The program with a pipe at each end, as programs that talk to it have it."""

from __future__ import annotations

import os
import subprocess

from support.shell_process import environment, program
from support.timeouts import TIMEOUT


class Talk:
    """The program with a pipe at each end, its errors among its results."""

    def __init__(self, *arguments: str) -> None:
        self._child = subprocess.Popen(
            [*program(), *arguments],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._stdin, self._stdout = self._child.stdin, self._child.stdout

    def send(self, line: str) -> None:
        self._stdin.write(line.encode() + b"\n")
        self._stdin.flush()

    def until(self, end: bytes) -> str:
        """Read a byte at a time, as a program that waits for a prompt does."""
        got = b""
        while not got.endswith(end):
            byte = os.read(self._stdout.fileno(), 1)
            assert byte, got
            got += byte
        return got.decode()

    def line(self) -> str:
        return self._stdout.readline().decode()

    def end(self) -> tuple[str, int]:
        """Close the input; return what is still said, and the exit status."""
        self._stdin.close()
        with self._stdout:  # `communicate` would miss what `readline` has read in advance
            said = self._stdout.read()
        return said.decode(), self._child.wait(TIMEOUT)
