"""The processes that share the cameras of one `chdkshell sim`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

STANDARD_INPUT = "-"
"""The pipe of a part: each line is an edge, and its end that of the program."""

END_SECONDS = 20.0
"""How long a part may take to end before it is killed."""


class Parts:
    """Other processes of this program, which end with it, however it ends."""

    def __init__(self) -> None:
        self._parts: list[subprocess.Popen[bytes]] = []
        self._cameras: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for part in self._parts:
            assert part.stdin is not None
            with suppress(OSError):
                part.stdin.close()
        for part in self._parts:
            try:
                part.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                part.kill()
                part.wait()
            assert part.stdout is not None
            part.stdout.close()

    def begin(self, arguments: Sequence[str], cameras: int) -> None:
        """Start a part that has so many cameras."""
        command = [sys.executable, "-m", "chdkshell", "sim", *arguments]
        pipe = subprocess.PIPE
        self._parts.append(subprocess.Popen(command, stdin=pipe, stdout=pipe))
        self._cameras.append(cameras)

    def tell(self) -> bool:
        """Print what the parts say of their cameras, a line for each.

        Returns False where one failed: it has said so itself.
        """
        for part, cameras in zip(self._parts, self._cameras, strict=True):
            assert part.stdout is not None
            for _ in range(cameras):
                line = part.stdout.readline()
                if not line:
                    return False
                print(line.decode(), end="", flush=True)
        return True

    def edge(self) -> None:
        """Take the 5 V off the USB lines of all cameras, for a moment."""
        for part in self._parts:
            assert part.stdin is not None
            with suppress(OSError):
                part.stdin.write(b"\n")
                part.stdin.flush()
