"""Keys of a terminal as they are pressed, named as prompt_toolkit does: "a", "up", "c-m"."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

from chdkshell.flow import CancelToken
from chdkshell.shell.console import ctrl_c_interrupting

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPress

POLL_SECONDS = 0.02
"""How often Windows' keyboard is looked at, which nothing can wait for along with a signal."""

_PREFIXES = ("\x00", "\xe0")
_AFTER_PREFIX = {"H": "up", "P": "down", "K": "left", "M": "right"}


class Keys(Protocol):
    """The keyboard."""

    def raw(self) -> AbstractContextManager[None]:
        """Have each key come at once, unseen, in the block. Ctrl-C stays a signal."""

    def cooked(self) -> AbstractContextManager[None]:
        """Have lines be typed again in the block, inside of the one of `raw`."""

    def pressed(self, seconds: float) -> list[str]:
        """Wait up to `seconds` for keys; ["c-d"] where the terminal is gone. Raises `Cancelled`.

        What a mouse that was switched on does comes as the terminal sends it (`terminal.mouse`).
        """


def keyboard(cancel: CancelToken) -> Keys:
    """Return the keyboard of this system's terminals."""
    if sys.platform == "win32":
        return ConsoleKeys(cancel)
    return TerminalKeys(cancel)


class TerminalKeys:
    """Keys of a POSIX terminal."""

    def __init__(self, cancel: CancelToken) -> None:
        from prompt_toolkit.input import create_input

        self._cancel = cancel
        self._input = create_input(sys.stdin)

    @property
    def descriptor(self) -> int:
        """Where what the terminal sends comes from."""
        return self._input.fileno()

    @contextmanager
    def raw(self) -> Iterator[None]:
        """Do as `Keys`."""
        with self._input.raw_mode():
            _let_ctrl_c_interrupt()
            yield

    def cooked(self) -> AbstractContextManager[None]:
        """Do as `Keys`."""
        return self._input.cooked_mode()

    def pressed(self, seconds: float) -> list[str]:
        """Do as `Keys`."""
        import select

        self._cancel.check()
        ready, _, _ = select.select([self._input.fileno()], [], [], seconds)
        presses = self._input.read_keys() if ready else self._input.flush_keys()
        if self._input.closed:
            return ["c-d"]
        return [named(press) for press in presses]


def named(press: KeyPress) -> str:
    """Return a key's name; for a report of the mouse, the report."""
    if press.key == "<vt100-mouse-event>":
        return press.data
    return str(getattr(press.key, "value", press.key))


def _let_ctrl_c_interrupt() -> None:
    """Have Ctrl-C be a signal in raw mode, too: as a key it would wait for a camera that hangs."""
    if sys.platform == "win32":
        return
    import os
    import termios

    descriptor = sys.stdin.fileno()
    modes = termios.tcgetattr(descriptor)
    nothing = bytes([os.fpathconf(descriptor, "PC_VDISABLE") & 0xFF])
    modes[3] |= termios.ISIG
    for key in (termios.VQUIT, termios.VSUSP):
        modes[6][key] = nothing
    termios.tcsetattr(descriptor, termios.TCSANOW, modes)


class ConsoleKeys:
    """Keys of Windows' console."""

    def __init__(self, cancel: CancelToken) -> None:
        self._cancel = cancel

    def raw(self) -> AbstractContextManager[None]:
        """Do as `Keys`: what is read key by key is not shown there."""
        return ctrl_c_interrupting()

    @contextmanager
    def cooked(self) -> Iterator[None]:
        """Do as `Keys`: lines are typed as ever there."""
        yield

    def pressed(self, seconds: float) -> list[str]:
        """Do as `Keys`."""
        end = time.monotonic() + seconds
        while not (keys := _keys_there()) and (left := end - time.monotonic()) > 0:
            self._cancel.wait(min(POLL_SECONDS, left))
        self._cancel.check()
        return keys


def _keys_there() -> list[str]:
    """Return the keys that were pressed since the last look."""
    keys: list[str] = []
    if sys.platform == "win32":
        import msvcrt

        while msvcrt.kbhit():
            key = msvcrt.getwch()
            # the second of them is a letter, too, after which nothing has to come
            if key in _PREFIXES and msvcrt.kbhit():
                keys.append(_AFTER_PREFIX.get(msvcrt.getwch(), ""))
            else:
                keys.append(_named(key))
    return keys


def _named(key: str) -> str:
    if key == "\x1b":
        return "escape"
    return f"c-{chr(ord(key) + 0x60)}" if "\x01" <= key <= "\x1a" else key
