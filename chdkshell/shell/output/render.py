"""Results and errors on their way out: results to stdout, everything else to stderr."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import (
    AbstractContextManager,
    contextmanager,
    nullcontext,
    redirect_stdout,
    suppress,
)
from typing import TYPE_CHECKING, Any, TextIO

from chdkshell.errors import ChdkShellError, ScriptError, UsageError, printable
from chdkshell.shell.console import is_terminal, takes_escapes
from chdkshell.shell.output.closed import OutputClosedError, reader_is_gone
from chdkshell.shell.output.errortext import error_text, error_words
from chdkshell.shell.prefs import OutputKind

if TYPE_CHECKING:
    from chdkshell.shell.output.progress import Bar
    from chdkshell.shell.prefs import Prefs
    from chdkshell.shell.results import Result
    from chdkshell.streams import Sink

CLEAR_SCREEN = "\x1b[H\x1b[2J"


def default_output(stdout: TextIO) -> OutputKind:
    """Return what suits `stdout`: rich on a terminal that can more than show letters."""
    return OutputKind.RICH if takes_escapes(stdout) else OutputKind.PLAIN


class Renderer:
    """Writes what commands give, in the kind of output that the options say.

    `bar` is the line below the output while a command works at a terminal. `holds_data`: stdout
    takes the bytes of a file, so that all else goes to stderr. `about` is in each object of JSON.
    """

    def __init__(self, prefs: Prefs, stdout: TextIO, stderr: TextIO) -> None:
        self.prefs = prefs
        self.stdout = stdout
        self.stderr = stderr
        self.at_prompt = False
        self.bar: Bar | None = None
        self._terminals = [stream for stream in (stdout, stderr) if is_terminal(stream)]
        self.holds_data = False
        self.about: dict[str, Any] = {}
        self._copy: TextIO | None = None

    def command(self, name: str) -> CommandOutput:
        """Return where the output of one run of the command `name` goes."""
        if sys.platform == "win32":
            for terminal in self._terminals:  # a program that had the console may have changed it
                takes_escapes(terminal)
        return CommandOutput(self, name, self.prefs.output_kind)

    def copy_to(self, file: TextIO | None) -> None:
        """Write a copy of commands, results and errors to `file`, too; None closes that."""
        if self._copy is not None:
            self._copy.close()
        self._copy = file

    def write(self, text: str, paged: bool = False) -> None:
        """Write a text and a line feed to stdout; nothing for an empty text.

        `paged`: at the prompt, through the pager where it does not fit the screen.
        """
        if not text:
            return
        text = text if text.endswith("\n") else text + "\n"
        if self._copy is not None:
            from chdkshell.shell.output.textforms import without_colours

            self._write_copy(self._copy, without_colours(text))
        if paged and self.at_prompt and self.prefs.flag("pager") and self._is_terminal(self.stdout):
            from chdkshell.shell.output.pager import fits, page

            if not fits(text) and page(text):
                return
        self._send(self.stderr if self.holds_data else self.stdout, text)

    def copy_command(self, line: str) -> None:
        """Write a command to the copy, before what comes of it; JSON names it there."""
        if self._copy is not None and self.prefs.output_kind is not OutputKind.JSON:
            self._write_copy(self._copy, f"> {printable(line)}\n")

    def _write_copy(self, copy: TextIO, text: str) -> None:
        """Write to the copy. One that cannot go on ends, and takes no result with it."""
        try:
            self._send(copy, text)
        except OSError as error:
            self._copy = None
            with suppress(OSError):
                copy.close()
            self.warning(f"the copy in {copy.name} ends early: {error.strerror}")

    def show(self, value: Result, paged: bool = False) -> None:
        """Write a result to stdout as text or as a table. `paged` as in `write`."""
        if self.prefs.output_kind is not OutputKind.RICH or (self.prefs.compat and value.pretended):
            self.write(value.text(), paged)
            return
        for piece in value.screens(self.stdout):
            self.write(piece, paged)

    def info(self, text: str) -> None:
        """Tell something beside the results: on stdout, except where that holds JSON or a file."""
        beside = self.prefs.output_kind is OutputKind.JSON or self.holds_data
        self._send(self.stderr if beside else self.stdout, text + "\n")

    def write_bytes(self, data: bytes, beside: bool = False) -> None:
        """Write what a program of the user's writes, byte by byte as it is.

        `beside` the results: to stderr, where all goes that must not come into JSON or a file.
        """
        is_json = self.prefs.output_kind is OutputKind.JSON
        stream = self.stderr if beside or is_json or self.holds_data else self.stdout
        buffer = getattr(stream, "buffer", None)
        if buffer is None:
            self._send(stream, data.decode("utf-8", "surrogateescape"))
            return
        self._send(stream, "")
        with _told_closed(self._is_terminal(stream)):
            buffer.write(data)
            buffer.flush()

    @property
    def stdout_of_programs(self) -> int | None:
        """Where programs of the user's write: None is stdout, where that holds results in text."""
        is_json = self.prefs.output_kind is OutputKind.JSON
        return 2 if is_json or self.holds_data else None

    def step(self, text: str) -> None:
        """Tell one of many steps, where no line below the output shows how far it is."""
        if self.prefs.output_kind is not OutputKind.RICH:
            self.info(text)

    @contextmanager
    def working(self, name: str) -> Iterator[None]:
        """Show on a terminal that the command `name` works, where it takes long."""
        if self.prefs.output_kind is not OutputKind.RICH or not self._is_terminal(self.stderr):
            yield
            return
        from chdkshell.shell.output.progress import Bar

        before = self.bar
        with Bar(name, self.stderr) as self.bar:
            try:
                yield
            finally:
                self.bar = before

    def new_screen(self, heading: str) -> None:
        """Begin a new screen with a heading, on a terminal."""
        if self.prefs.output_kind is OutputKind.RICH:
            self.write(f"{CLEAR_SCREEN}{heading}\n\n")

    def leave_line(self) -> None:
        """Go on below the line where a terminal shows ^C."""
        if self.prefs.output_kind is OutputKind.RICH:
            self._send(self.stderr, "\n")

    def beside_results(self) -> AbstractContextManager[object]:
        """Send what Python code prints to stderr where stdout holds JSON."""
        if self.prefs.output_kind is OutputKind.JSON:
            return redirect_stdout(sys.stderr)
        return nullcontext()

    @contextmanager
    def lending_stdout(self) -> Iterator[None]:
        """Leave standard output to a file: what is told meanwhile goes to stderr.

        Raises `UsageError` where that is a terminal or holds JSON, and `OutputClosedError` where
        its reader goes.
        """
        if self.prefs.output_kind is OutputKind.JSON:
            raise UsageError("standard output holds JSON, and no file", "name a file in place of -")
        if self._is_terminal(self.stdout):
            raise UsageError(
                "standard output is a terminal, which files could upset",
                "`cat` shows one; or name a file in place of -",
            )
        self.flush()  # what Python code printed comes before the file
        before, self.holds_data = self.holds_data, True
        try:
            yield
        except ChdkShellError as error:
            if reader_is_gone(error.__cause__):
                raise OutputClosedError from error
            raise
        finally:
            self.holds_data = before

    @contextmanager
    def giving_to(self, stream: TextIO) -> Iterator[None]:
        """Write results to `stream`, which is no terminal, in place of stdout."""
        kind = OutputKind.JSON if self.prefs.gives_json else OutputKind.PLAIN
        before, self.stdout = self.stdout, stream
        try:
            with self.prefs.temporarily(kind), redirect_stdout(stream):
                yield
        finally:
            self.stdout = before

    @property
    def draws_tables(self) -> bool:
        """Whether results are drawn for a terminal."""
        return self.prefs.output_kind is OutputKind.RICH

    @property
    def for_people(self) -> bool:
        """Whether what is told is read by a person at a terminal."""
        return self.draws_tables or (self.at_prompt and not self.prefs.compat)

    @property
    def takes_answers(self) -> bool:
        """Whether whoever reads the results may be asked what a program would not expect."""
        return self.prefs.output_kind is not OutputKind.JSON

    def warning(self, text: str) -> None:
        """Tell something that needs attention."""
        self._message("WARNING: ", printable(text), "warning")

    def notice(self, text: str) -> None:
        """Tell what happens, on stderr."""
        self._send(self.stderr, printable(text) + "\n")

    def error(self, error: BaseException) -> None:
        """Tell that a command failed, and what to do."""
        self._message("ERROR: ", error_text(error, self.prefs.compat, self.for_people), "error")

    def late_error(self, error: ScriptError) -> None:
        """Tell that a script failed which no command waits for."""
        self._message(
            "ERROR: ",
            f"a script failed: {error_text(error, self.prefs.compat, self.for_people)}",
            "error",
        )

    def traceback(self, error: BaseException) -> None:
        """Show where in this program an error arose."""
        import traceback

        self._send(self.stderr, "".join(traceback.format_exception(error)))

    def flush(self) -> None:
        """Bring out what is still held back. Raises `OutputClosedError`."""
        self._send(self.stdout, "")
        self._send(self.stderr, "")

    def _message(self, label: str, text: str, role: str) -> None:
        if self._copy is not None and self.prefs.output_kind is not OutputKind.JSON:
            self._write_copy(self._copy, f"{label}{text}\n")
        if self.prefs.output_kind is OutputKind.RICH and self._is_terminal(self.stderr):
            from chdkshell.shell import themes
            from chdkshell.shell.output.textforms import wrapped

            text, begin = wrapped(text, len(label)), themes.escape(role)
            label = f"{begin}{label}\x1b[0m" if begin else label
        self._send(self.stderr, f"{label}{text}\n")

    def _send(self, stream: TextIO, text: str) -> None:
        """Write at once, so that stdout and stderr stay in order where they are one file."""
        if self.bar is not None:
            self.bar.give_way()
        with _told_closed(self._is_terminal(stream)):
            if stream is self.stderr:
                self.stdout.flush()
            stream.write(text)
            stream.flush()

    def _is_terminal(self, stream: TextIO) -> bool:
        return stream in self._terminals


