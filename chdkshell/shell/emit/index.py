"""Which module declares which commands, as a module of Python."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from chdkshell.shell import commands
from chdkshell.shell.command import IN_NAME, Registry
from chdkshell.shell.commands.index import MODULES

HEAD = '''"""What each module of commands declares, in the order of `help`: by scripts/generate."""

# ruff: noqa: E501 - a line for each module

from __future__ import annotations

MODULES = {
'''


def index(registry: Registry) -> str:
    """Return the source of `commands/index.py`. New modules come last."""
    there = [module.name for module in pkgutil.iter_modules(commands.__path__)]
    ordered = dict.fromkeys([*(name for name in MODULES if name in there), *there])
    ordered.pop("index")
    homes = {name: import_module(f"{commands.__name__}.{name}").__name__ for name in ordered}
    text = HEAD
    for module, home in homes.items():
        names = [n for command in registry if command.run.__module__ == home for n in command.names]
        listed = " ".join(name.replace(" ", IN_NAME) for name in dict.fromkeys(names))
        text += f'    "{module}": "{listed}",\n'
    return text + "}\n"
