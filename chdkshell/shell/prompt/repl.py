"""The prompt: lines from a person, one after another."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from chdkshell.errors import UsageError
from chdkshell.shell.breakoff import break_off, interrupts_going_to, shielded
from chdkshell.shell.console import is_terminal
from chdkshell.shell.dispatch import Shell, Status
from chdkshell.shell.linesource import typed_line
from chdkshell.shell.prefs import environment_asks_for_plain
from chdkshell.shell.prompt.keepalive import KeepAlive
from chdkshell.shell.prompt.lines import commands_in, expand_prefix, prompt_text

if TYPE_CHECKING:
    from chdkshell.shell.prompt.session import Prompt


GOES_ON = "...> "
"""The prompt for a line that goes on."""


def run_prompt(shell: Shell, folder: str) -> None:
    """Run what is typed until `quit` or the end of input. Ctrl-C drops the line.

    `folder` is that of the settings, where the history is kept. A terminal that can only show
    letters gets a prompt that needs no more, and so does output that goes elsewhere or is to be
    chdkptp's.
    """
    shell.context.renderer.at_prompt = True
    with interrupts_going_to(break_off):
        shielded(_run_prompt, shell, folder)


def _run_prompt(shell: Shell, folder: str) -> None:
    if shell.context.letters_alone:
        _run_lines(shell, _plain_lines(shell))
        return
    from chdkshell.shell.prompt.session import Prompt

    with Prompt(shell, folder) as prompt:
        shell.context.prompt = prompt
        try:
            _run_lines(shell, prompt.lines(), prompt)
        finally:
            shell.context.prompt = None


def _run_lines(shell: Shell, lines: Iterator[str], prompt: Prompt | None = None) -> None:
    for text in _awaited(shell, lines):
        for line in commands_in(text, shell.registry):
            try:
                line = expand_prefix(line, shell.registry)
            except UsageError as error:
                shell.context.renderer.error(error)
                shell.status = Status.FAILED
                break
            run = prompt.run if prompt else shell.run
            if not run(line) or shell.context.finished:
                break
        if shell.context.finished:
            return
        if shell.context.prefs.flag("cli_error_exit") and shell.stops:
            return


def _awaited(shell: Shell, lines: Iterator[str]) -> Iterator[str]:
    """Yield `lines`, and keep the cameras awake while one is waited for."""
    context = shell.context
    while True:
        with KeepAlive(context.connections.all, context.prefs.number("keepalive")):
            line = next(lines, None)
        if line is None:
            return
        yield line


def _plain_lines(shell: Shell) -> Iterator[str]:
    """Yield lines from a terminal of which nothing is expected."""
    while True:
        try:
            line = _typed(shell, prompt_text(shell.context.connections))
            while _goes_on(shell, line):
                line += "\n" + _typed(shell, GOES_ON)
            yield line
        except EOFError:
            print()
            return
        except KeyboardInterrupt:
            print()


def _typed(shell: Shell, prompt: str) -> str:
    with shell.context.signals.waiting():
        return typed_line(prompt, sys.stdout)


def _goes_on(shell: Shell, text: str) -> bool:
    """Whether a person's line holds Lua that only lacks its end. A blank line ends it anyway."""
    context = shell.context
    if context.compat or environment_asks_for_plain() or not is_terminal(sys.stdin):
        return False
    if "\n" in text and not text.rpartition("\n")[2].strip():
        return False
    from chdkshell.lua.check import is_unfinished
    from chdkshell.shell.prompt.lineparts import PartKind, analyse

    with suppress(UsageError):
        parts = analyse(expand_prefix(text, shell.registry), shell.registry).parts
        return bool(parts) and parts[-1].kind is PartKind.LUA and is_unfinished(parts[-1].text)
    return False


def ask(question: str) -> str:
    """Put a question to the person at the terminal; "" where they give none, as with Ctrl-C."""
    try:
        return typed_line(question, sys.stderr)
    except (EOFError, KeyboardInterrupt):
        sys.stderr.write("\n")
        return ""
