"""The prompt: lines from a person, one after another."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from chdkshell.errors import ChdkShellError, UsageError
from chdkshell.shell.command import Kind, Registry
from chdkshell.shell.dispatch import Shell, Status
from chdkshell.shell.parse import split_command
from chdkshell.shell.prompt.keepalive import KeepAlive

if TYPE_CHECKING:
    from chdkshell.shell.prompt.session import Prompt


def prompt_text(shell: Shell) -> str:
    """Return the prompt: whether a camera is connected, and its last script's id."""
    camera = shell.context.connections.current
    if camera is None or not camera.is_connected:
        return "___> "
    script_id = camera.scripts.last_id
    return "con> " if script_id is None else f"con {script_id}> "


def run_prompt(shell: Shell, folder: str) -> None:
    """Run what is typed until `quit` or the end of input. Ctrl-C drops the line.

    `folder` is that of the settings, where the history is kept. A terminal that can only show
    letters gets a prompt that needs no more, and so does output that goes elsewhere.
    """
    shell.context.renderer.at_prompt = True
    is_dumb = os.environ.get("TERM", "dumb") in ("dumb", "") and sys.platform != "win32"
    if is_dumb or not shell.context.renderer.stdout.isatty():
        _run_lines(shell, _plain_lines(shell))
        return
    from chdkshell.shell.prompt.session import Prompt

    with Prompt(shell, folder) as prompt, prompt.deaf_between_lines():
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
            if not (prompt.run(line) if prompt else shell.run(line)) or shell.context.finished:
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
            yield input(prompt_text(shell))
        except EOFError:
            print()
            return
        except KeyboardInterrupt:
            print()


def commands_in(text: str, registry: Registry) -> Iterator[str]:
    """Split a text of the prompt, which may have been pasted, into command lines.

    A command that takes free text, such as `luar`, takes all that follows, with its lines.
    """
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if _takes_free_text(line, registry):
            yield "\n".join(lines[number:])
            return
        yield line


def _takes_free_text(line: str, registry: Registry) -> bool:
    from chdkshell.shell.arguments import RawTextType

    try:
        parts = split_command(line)
        command = registry.get(expand_name(parts.name, registry)) if parts else None
    except ChdkShellError:
        return False
    words = command.words if command else ()
    return bool(words) and words[0].kind is Kind.RAW and isinstance(words[0].type, RawTextType)


def expand_prefix(line: str, registry: Registry) -> str:
    """Return `line` with its command's name in full. Raises `UsageError` for a name of several."""
    try:
        parts = split_command(line)
    except ChdkShellError:
        return line
    if parts is None:
        return line
    name = expand_name(parts.name, registry)
    at = len(line) - len(line.lstrip())
    return line if name == parts.name else line[:at] + name + line[at + len(parts.name) :]


def expand_name(name: str, registry: Registry) -> str:
    """Return the name that `name` is the beginning of, or `name`. Raises `UsageError`."""
    if registry.get(name) or not name.isalnum():
        return name
    found = [command for command in registry if any(n.startswith(name) for n in command.names)]
    if len(found) > 1:
        full = [n for command in found for n in command.names if n.startswith(name)]
        raise UsageError(f"ambiguous command '{name}'", f"write one of {', '.join(sorted(full))}")
    if not found:
        return name
    return next(n for n in found[0].names if n.startswith(name))


def ask(question: str) -> str:
    """Put a question to the person at the terminal; "" where they give none, as with Ctrl-C."""
    import signal

    # the handler of a command that runs only notes a Ctrl-C, and the line would still be waited for
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        sys.stderr.write(question)
        sys.stderr.flush()
        return input()
    except (EOFError, KeyboardInterrupt):
        sys.stderr.write("\n")
        return ""
    finally:
        signal.signal(signal.SIGINT, before)
