"""The program at a real terminal: a pseudo terminal, and what a screen would show of it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pexpect
import pyte

from support.shell_process import environment, program
from support.timeouts import TIMEOUT


class _Screen(pyte.Screen):
    """A screen that gives what it answers to `answer`."""

    def __init__(self, columns: int, rows: int, answer: Callable[[str], None]) -> None:
        super().__init__(columns, rows)
        self._answer = answer

    def write_process_input(self, data: str) -> None:
        self._answer(data)


class Terminal:
    """Runs the program (or another) at a terminal, and keeps its screen."""

    def __init__(
        self,
        *arguments: str,
        home: Path,
        size: tuple[int, int] = (24, 80),
        term: str = "xterm-256color",
        command: list[str] | None = None,
        **settings: str,
    ) -> None:
        rows, columns = size
        self.screen = _Screen(columns, rows, self._answer)
        self._stream = pyte.Stream(self.screen)
        self.raw = ""
        kept = {"TERM": term, "CHDKSHELL_HOME": str(home), "PYTHONWARNINGS": "default"}
        env = environment(**{**kept, **settings})
        for name in ("COLUMNS", "LINES"):
            env.pop(name, None)  # the size is the terminal's, whatever the tests run in
        first, *rest = [*(command or program()), *arguments]
        self.child: pexpect.spawn[str] = pexpect.spawn(
            first,
            rest,
            env=env,
            dimensions=size,
            encoding="utf-8",
            codec_errors="replace",
            cwd=str(home),
            timeout=TIMEOUT,
        )
        self.child.delaybeforesend = None  # else 50 ms before each key

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, seconds in ((signal.SIGHUP, 5), (signal.SIGKILL, TIMEOUT)):
            if not self.child.isalive():
                break
            self.child.kill(number)
            deadline = time.monotonic() + seconds
            while self.child.isalive() and time.monotonic() < deadline:
                self.feed(0.01)
        self.child.close()

    def _answer(self, data: str) -> None:
        """Send what a terminal answers by itself, such as where its cursor is."""
        self.child.send(data)

    def feed(self, seconds: float) -> bool:
        """Take what the program writes within `seconds`. Returns False at its end."""
        try:
            text = self.child.read_nonblocking(1 << 16, seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += text
        self._stream.feed(text)
        return True

    @property
    def lines(self) -> list[str]:
        """The lines of the screen, without blanks at their ends."""
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        """The screen."""
        return "\n".join(self.lines)

    def wait(self, seen: Callable[[], Any], what: str = "") -> None:
        """Wait until `seen()` is true of the screen."""
        deadline = time.monotonic() + TIMEOUT
        while not seen():
            alive = self.feed(0.05)
            if seen():
                return
            assert alive and time.monotonic() < deadline, f"no {what or seen} in:\n{self.text}"

    def wait_for(self, *texts: str) -> None:
        """Wait until the screen shows all of `texts`."""
        self.wait(lambda: all(text in self.text for text in texts), str(texts))

    def wait_without(self, *texts: str) -> None:
        """Wait until the screen shows none of `texts`."""
        self.wait(lambda: not any(text in self.text for text in texts), f"screen without {texts}")

    def wait_prompt(self, text: str = "> ") -> None:
        """Wait until the cursor stands after an empty prompt that ends in `text`."""

        def seen() -> bool:
            cursor = self.screen.cursor
            line = self.screen.display[cursor.y]
            before = line[: cursor.x]
            return before.endswith(text) and (before.startswith(("con", "___", "lua", "rsint")))

        self.wait(seen, f"prompt {text!r}")

    def wait_toolbar(self) -> None:
        """Wait until the toolbar shows all that it says of a camera in play mode."""
        self.wait_for("| play |", "V |", "free")

    def type(self, keys: str) -> None:
        """Press keys."""
        self.child.send(keys)

    def line(self, text: str) -> None:
        """Type a line, see it, press Enter, and see the cursor leave it."""
        self.type(text)
        self.wait(lambda: self._before_cursor().endswith(text[-20:]), f"typed {text!r}")
        row = self._rows_left()
        self.type("\r")
        self.wait(
            lambda: self._rows_left() != row or not self._before_cursor().endswith(text[-20:])
        )

    def _before_cursor(self) -> str:
        cursor = self.screen.cursor
        above = self.screen.display[cursor.y - 1] if cursor.y else ""
        return above + self.screen.display[cursor.y][: cursor.x]

    def _rows_left(self) -> int:
        return self.screen.cursor.y

    def drop_line(self) -> None:
        """Press Ctrl-C at the prompt, and wait for the next one."""
        row = self.screen.cursor.y
        self.type("\x03")
        self.wait(lambda: self.screen.cursor.y > row, "new line")
        self.wait_prompt()

    def attributes(self, text: str) -> list[tuple[str, bool]]:
        """Return colour and boldness of each character where the screen first shows `text`."""
        for number, line in enumerate(self.screen.display):
            at = line.find(text)
            if at >= 0:
                cells = self.screen.buffer[number]
                return [(cells[at + i].fg, cells[at + i].bold) for i in range(len(text))]
        raise AssertionError(f"no {text!r} in:\n{self.text}")

    def wait_end(self) -> int:
        """Wait until the program has ended; return its exit status, or minus its signal."""
        deadline = time.monotonic() + TIMEOUT
        while self.feed(0.05):
            assert time.monotonic() < deadline, f"still runs:\n{self.text}"
        self.child.wait()
        return int(self.child.exitstatus or -(self.child.signalstatus or 0))

    def hang_up(self) -> int:
        """Close the terminal, as its window is closed; return what `wait_end` returns."""
        self.child.ptyproc.fileobj.close()
        self.child.ptyproc.closed = self.child.closed = True
        self.child.wait()
        return int(self.child.exitstatus or -(self.child.signalstatus or 0))

    def resize(self, rows: int, columns: int) -> None:
        """Change the size of the window."""
        self.screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)
