"""Results as the established client prints them, for people and for programs that read that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chdkshell.shell.pages import HelpPage, PrefValues, PythonValue, SetForm

if TYPE_CHECKING:
    from chdkshell.shell.command import Command
    from chdkshell.shell.knowledge import Function


def plain_text(value: object) -> str:
    """Return a result as text without the last line feed; "" where there is nothing to show."""
    match value:
        case None:
            return ""
        case HelpPage((), _, functions):
            return "\n".join(function_help(function) for function in functions)
        case HelpPage(commands, detailed):
            show = help_detail if detailed else help_line
            return "\n".join(show(command) for command in commands)
        case PrefValues():
            return _pref_lines(value)
        case PythonValue():
            return repr(value.value)
        case _:
            return _camera_text(value)


def _camera_text(value: object) -> str:
    """Return a result that comes from a camera as text.

    Events of copying go first: the other results take as long to import as dozens of files to copy.
    """
    from chdkshell.shell.faces.plain_copies import copy_text

    text = copy_text(value)
    if text is None:
        from chdkshell.shell.faces.plain_results import result_text

        text = result_text(value)
    return text


def _pref_lines(values: PrefValues) -> str:
    lines = []
    for pref, value in values.prefs:
        text = f"{pref.name}={str(value).lower() if isinstance(value, bool) else value}"
        if values.form is SetForm.DESCRIPTION:
            text = f"{text:<20} - {pref.type_name}: {pref.help}"
        elif values.form is SetForm.COMMAND:
            text = f"set {text}"
        lines.append(text)
    return "\n".join(lines)


def function_help(function: Function) -> str:
    """Return what is known about a function of CHDK's Lua."""
    lines = [f"{function.signature} - {function.what}"]
    if function.units:
        lines.append(f"  units: {function.units}")
    if function.since:
        lines.append(f"  since CHDK {function.since}")
    return "\n".join(lines)


def help_line(command: Command) -> str:
    """Return the one line on a command that `help` shows."""
    first, *others = command.names
    names = f"{first} ({','.join(others)})" if others else first
    return f"{names:<12} {command.arguments:<12}: - {command.summary}"


def help_detail(command: Command) -> str:
    """Return all that is known about a command."""
    width = max((len(p.usage) for p in command.params), default=0)
    params = (*command.switches, *command.words)
    lines = [f"  {p.usage:<{width}}  {p.help}" for p in params]
    detail = [f" {line}".rstrip() for line in command.detail.splitlines()]
    examples = [f" Example: {example}" for example in command.examples]
    return "\n".join([help_line(command), *lines, *detail, *examples])
