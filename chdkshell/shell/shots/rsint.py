"""What `rsint` does: remote captures at the word of a person, or of a program."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from chdkshell.chdk.paths import no_path
from chdkshell.chdk.shooting.capture import CaptureRequest
from chdkshell.chdk.shooting.capturesession import CapturePlan, CaptureSession
from chdkshell.chdk.shooting.destinations import CaptureDestination
from chdkshell.chdk.shooting.series import MAX_RETRIES, RECONNECT_SECONDS, bring_back
from chdkshell.errors import (
    Cancelled,
    ChdkShellError,
    HostFileError,
    ScriptError,
    SeriesError,
    TransportError,
    UsageError,
    printable,
)
from chdkshell.shell import programs
from chdkshell.shell.console import is_terminal
from chdkshell.shell.linesource import conversed_line, lines_from, standard_input, typed_line
from chdkshell.shell.shots import shotrun

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
        self._losses = 0
        self._destination = self._parse(destination)
        self._text = destination
        self._printer = shotrun.ShotPrinter(context, plan.exposure, counts=False)
        self._camera = camera = context.camera
        self._session = CaptureSession(
            camera.protocol,
            camera.scripts,
            request,
            plan,
            lambda kind, number: self._destination.path(kind, number),
            lambda text: context.renderer.info(f"script msg {printable(text)}"),
        )

    def _parse(self, text: str | None) -> CaptureDestination:
        return CaptureDestination(text, self._context.camera.naming, self._literal)

    def run(self, read_line: ReadLine, sequence: int | None) -> None:
        """Carry out lines until `l`, `q`, the end of the input, or the end of the script.

        A camera that drops off the bus is looked for, and the loop goes on with the same settings.
        """
        shotrun.start_sequence(self._context, sequence, self._text)
        try:
            self._begin()
            self._follow(read_line)
            self._session.close(self._context.cancel)
        except BaseException:
            self._session.abort()
            raise

    def _follow(self, read_line: ReadLine) -> None:
        while self._runs():
            line = read_line()
            if line is None:
                line = "l" if self._plan.cont else "q"
            if not self._runs() or self._obey(line):
                return

    def _runs(self) -> bool:
        """Hand on what the script says. Returns whether it runs, after a drop-out again."""
        try:
            return self._session.look(self._context.cancel)
        except TransportError as error:
            self._bring_back(error)
            return True

    def _begin(self) -> None:
        self._session.look_before(self._context.cancel)
        self._session.start(cancel=self._context.cancel)

    def _bring_back(self, error: TransportError) -> None:
        """Find the camera again, and begin anew, which in continuous mode may cost a shot.

        Raises `SeriesError` where it was lost too often without a shot between.
        """
        context = self._context
        while True:
            context.warn(f"the camera is gone: {error}; looking for it")
            self._losses += 1
            bring_back(self._camera, RECONNECT_SECONDS, self._go_over, cancel=context.cancel)
            if self._losses > MAX_RETRIES:
                raise SeriesError(
                    f"the camera was gone {self._losses} times in a row without a shot ({error})"
                )
            try:
                self._begin()
            except TransportError as next_error:
                error = next_error
            else:
                context.warn("the camera is back, with the same settings")
                return

    def _go_over(self) -> None:
        camera = self._camera
        self._session.go_over_to(camera.protocol, camera.scripts, self._context.cancel)

    def _obey(self, line: str) -> bool:
        """Carry out one line. Returns whether it ends the loop; most failures are only told."""
        name, _, rest = line.strip().partition(" ")
        name, equals, value = name.partition("=")
        try:
            if name == "path":
                if equals and not value:
                    raise no_path()
                self._destination = self._parse((value if equals else rest.strip()) or None)
                return False
            if not name:
                return False
            if name not in COMMANDS or equals:
                raise UsageError(
                    f"unknown command {printable(line.strip())}", f"there are {', '.join(COMMANDS)}"
                )
            if name == "q" and self._plan.cont:
                raise UsageError("q does not leave continuous mode", "l leaves, with one more shot")
            return self._send(name, line.strip())
        except TransportError as error:
            self._bring_back(error)
            if name == "q":
                return self._send(name, name)
            self._context.warn(f"{name} was lost with the connection; give it again if you want it")
            return False
        except (Cancelled, ScriptError):  # the script has ended
            raise
        except ChdkShellError as error:
            self._context.renderer.error(error)
            return False

    def _send(self, name: str, line: str) -> bool:
        self._session.command(line)
        if name in ("exec", "pcall"):
            self._session.wait_answered(self._context.cancel)
        if name in ("s", "l"):
            context = self._context
            self._destination.shot_number = shotrun.start_sequence(context, None)
            shotrun.count_shot(context)
            shot = self._session.fetcher.fetch_shot(cancel=context.cancel)
            if shot.problem:
                context.warn(shot.problem)
            self._losses = 0
            self._printer.captured(shot)
        return name in ("l", "q")


@contextmanager
def lines_of(program: str | None, context: Context) -> Iterator[ReadLine]:
    """Give a function that reads a line: of a program's output, of the terminal, or of a pipe.

    It returns None at the end, and raises `Cancelled` for Ctrl-C. A program that goes on at the end
    is ended.
    """
    if program is None:
        yield _interruptible(_reader(context), context)
        return
    try:
        child = programs.start(program, stdout=subprocess.PIPE)
    except OSError as error:
        raise HostFileError(f"cannot run {program}: {error.strerror or error}") from error
    assert child.process.stdout is not None
    output = io.TextIOWrapper(child.process.stdout, encoding="utf-8", errors="replace")
    lines = lines_from(output)

    def read() -> str | None:
        line = lines.readline(MAX_LINE)
        if not line:
            status = child.status(programs.END_SECONDS)  # it may have closed its output, and go on
            if status:
                context.warn(f"{printable(program)} failed with status {status}")
        return line or None

    try:
        yield _interruptible(read, context)
    finally:
        child.end()
        output.close()


def _interruptible(read: ReadLine, context: Context) -> ReadLine:
    """Have Ctrl-C end a wait for a line: a command's own handler only notes it."""

    def read_or_cancel() -> str | None:
        try:
            with context.signals.waiting():
                context.cancel.check()  # it may have come while the camera was busy
                return read()
        except KeyboardInterrupt:
            raise Cancelled from None

    return read_or_cancel


def _reader(context: Context) -> ReadLine:
    """Return what reads a line of standard input, asking for it where somebody waits for that."""
    if context.converses:
        return _prompting(conversed_line, context)
    if not is_terminal(sys.stdin):
        return _piped
    return _prompting(typed_line, context) if context.letters_alone else _terminal()


def _prompting(read_line: Callable[[str, TextIO], str], context: Context) -> ReadLine:
    def read() -> str | None:
        try:
            return read_line(PROMPT, context.renderer.stdout)
        except EOFError:
            return None

    return read


def _piped() -> str | None:
    return standard_input().readline(MAX_LINE) or None


def _terminal() -> ReadLine:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter

    from chdkshell.shell.typed import typed

    completer = WordCompleter(list(COMMANDS), meta_dict=COMMANDS, sentence=True)
    session: PromptSession[str] = PromptSession(completer=completer)

    def read() -> str | None:
        try:
            return typed(session, PROMPT)
        except EOFError:
            return None

    return read
