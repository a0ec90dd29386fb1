"""The whole terminal for one view: raw keys, the alternate screen, and everything back at the end.

The terminal is asked once, before the view begins, whether it shows pictures: a question is ended
by one that every terminal answers (primary device attributes), so that nothing waits in vain, and
keys that were typed meanwhile are kept.
"""

from __future__ import annotations

import enum
import os
import re
import select
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from prompt_toolkit.input import create_input
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.output import create_output

from chdkshell.errors import UsageError
from chdkshell.flow import CancelToken

ANSWER_SECONDS = 1.0
"""How long a terminal may take to answer: far more than a slow link needs."""

POLL_SECONDS = 0.02
"""How often the keyboard is looked at where a system cannot wait for it."""

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


class FullScreen:
    """The terminal as one view has it, in a `with` statement.

    Raises `UsageError` where stdin or stdout is no terminal.
    """

    def __init__(self, cancel: CancelToken) -> None:
        if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageError(
                "live needs a terminal", "`lvdumpimg` writes frames to files, `lvserve` to browsers"
            )
        self._cancel = cancel
        self._stack = ExitStack()
        self._input = create_input(sys.stdin)
        self._output = create_output(sys.stdout)
        self._typed: list[str] = []
        self.abilities = Abilities()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self._input.raw_mode())
            _let_ctrl_c_interrupt()
            stack.callback(self._restore)
            self._enter()
            if os.name == "posix":
                self.abilities = self._ask()
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
        size = self._output.get_size()
        cell = cell_by_ioctl() or self.abilities.cell or DEFAULT_CELL
        return Window(size.columns, size.rows, cell)

    def write(self, text: str) -> None:
        """Write text with its control sequences."""
        self._output.write_raw(text)
        self._output.flush()

    def keys(self, seconds: float) -> list[str]:
        """Wait up to `seconds` for keys and return them: "a", "up", "c-c", as prompt_toolkit does.

        Returns ["c-d"] where the terminal is gone. Raises `Cancelled`.
        """
        if self._typed:
            typed, self._typed = self._typed, []
            return typed
        self._cancel.check()
        if os.name == "posix":
            ready, _, _ = select.select([self._input.fileno()], [], [], seconds)
            presses = self._input.read_keys() if ready else self._input.flush_keys()
        else:
            presses = self._polled(seconds)
        if self._input.closed:
            return ["c-d"]
        return [str(getattr(press.key, "value", press.key)) for press in presses]

    @contextmanager
    def left(self) -> Iterator[None]:
        """Give the terminal back for a moment, and take it again when a key was pressed."""
        self._restore()
        with self._input.cooked_mode():
            yield
        self.write("-- any key: back to the live view --")
        while not self.keys(1):
            continue
        self.write("\r\x1b[K")
        self._enter()

    def _enter(self) -> None:
        self._output.enter_alternate_screen()
        self._output.hide_cursor()
        self._output.flush()

    def _polled(self, seconds: float) -> list[KeyPress]:
        end = time.monotonic() + seconds
        while not (presses := self._input.read_keys()) and time.monotonic() < end:
            self._cancel.wait(min(POLL_SECONDS, seconds))
        return presses

    def _restore(self) -> None:
        if self.abilities.graphics is Graphics.KITTY:
            self._output.write_raw("\x1b_Ga=d,d=A,q=2\x1b\\")
        self._output.reset_attributes()
        self._output.quit_alternate_screen()
        self._output.show_cursor()
        self._output.flush()

    def _ask(self) -> Abilities:
        abilities, rest = ask_terminal(self.write, self._input.fileno())
        parser = Vt100Parser(
            lambda press: self._typed.append(str(getattr(press.key, "value", press.key)))
        )
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
    graphics = Graphics.BLOCKS
    if attributes and "4" in attributes[1].split(";"):
        graphics = Graphics.SIXEL
    if kitty and kitty[1].endswith("OK"):
        graphics = Graphics.KITTY
    size = (int(cell[2]), int(cell[1])) if cell else (0, 0)
    for pattern in (_KITTY_ANSWER, _CELL_ANSWER, _ATTRIBUTES):
        text = pattern.sub("", text)
    return Abilities(graphics, size if min(size) > 0 else None), text


def _let_ctrl_c_interrupt() -> None:
    """Have Ctrl-C be a signal in raw mode, too: as a key it would wait for a camera that hangs."""
    if sys.platform == "win32":
        return
    import termios

    descriptor = sys.stdin.fileno()
    modes = termios.tcgetattr(descriptor)
    nothing = bytes([os.fpathconf(descriptor, "PC_VDISABLE") & 0xFF])
    modes[3] |= termios.ISIG
    for key in (termios.VQUIT, termios.VSUSP):
        modes[6][key] = nothing
    termios.tcsetattr(descriptor, termios.TCSANOW, modes)


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
