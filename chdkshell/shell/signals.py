"""Signals: Ctrl-C ends a command; SIGTERM, SIGHUP and their like end it too, and then the program.

A command that uses the camera is cancelled, so that it kills its script, puts settings back and
tidies its files; then the program ends by the signal itself, which whoever started it can see.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from chdkshell.shell.breakoff import may_break_off

if TYPE_CHECKING:
    from types import FrameType

    from chdkshell.flow import CancelToken

ENDING = ("SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK")
"""The signals that end the program. Windows has SIGBREAK alone: for Ctrl-Break, and its window."""


class EndedBySignal(SystemExit):
    """Ends the program through the blocks that put things in order."""


class _Level:
    """A command that can be cancelled, maybe in another one, the `outer`.

    `caught` holds the signals that came while it ran.
    """

    def __init__(self, cancel: CancelToken, outer: _Level | None) -> None:
        self.cancel = cancel
        self.outer = outer
        self.caught: list[int] = []


class Signals:
    """What signals do to the program. There is one of these in it.

    `ended_by` is the number of the signal that ends it, 0 as long as none came. `hurried`: another
    one came, and nothing is waited for any more; `on_hurry` is called then.
    """

    def __init__(self) -> None:
        self.ended_by = 0
        self.hurried = False
        self.on_hurry: Callable[[], None] = lambda: None
        self._level: _Level | None = None

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Heed the signals that end a program in the whole block. Those ignored so far stay so."""
        if not _in_main_thread():
            yield
            return
        before: dict[int, Any] = {}
        for number in _ending():
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, self._end)
        try:
            with _heeding_console():
                yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def cancelling(self, cancel: CancelToken) -> Iterator[list[int]]:
        """Have the first signal set `cancel`, and the next break off what runs.

        Gives the list of the signals that came. A signal that ends the program does so after the
        block, where `ended_by` is looked at.
        """
        level = _Level(cancel, self._level)

        def on_interrupt(number: int, frame: FrameType | None) -> None:
            level.caught.append(number)
            if not cancel.is_set():
                cancel.set()
            elif may_break_off(frame):
                raise KeyboardInterrupt

        with self._at(level, on_interrupt):
            if level.outer is not None and level.outer.cancel.is_set():
                cancel.set()  # the signal came while this command was about to begin
            yield level.caught

    @contextmanager
    def waiting(self, has_interrupts: bool = False) -> Iterator[None]:
        """Have a signal break off a wait for a person or a program, that looks at no token.

        `has_interrupts`: Ctrl-C is left to what is waited for, such as a program at the terminal.
        """
        self.require_going_on()
        is_over = came_late = False

        def break_off_once(number: int, frame: FrameType | None) -> None:
            nonlocal is_over, came_late
            came_late = is_over
            if not is_over:
                is_over = True
                raise KeyboardInterrupt

        with self._at(None, None if has_interrupts else break_off_once):
            try:
                if has_interrupts or not _in_main_thread():
                    yield
                    return
                from chdkshell.shell.insisting import insisting

                with insisting({signal.SIGINT, *_ending()}):
                    try:
                        yield
                    finally:
                        is_over = True  # what ends the wait is not broken off in turn
                if came_late:
                    raise KeyboardInterrupt
            finally:
                self.require_going_on()

    @contextmanager
    def _at(self, level: _Level | None, on_interrupt: Callable[..., Any] | None) -> Iterator[None]:
        if not _in_main_thread():
            yield
            return
        outer, self._level = self._level, level
        before = signal.getsignal(signal.SIGINT)
        if on_interrupt is not None and before is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, on_interrupt)
        try:
            yield
        finally:
            self._level = outer
            signal.signal(signal.SIGINT, before)

    def _end(self, number: int, frame: FrameType | None) -> None:
        level, again = self._level, bool(self.ended_by)
        self.ended_by = self.ended_by or number
        if again:
            self.hurried = True
            self.on_hurry()
        elif level is not None and not level.cancel.is_set():
            level.caught.append(number)
            while level is not None:  # none of them may go on
                level.cancel.set()
                level = level.outer
            return
        elif _end_prompt():
            return
        raise EndedBySignal(128 + number)

    def require_going_on(self) -> None:
        """Raise `EndedBySignal` where the program was told to end."""
        if self.ended_by:
            raise EndedBySignal(128 + self.ended_by)

    def close_output(self) -> None:
        """Note that whoever read the output is gone, which ends a program by SIGPIPE."""
        self.ended_by = self.ended_by or int(getattr(signal, "SIGPIPE", 0))

    def die(self) -> None:
        """End the program by the signal that was to end it, if one was."""
        if not self.ended_by or sys.platform == "win32":
            return
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
        signal.signal(self.ended_by, signal.SIG_DFL)
        signal.raise_signal(self.ended_by)


def _ending() -> list[int]:
    """Return the numbers of the signals that end the program on this system."""
    return [getattr(signal, name) for name in ENDING if hasattr(signal, name)]


def _in_main_thread() -> bool:
    threading = sys.modules.get("threading")  # where nobody has imported it, there is one thread
    return threading is None or threading.current_thread() is threading.main_thread()


def _end_prompt() -> bool:
    """End a line that is being typed. Returns False where none is.

    What a handler raises inside of the prompt's event loop would be told of as that loop's failure.
    """
    module = sys.modules.get("prompt_toolkit.application.current")
    app = module.get_app_or_none() if module else None
    if app is None or not app.is_running or app.loop is None:
        return False
    app.loop.call_soon_threadsafe(_exit, app)
    return True


def _exit(app: Any) -> None:
    with suppress(Exception):  # it ends already
        app.exit(exception=EOFError)


def _heeding_console() -> AbstractContextManager[None]:
    """On Windows, let the block come to its end when the console is closed."""
    if sys.platform == "win32":
        from chdkshell.shell.winconsole import closing_interrupts

        return closing_interrupts(signal.SIGBREAK)
    return nullcontext()
