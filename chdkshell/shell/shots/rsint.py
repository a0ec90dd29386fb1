"""What `rsint` does: remote captures at the word of a person, or of a program."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chdkshell.chdk.shooting.capture import CaptureRequest
from chdkshell.chdk.shooting.destinations import CaptureDestination
from chdkshell.chdk.shooting.shots import CapturePlan, CaptureSession
from chdkshell.errors import (
    Cancelled,
    ChdkShellError,
    HostFileError,
    TransportError,
    UsageError,
    printable,
)
from chdkshell.shell.shots import shotrun
from chdkshell.shell.shots.captureshots import shot_result

if TYPE_CHECKING:
    from chdkshell.shell.context import Context

PROMPT = "rsint> "
COMMANDS = {
    "s": "shoot",
    "l": "shoot, and leave",
    "q": "leave; not in continuous mode",
    "exec": "run Lua on the camera",
    "pcall": "run Lua on the camera, which may fail",
    "path": "set the destination, as the first word of rsint",
}

MAX_LINE = 1 << 16

ReadLine = Callable[[], str | None]


class Interactive:
    """The loop of `rsint`: one line, one command, until one of them leaves."""

    def __init__(
        self,
        context: Context,
        request: CaptureRequest,
        plan: CapturePlan,
        destination: str | None,
        literal: bool,
    ) -> None:
        self._context = context
        self._plan = plan
        self._literal = literal
        self._destination = self._parse(destination)
        camera = context.camera
        self._session = CaptureSession(
            camera.protocol,
            camera.scripts,
            request,
            plan,
            lambda kind, number: self._destination.path(kind, number),
            lambda text: context.renderer.info(f"script msg {printable(text)}"),
        )

    def _parse(self, text: str | None) -> CaptureDestination:
        return CaptureDestination(text, shotrun.camera_names(self._context), self._literal)

    def run(self, read_line: ReadLine, sequence: int | None) -> None:
        """Carry out lines until `l`, `q`, the end of the input, or the end of the script."""
        shotrun.start_sequence(self._context, sequence)
        self._session.open(self._context.cancel)
        try:
            while self._session.look():
                line = read_line()
                if line is None:
                    line = "l" if self._plan.cont else "q"
                if self._obey(line):
                    break
        except BaseException:
            self._session.abort()
            raise
        self._session.close(self._context.cancel)

    def _obey(self, line: str) -> bool:
        """Carry out one line. Returns whether it ends the loop; most failures are only told."""
        name, _, rest = line.strip().partition(" ")
        name, equals, value = name.partition("=")
        try:
            if name == "path":
                self._destination = self._parse((value if equals else rest.strip()) or None)
                return False
            if not name:
                return False
            if name not in COMMANDS or equals:
                raise UsageError(
                    f"unknown command {printable(line.strip())}", f"there are {', '.join(COMMANDS)}"
                )
            if name == "q" and self._plan.cont:
                raise UsageError("in continuous mode l leaves, with one more shot")
            return self._send(name, line.strip())
        except (TransportError, Cancelled):
            raise
        except ChdkShellError as error:
            self._context.renderer.error(error)
            return False

    def _send(self, name: str, line: str) -> bool:
        self._session.command(line)
        if name in ("s", "l"):
            context = self._context
            self._destination.shot_number = shotrun.shot_number(context)
            shotrun.count_shot(context)
            shot = self._session.fetch(cancel=context.cancel)
            if shot.problem:
                context.warn(shot.problem)
            context.emit(shot_result(shot))
        return name in ("l", "q")


@contextmanager
def lines_of(program: str | None) -> Iterator[ReadLine]:
    """Give a function that reads a line: of a program's output, of the terminal, or of a pipe.

    It returns None at the end. A program that goes on at the end is ended.
    """
    if program is None:
        yield _terminal() if sys.stdin is not None and sys.stdin.isatty() else _piped
        return
    try:
        child = subprocess.Popen(
            program, shell=True, stdout=subprocess.PIPE, encoding="utf-8", errors="replace"
        )
    except OSError as error:
        raise HostFileError(f"cannot run {program}: {error.strerror or error}") from error
    output = child.stdout
    assert output is not None
    try:
        yield lambda: output.readline(MAX_LINE) or None
    finally:
        output.close()
        child.terminate()
        child.wait()


def _piped() -> str | None:
    return (sys.stdin.readline(MAX_LINE) or None) if sys.stdin is not None else None


def _terminal() -> ReadLine:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter

    completer = WordCompleter(list(COMMANDS), meta_dict=COMMANDS, sentence=True)
    session: PromptSession[str] = PromptSession(PROMPT, completer=completer)

    def read() -> str | None:
        try:
            return session.prompt()
        except (EOFError, KeyboardInterrupt):
            return None

    return read
