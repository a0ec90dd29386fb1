"""Scripts of the card and Lua, run for the page: what they say is kept, and told as it comes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

from chdkshell.chdk.collecting import ScriptResult
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.errors import Cancelled, ChdkShellError, printable
from chdkshell.flow import CancelToken
from chdkshell.page.problems import text_of
from chdkshell.page.station import Station
from chdkshell.page.workshapes import ScriptSayings

MAX_LINES = 500
"""Lines of a script that are kept, the latest."""

MAX_LINE = 2000


RunsScript = Callable[[Callable[[ScriptMessage], None], CancelToken], ScriptResult]
"""Runs a script with who hears its messages, and a token that ends it."""


class ScriptRun:
    """A script that the page has started at a camera."""

    def __init__(self, station: Station, title: str) -> None:
        self._station = station
        self._title = title
        self._cancel = CancelToken()
        self._lines: deque[str] = deque(maxlen=MAX_LINES)
        self._ended = ""

    def start(self, work: RunsScript) -> None:
        """Have the camera's thread run it."""

        def whole() -> None:
            self._station.tell()
            try:
                values = _values(work(self._receive, self._cancel))
            except Cancelled:
                self._end([], "stopped")
            except ChdkShellError as error:
                self._end([], text_of(error))
                raise
            else:
                self._end([str(value) for value in values], "ended")

        # busy from now on: what is asked for next would wait for all of the script
        done: Future[None] = self._station.submit(whole, busy=f"{self._title} runs")
        done.add_done_callback(self._note_failure)

    def _note_failure(self, done: Future[None]) -> None:
        """Note where it never ran, or ended by what is none of the library's errors."""
        error = done.exception()
        if error is not None and not self._ended:
            self._end([], printable(str(error)) or type(error).__name__)

    def stop(self) -> None:
        """Have it ended by way of its `restore`, or killed."""
        self._cancel.set()

    def report(self) -> ScriptSayings:
        """Return what it has said."""
        ended = self._ended  # first: all that it said is there when it has ended
        return ScriptSayings(self._title, not ended, list(self._lines), ended)

    def _receive(self, message: ScriptMessage) -> None:
        self._lines.append(str(message.value)[:MAX_LINE])
        self._tell()

    def _end(self, lines: list[str], ended: str) -> None:
        # who hears of the end may ask for the next thing at once
        self._station.gallery.forget()
        self._station.free()
        self._station.tell()
        self._lines.extend(f"= {line}"[:MAX_LINE] for line in lines)
        self._ended = ended
        self._tell()

    def _tell(self) -> None:
        report = self.report()
        last = report.lines[-1:]
        self._station.publish(
            "script",
            {
                "title": report.title,
                "running": report.running,
                "line": last[0] if last else "",
                "ended": report.ended,
            },
        )


def _values(result: ScriptResult) -> tuple[object, ...]:
    value = result.read()
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)
