"""Commands of other packages, which declare them as entry points of the group "chdkshell.commands".

An entry point has the name of a command, and names the module that declares it. It is loaded when
the command is asked for.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Container
from typing import TYPE_CHECKING

from chdkshell.errors import ChdkShellError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "chdkshell.commands"


class Extensions:
    """The entry points that are installed, looked for when a command is not known."""

    def __init__(self) -> None:
        self._known: dict[str, EntryPoint] | None = None

    def names(self) -> list[str]:
        """Return the names of the commands that other packages have."""
        return list(self._found())

    def load(self, name: str, commands: Container[str]) -> None:
        """Load the module that declares a command, which is among `commands` then.

        Raises `ChdkShellError` where that cannot be.
        """
        entry = self._found().get(name)
        if entry is None:
            return
        try:
            entry.load()
        except (Exception, SystemExit) as error:
            raise _broken(entry, f"{type(error).__name__}: {error}") from error
        if name not in commands:
            raise _broken(entry, f"{entry.value} declares no such command")

    def _found(self) -> dict[str, EntryPoint]:
        if self._known is None:
            self._known = _installed() if _are_there() else {}
        return self._known


def _are_there() -> bool:
    """Whether any package has such entry points: to read them takes many modules."""
    for folder in sys.path:
        with contextlib.suppress(OSError), os.scandir(folder or ".") as entries:
            if any(e.name.endswith((".dist-info", ".egg-info")) and _has_some(e) for e in entries):
                return True
    return False


def _has_some(info: os.DirEntry[str]) -> bool:
    with (
        contextlib.suppress(OSError),
        open(f"{info.path}/entry_points.txt", encoding="utf-8", errors="replace") as file,
    ):
        return f"[{GROUP}]" in file.read()
    return False


def _installed() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points

    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _broken(entry: EntryPoint, why: str) -> ChdkShellError:
    package = entry.dist.name if entry.dist else entry.value
    what = why.replace("\n", " ")
    return ChdkShellError(
        f"the command '{entry.name}' of the package {package} cannot be loaded: {what}",
        "renew that package, or remove it",
    )
