"""What several cameras print at the same time, each line with the camera's name."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, cast

from chdkshell.errors import Cancelled, UsageError
from chdkshell.shell.output.render import Renderer

if TYPE_CHECKING:
    from chdkshell.rig.members import Member
    from chdkshell.shell.prefs import Prefs


class LineStream(io.TextIOBase):
    """Passes whole lines on as they are written, those of one text together."""

    def __init__(self, take: Callable[[list[str]], None]) -> None:
        self._take = take
        self._rest = ""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        if lines:
            self._take(lines)
        return len(text)

    def end(self) -> None:
        """Pass on what is left of a line."""
        if self._rest:
            self.write("\n")


class Turns:
    """Writes what cameras print, in their order: one that is not due is kept until it is.

    JSON has the camera in each object, and comes as it is written; so does what is told beside the
    results.
    """

    def __init__(self, renderer: Renderer, labels: Sequence[str]) -> None:
        self._renderer = renderer
        self._labels = labels
        self._width = max(map(len, labels)) if renderer.for_people else 0
        self._is_json = renderer.prefs.gives_json
        self._held: list[list[str]] = [[] for _ in labels]
        self._over: set[int] = set()
        self._due = 0
        self._lock = threading.Lock()

    def print(self, index: int, lines: Sequence[str]) -> None:
        """Take lines of results."""
        with self._lock:
            if self._is_json:
                self._renderer.write("\n".join(lines))
            elif index == self._due:
                self._write(index, lines)
            else:
                self._held[index] += lines

    def tell(self, index: int, lines: Sequence[str]) -> None:
        """Take lines of what is told beside the results."""
        with self._lock:
            self._renderer.notice("\n".join(self._named(index, line) for line in lines))

    def ended(self, index: int) -> None:
        """Go on with the next camera, where the one that is due has ended."""
        with self._lock:
            self._over.add(index)
            if self._renderer.bar is not None:
                self._renderer.bar.describe(f"{len(self._over)} of {len(self._labels)} cameras")
            while self._due in self._over:
                self._due += 1
                if self._due < len(self._labels):
                    self._write(self._due, self._held[self._due])
                    self._held[self._due] = []

    def _write(self, index: int, lines: Sequence[str]) -> None:
        if lines:
            self._renderer.write("\n".join(self._named(index, line) for line in lines))

    def _named(self, index: int, line: str) -> str:
        return f"{self._labels[index]}: ".ljust(self._width + 2) + line


class MemberRenderer(Renderer):
    """Writes what a command gives for one camera of several."""

    def __init__(self, prefs: Prefs, turns: Turns, index: int, member: Member) -> None:
        self._out = LineStream(lambda lines: turns.print(index, lines))
        self._err = LineStream(lambda lines: turns.tell(index, lines))
        super().__init__(prefs, cast(TextIO, self._out), cast(TextIO, self._err))
        camera = member.camera
        self.about = {"camera": member.label, "number": member.number, "serial": camera.serial}

    def error(self, error: BaseException) -> None:
        """Tell an error; that Ctrl-C ended the command is said once for all cameras."""
        if isinstance(error, Cancelled) and not (error.notes or error.left_on_card):
            return
        super().error(error)

    @contextmanager
    def lending_stdout(self) -> Iterator[None]:
        raise UsageError(
            "standard output takes one file, not those of several cameras", "name files"
        )
        yield

    def end(self) -> None:
        """Write what is left of lines."""
        self._out.end()
        self._err.end()
