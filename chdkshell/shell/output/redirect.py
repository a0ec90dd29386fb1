"""Where the output of a command goes that has `|`, `>` or `>>` after it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from chdkshell.chdk.transfer import PartFile, host_error
from chdkshell.errors import Cancelled, HostFileError, UsageError
from chdkshell.outlets import check_no_stream, is_outlet, open_outlet
from chdkshell.shell import programs
from chdkshell.shell.output.closed import OutputClosedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from chdkshell.shell.output.render import Renderer
    from chdkshell.shell.segments import LineStep
    from chdkshell.shell.signals import Signals

ADVICE = "`>>` adds to it, or give another name"


@contextmanager
def redirected(
    step: LineStep,
    renderer: Renderer,
    ask: Callable[[str], str] | None,
    signals: Signals,
) -> Iterator[None]:
    """Have results go where the step says.

    A file has its name only when the command has succeeded. `ask` is asked before one is replaced;
    where that is None, raises `UsageError`.
    """
    if step.pipe:
        with _program(step.pipe, signals) as stdin, _stdout_is(renderer, stdin):
            yield
    elif step.adds:
        with _added_to(Path(step.file)) as file, _stdout_is(renderer, file):
            yield
    else:
        path = Path(step.file)
        _check_replaceable(path, ask)
        with PartFile(path) as part:
            with _stdout_is(renderer, part.file):
                yield
            part.finish(None)


@contextmanager
def _stdout_is(renderer: Renderer, file: BinaryIO) -> Iterator[None]:
    """Have a file be standard output, for results, for programs that are started, and for `-`."""
    encoding = renderer.stdout.encoding or "utf-8"
    stream = io.TextIOWrapper(file, encoding, "backslashreplace")
    is_own = renderer.stdout is sys.stdout and _descriptor(renderer.stdout) == 1
    renderer.flush()
    kept = os.dup(1) if is_own else -1
    try:
        if is_own:
            os.dup2(file.fileno(), 1, inheritable=True)
        with renderer.giving_to(stream):
            yield
            renderer.flush()
    finally:
        if is_own:
            os.dup2(kept, 1, inheritable=True)
            os.close(kept)
        with suppress(OSError):  # what is left is of a command that failed, or nobody reads it
            stream.detach()


def _descriptor(stream: io.TextIOBase | object) -> int:
    try:
        return stream.fileno()  # type: ignore[union-attr]
    except (OSError, AttributeError, ValueError):
        return -1


def _check_replaceable(path: Path, ask: Callable[[str], str] | None) -> None:
    check_no_stream(str(path), "a copy of it")
    if path.is_dir():
        raise UsageError(f"{path} is a folder", "name a file")
    if not path.exists() or is_outlet(path):
        return
    if ask is None:
        raise UsageError(f"{path} is there already, and is not overwritten unasked", ADVICE)
    if ask(f"{path} is there: overwrite it? [y/N] ").strip().lower() not in ("y", "yes"):
        raise Cancelled(f"{path} stays as it is")


@contextmanager
def _added_to(path: Path) -> Iterator[BinaryIO]:
    check_no_stream(str(path), "a copy of it")
    try:
        with open_outlet(path) if is_outlet(path) else path.open("ab") as file:
            yield file
    except OSError as error:
        raise host_error("write", path, error) from error


@contextmanager
def _program(command: str, signals: Signals) -> Iterator[BinaryIO]:
    """Give the standard input of a command of this computer, and wait for its end.

    What it does not read is no error. Raises `HostFileError` for another exit status than 0.
    """
    try:
        program = programs.start(command, stdin=subprocess.PIPE)
    except OSError as error:
        raise HostFileError(f"cannot run {command}: {error.strerror or error}") from error
    assert program.process.stdin is not None
    stdin = io.BufferedWriter(program.process.stdin)
    try:
        with suppress(OutputClosedError):
            yield stdin
    finally:
        with suppress(OSError):
            stdin.close()
        status = programs.at_terminal(program, signals)
    if status:
        raise HostFileError(f"the command '{command}' ended with status {status}")
