"""The prompt: lines from a person, one after another."""

from __future__ import annotations

import contextlib
import sys

from chdkshell.shell.dispatch import Shell
from chdkshell.shell.keepalive import KeepAlive


def prompt_text(shell: Shell) -> str:
    """Return the prompt: whether a camera is connected, and its last script's id."""
    camera = shell.context.connections.current
    if camera is None or not camera.is_connected:
        return "___> "
    script_id = camera.scripts.last_id
    return "con> " if script_id is None else f"con {script_id}> "


def run_prompt(shell: Shell) -> None:
    """Run what is typed until `quit` or the end of input. Ctrl-C drops the line."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - gives input() line editing and a history

    while not shell.context.finished:
        try:
            with _keep_alive(shell):
                line = input(prompt_text(shell))
        except EOFError:
            print()
            return
        except KeyboardInterrupt:
            print()
            continue
        shell.run(line)
        if shell.context.prefs.flag("cli_error_exit") and shell.stops:
            return


def _keep_alive(shell: Shell) -> KeepAlive:
    context = shell.context
    return KeepAlive(context.connections.all, context.prefs.number("keepalive"))


def ask(question: str) -> str:
    """Put a question to the person at the terminal; "" where they give none."""
    sys.stderr.write(question)
    sys.stderr.flush()
    try:
        return input()
    except EOFError:
        return ""