@contextmanager
def _told_closed(is_terminal: bool) -> Iterator[None]:
    """Raise `OutputClosedError` where nobody reads any more what is written."""
    try:
        yield
    except OSError as error:
        if (error.errno == errno.EIO and is_terminal) or reader_is_gone(error):
            raise OutputClosedError from error
        raise


class CommandOutput:
    """The output of one command: results as they come, then its end.

    `summary` is what many results came to, `declared` the command's first name.
    """

    def __init__(self, renderer: Renderer, name: str, output: OutputKind) -> None:
        self._renderer = renderer
        self._name = name
        self._output_kind = output
        self._emitted: list[Result] = []
        self.summary: dict[str, int] | None = None
        self.declared = name

    def emit(self, value: Result) -> None:
        """Take one result of several. Text is written at once, JSON when the command ends."""
        if self._output_kind is OutputKind.JSON:
            self._emitted.append(value)
        else:
            self._renderer.show(value)

    def event(self, kind: str, value: Result, is_result: bool = False) -> None:
        """Tell of something as it happens: JSON has an object for it at once.

        `is_result`: what the command gives at its end has it, too.
        """
        if not self.is_json:
            self._renderer.show(value)
            return
        from chdkshell.shell.output import jsonoutput

        if is_result:
            self._emitted.append(value)
        self._renderer.write(jsonoutput.event(self._name, kind, value, self._renderer.about))

    @property
    def is_json(self) -> bool:
        """Whether results become JSON."""
        return self._output_kind is OutputKind.JSON

    def problem(self, value: Result) -> None:
        """Take a result that tells of something that went wrong: text is a warning."""
        if self._output_kind is OutputKind.JSON:
            self._emitted.append(value)
        else:
            self._renderer.warning(value.text())

    @contextmanager
    def content(self, path: str) -> Iterator[Sink]:
        """Give what takes the bytes of the file `path`: as they come, or as a result in JSON."""
        from chdkshell.shell.output import content

        if self._output_kind is not OutputKind.JSON:
            yield content.StdoutSink(self._renderer.stdout)
            return
        with content.collecting(path, self.emit) as sink:
            yield sink

    def finish(self, value: Result | None) -> None:
        """Take what a command that succeeded returned."""
        if self._output_kind is not OutputKind.JSON:
            if value is not None:
                self._renderer.show(value, paged=True)
            return
        from chdkshell.shell.jsonshapes import gives_list
        from chdkshell.shell.output import jsonoutput

        is_list = gives_list(self.declared)
        about = self._renderer.about
        text = jsonoutput.success(self._name, self._emitted, value, self.summary, is_list, about)
        self._renderer.write(text)

    def fail(self, error: BaseException) -> None:
        """Take the error that ended a command."""
        if self._output_kind is not OutputKind.JSON:
            self._renderer.error(error)
            return
        from chdkshell.shell.jsonshapes import gives_list, shape
        from chdkshell.shell.output import jsonoutput

        as_list = gives_list(self.declared) or not shape(self.declared)
        about, message = self._renderer.about, error_words(error)
        text = jsonoutput.failure(
            self._name, error, message, self._emitted, self.summary, as_list, about
        )
        self._renderer.write(text)


def standard_streams() -> tuple[TextIO, TextIO]:
    """Return stdout and stderr, made so that no character can fail to be written; stdin as well.

    One that was closed when the program began takes everything and shows nothing. What Windows
    redirects is UTF-8 (but where PYTHONIOENCODING says something else): what it has by itself lacks
    most characters, and differs from what its programs expect.
    """
    is_utf8 = sys.platform == "win32" and "PYTHONIOENCODING" not in os.environ
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            setattr(sys, name, os.fdopen(nowhere, "w", encoding="utf-8", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            encoding = "utf-8" if is_utf8 and not is_terminal(stream) else None
            stream.reconfigure(encoding=encoding, errors="backslashreplace")
    if hasattr(sys.stdin, "reconfigure") and not is_terminal(sys.stdin):
        # editors on Windows put a byte order mark before the text
        has_mark = is_utf8 or sys.stdin.encoding.lower() == "utf-8"
        sys.stdin.reconfigure(encoding="utf-8-sig" if has_mark else None, errors="surrogateescape")
    return sys.stdout, sys.stderr
