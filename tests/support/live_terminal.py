"""A terminal that shows the viewfinder: of different kinds, and with an eye for pictures."""

from __future__ import annotations

import sys
import termios
from pathlib import Path
from typing import Any

from support.terminal import Terminal
from support.timeouts import TIMEOUT

ANSWERS = {
    "plain": "\x1b[?62;22c",
    "sixel": "\x1b[6;20;10t\x1b[?62;4;22c",
    "kitty": "\x1b_Gi=1;OK\x1b\\\x1b[6;20;10t\x1b[?62c",
    "mute": "",
}
"""What kinds of terminals answer when they are asked what they can."""

MOUSE_MODES = {1000 << 5, 1006 << 5}
"""Private modes as pyte keeps them: buttons are reported, and how that is coded."""

WAITS = f"""import sys
from chdkshell.__main__ import main
from chdkshell.shell.terminal import fullscreen
fullscreen.ANSWER_SECONDS = {TIMEOUT}
sys.exit(main())"""
"""The program; it waits for an answer as long as a busy machine needs, where one comes."""


class LiveTerminal(Terminal):
    """Runs the program in the folder `home`, at a terminal of a kind that `ANSWERS` names."""

    def __init__(self, *arguments: str, home: Path, kind: str = "plain", **settings: str) -> None:
        colours: dict[str, Any] = {"COLORTERM": "truecolor", "PYTHONWARNINGS": "error"}
        self._kind = kind
        command = [sys.executable, "-c", WAITS] if ANSWERS[kind] else None
        super().__init__(*arguments, home=home, command=command, **{**colours, **settings})
        self._modes_before = self._modes()

    def _answer(self, data: str) -> None:
        # pyte's own device attributes are those of a VT102
        super()._answer(ANSWERS[self._kind] if data.startswith("\x1b[?") else data)

    @property
    def status(self) -> str:
        """The last line."""
        return self.lines[-1]

    @property
    def is_mouse_on(self) -> bool:
        """Whether the terminal reports its mouse, in the encoding that takes any place."""
        return self.screen.mode >= MOUSE_MODES

    def click(self, text: str, button: int = 0) -> None:
        """Click on the beginning of a text that the screen shows, last if there are several."""
        row = max(number for number, line in enumerate(self.lines) if text in line)
        column = self.lines[row].index(text)
        self.type("".join(f"\x1b[<{button};{column + 1};{row + 1}{end}" for end in "Mm"))

    def colours(self) -> list[list[tuple[str, str]]]:
        """Return foreground and background of each cell above the last line."""
        lines, columns = range(self.screen.lines - 1), range(self.screen.columns)
        cells = [[self.screen.buffer[y][x] for x in columns] for y in lines]
        return [[(cell.fg, cell.bg) for cell in line] for line in cells]

    def brightness(self, row: int) -> float:
        """Return how bright the upper halves of a row's characters are, 0 to 255."""
        colours = [foreground for foreground, _ in self.colours()[row] if len(foreground) == 6]
        channels = [int(colour[i : i + 2], 16) for colour in colours for i in (0, 2, 4)]
        return sum(channels) / max(len(channels), 1)

    def blocks(self) -> tuple[int, int, int, int]:
        """Return the first and last column, first and last row that hold half blocks."""
        cells = [
            (x, y) for y, line in enumerate(self.lines) for x, c in enumerate(line) if c == "▀"
        ]
        xs, ys = [x for x, _ in cells], [y for _, y in cells]
        return (min(xs), max(xs), min(ys), max(ys)) if cells else (0, -1, 0, -1)

    def assert_restored(self) -> None:
        """Check that the terminal is as it was before the view."""
        for begun, ended in (("\x1b[?1049h", "\x1b[?1049l"), ("\x1b[?25l", "\x1b[?25h")):
            assert self.raw.rindex(ended) > self.raw.rindex(begun)
        assert not MOUSE_MODES & self.screen.mode
        assert self._modes() == self._modes_before

    def _modes(self) -> list[object]:
        """Return echo, line editing, signals and the rest of the terminal's modes."""
        return list(termios.tcgetattr(self.child.child_fd))
