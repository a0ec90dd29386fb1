"""Results of the commands about where one is."""

from __future__ import annotations

from typing import Any

from chdkshell.errors import printable_name
from chdkshell.shell.results import Result


class CurrentFolder(Result):
    """The folder in which paths begin."""

    def __init__(self, path: str) -> None:
        self.path = path

    def text(self) -> str:
        return printable_name(self.path)

    def json(self) -> Any:
        return self.path


class LocalNames(Result):
    """What is in a folder of this computer; `heading` names one of several."""

    def __init__(self, names: tuple[str, ...], heading: str = "") -> None:
        self.names = names
        self.heading = heading

    def text(self) -> str:
        head = [f"{printable_name(self.heading)}:"] if self.heading else []
        return "\n".join([*head, *map(printable_name, self.names)])

    def json(self) -> Any:
        return {"path": self.heading, "names": self.names} if self.heading else self.names
