"""The whole terminal for one view: raw keys, mouse, alternate screen, and all back at the end.

The terminal is asked once, before the view begins, whether it shows pictures: a question is ended
by one that every terminal answers (primary device attributes), so that nothing waits in vain, and
keys that were typed meanwhile are kept.
"""

from __future__ import annotations

import enum
import os
import re
import select
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TextIO

from chdkshell.errors import UsageError
from chdkshell.flow import CancelToken
from chdkshell.shell.console import can_show, is_git_bash, is_terminal, takes_escapes
from chdkshell.shell.terminal import mouse
from chdkshell.shell.terminal.keys import TerminalKeys, keyboard, named

ANSWER_SECONDS = 1.0
"""How long a terminal may take to answer: far more than a slow link needs."""

UPPER_HALF = "\u2580"
"""The upper half of a character in its colour, the lower half in that behind it."""

_ENTER = "\x1b[?1049h\x1b[H\x1b[?25l"
"""Go to the alternate screen, to its beginning, and hide the cursor."""

_LEAVE = "\x1b[0m\x1b[?1049l\x1b[?25h"

DEFAULT_CELL = (10, 20)
"""Width and height of a character in pixels where the terminal does not say them."""

_QUESTIONS = (
    # kitty: would a picture of one pixel be shown?
    "\x1b_Gi=1,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
    # xterm: the size of a character in pixels
    "\x1b[16t"
    # primary device attributes: 4 among them is sixel
    "\x1b[c"
)
_KITTY_ANSWER = re.compile(r"\x1b_G([^\x1b]*)\x1b\\")
_CELL_ANSWER = re.compile(r"\x1b\[6;(\d{1,4});(\d{1,4})t")
_ATTRIBUTES = re.compile(r"\x1b\[\?([\d;]*)c")


class Graphics(enum.Enum):
    """How pictures get onto a terminal."""

    ASCII = "ascii"
    """Blanks in colour, with one pixel each."""

    BLOCKS = "blocks"
    """Half blocks: characters, with two pixels each."""

    KITTY = "kitty"
    SIXEL = "sixel"


@dataclass(frozen=True, slots=True)
class Window:
    """The terminal's size in characters, and that of a character in pixels."""

    columns: int
    rows: int
    cell: tuple[int, int] = DEFAULT_CELL


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a terminal said of itself. `cell` is None where it does not know its pixels."""

    graphics: Graphics = Graphics.BLOCKS
    cell: tuple[int, int] | None = None


def without_pictures(terminal: TextIO) -> Graphics:
    """Return how a terminal that shows no pictures is drawn on."""
    return Graphics.BLOCKS if can_show(UPPER_HALF, terminal) else Graphics.ASCII


class FullScreen:
    """The terminal as one view has it, in a `with` statement.

    Raises `UsageError` where stdin or stdout is no terminal.
    """

    def __init__(self, cancel: CancelToken) -> None:
        if not (is_terminal(sys.stdin) and takes_escapes(sys.stdout)):
            way = "`lvdumpimg` writes frames to files, `lvserve` to browsers"
            if is_git_bash(sys.stdin):
                way = f"`winpty chdkshell` has one here; {way}"
            raise UsageError("live needs a terminal", way)
        self._stack = ExitStack()
        self._keys = keyboard(cancel)
        self._typed: list[str] = []
        self.abilities = Abilities(without_pictures(sys.stdout))

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self._keys.raw())
            stack.callback(self._restore)
            self._enter()
            if isinstance(self._keys, TerminalKeys):
                self.abilities = self._ask(self._keys.descriptor)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    @property
    def window(self) -> Window:
        """The terminal's size now."""
        try:
            columns, rows = os.get_terminal_size(sys.stdout.fileno())
        except OSError:
            columns, rows = shutil.get_terminal_size()
        cell = cell_by_ioctl() or self.abilities.cell or DEFAULT_CELL
        return Window(columns, rows, cell)

    def write(self, text: str) -> None:
        """Write text with its control sequences."""
        sys.stdout.write(text)
        sys.stdout.flush()

    def keys(self, seconds: float) -> list[str]:
        """Wait up to `seconds` for keys and return them: "a", "up", "c-c", as prompt_toolkit does.

        Returns ["c-d"] where the terminal is gone. Raises `Cancelled`.
        """
        if self._typed:
            typed, self._typed = self._typed, []
            return typed
        return self._keys.pressed(seconds)

    @contextmanager
    def left(self) -> Iterator[None]:
        """Give the terminal back for a moment, and take it again when a key was pressed."""
        self._restore()
        with self._keys.cooked():
            yield
        self.write("-- any key: back to the live view --")
        while not self.keys(1):
            continue
        takes_escapes(sys.stdout)  # a program that a command ran may have changed that
        self.write("\r\x1b[K")
        self._enter()

    def _enter(self) -> None:
        # Windows' console has the mouse to itself as long as its keys are read one by one.
        self.write(_ENTER + (mouse.ON if isinstance(self._keys, TerminalKeys) else ""))

    def _restore(self) -> None:
        of_pictures = "\x1b_Ga=d,d=A,q=2\x1b\\"
        is_kitty = self.abilities.graphics is Graphics.KITTY
        self.write((of_pictures if is_kitty else "") + mouse.OFF + _LEAVE)

    def _ask(self, descriptor: int) -> Abilities:
        from prompt_toolkit.input.vt100_parser import Vt100Parser

        abilities, rest = ask_terminal(self.write, descriptor)
        parser = Vt100Parser(lambda press: self._typed.append(named(press)))
        parser.feed_and_flush(rest)
        # A terminal that does not know the kitty question may have shown it.
        self.write("\x1b[2J")
        return abilities


def ask_terminal(write: Callable[[str], None], descriptor: int) -> tuple[Abilities, str]:
    """Ask a terminal that gives its keys as they are; `descriptor` is where its answers come from.

    Returns as `read_answers`.
    """
    write(_QUESTIONS)
    answers, end = "", time.monotonic() + ANSWER_SECONDS
    while not _ATTRIBUTES.search(answers):
        left = end - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            break
        data = os.read(descriptor, 1024)
        if not data:
            break
        answers += data.decode("utf-8", "replace")
    return read_answers(answers)


def read_answers(text: str) -> tuple[Abilities, str]:
    """Return what a terminal answered to the questions, and what else it sent: typed keys."""
    kitty, cell, attributes = (
        pattern.search(text) for pattern in (_KITTY_ANSWER, _CELL_ANSWER, _ATTRIBUTES)
    )
    graphics = without_pictures(sys.stdout)
    if attributes and "4" in attributes[1].split(";"):
        graphics = Graphics.SIXEL
    if kitty and kitty[1].endswith("OK"):
        graphics = Graphics.KITTY
    size = (int(cell[2]), int(cell[1])) if cell else (0, 0)
    for pattern in (_KITTY_ANSWER, _CELL_ANSWER, _ATTRIBUTES):
        text = pattern.sub("", text)
    return Abilities(graphics, size if min(size) > 0 else None), text


def cell_by_ioctl() -> tuple[int, int] | None:
    """Return a character's size where the system knows the window's pixels."""
    if sys.platform == "win32":
        return None
    import fcntl
    import struct
    import termios

    try:
        answer = fcntl.ioctl(sys.stdout.fileno(), termios.TIOCGWINSZ, bytes(8))
    except OSError:
        return None
    rows, columns, width, height = struct.unpack("4H", answer)
    if not (rows and columns and width >= columns and height >= rows):
        return None
    return width // columns, height // rows
