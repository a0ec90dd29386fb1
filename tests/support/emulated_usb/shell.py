"""The program as people run it, over the emulated bus: commands in, one JSON object each out."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from typing import Any

from support.shell_process import environment, program
from support.timeouts import TIMEOUT


@dataclass(frozen=True)
class Answer:
    """What a command gave, and after how many seconds."""

    ok: bool
    result: Any
    error: str
    reason: str
    hint: str
    seconds: float


class Shell:
    """A chdkshell that reads commands from us.

    `events` are what the commands told meanwhile, beside their answers.
    """

    def __init__(self, settings: dict[str, str], *arguments: str) -> None:
        self._stderr = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by `close`
        self._process = subprocess.Popen(
            [*program(), "-r", "--json", *arguments],
            env=environment(**settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
        )
        self.events: list[Any] = []

    def run(self, line: str) -> Answer:
        """Run a command to its end."""
        assert self._process.stdin is not None
        start = time.monotonic()
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        while "event" in (answer := self._read(line)):
            self.events.append(answer["result"])
        seconds = time.monotonic() - start
        return Answer(
            answer["ok"],
            answer.get("result"),
            answer.get("error", ""),
            answer.get("reason", ""),
            answer.get("hint", ""),
            seconds,
        )

    def _read(self, line: str) -> dict[str, Any]:
        assert self._process.stdout is not None
        text = self._process.stdout.readline()
        assert text, f"{line!r} ended the program: {self.notices()}"
        answer: dict[str, Any] = json.loads(text)
        return answer

    def works(self) -> None:
        """A command with data in both directions goes through."""
        answer = self.run("luar return 'fine'")
        assert answer.ok, answer
        assert answer.result[0]["value"] == "fine"

    def notices(self) -> str:
        """What it told on stderr so far. It may write meanwhile: where it writes does not move."""
        size = os.fstat(self._stderr.fileno()).st_size
        return os.pread(self._stderr.fileno(), size, 0).decode("utf-8", "replace")

    def close(self) -> None:
        """End it as a user would, and see that it ends well."""
        self._process.communicate("quit\n", timeout=TIMEOUT)

    def kill(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.communicate(timeout=TIMEOUT)
        self._stderr.close()
