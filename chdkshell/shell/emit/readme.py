"""The README's table of commands."""

from __future__ import annotations

from collections.abc import Iterable

from chdkshell.shell.command import Command


def readme_table(commands: Iterable[Command]) -> str:
    """Return the table of commands for README.md, topic by topic. Switches are left to `help`."""
    known = list(commands)
    lines = ["| | command | short | what it does |", "|---|---|---|---|"]
    for topic in dict.fromkeys(command.topic for command in known):
        heading = topic
        for command in known:
            if command.topic == topic:
                lines.append(f"| {heading} | {_row(command)} |")
                heading = ""
    return "\n".join(lines) + "\n"


def _row(command: Command) -> str:
    words = " ".join(param.usage for param in command.words).replace("|", "\\|")
    short = ", ".join(f"`{name}`" for name in command.names[1:])
    return f"`{command.name} {words}`".replace(" `", "`") + f" | {short} | {command.summary}"
