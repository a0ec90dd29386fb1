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
    """What is in a folder of this computer; `has_heading`: it is one of several."""

    def __init__(self, path: str, names: tuple[str, ...], has_heading: bool) -> None:
        self.path = path
        self.names = names
        self.has_heading = has_heading

    def text(self) -> str:
        head = [f"{printable_name(self.path)}:"] if self.has_heading else []
        return "\n".join([*head, *map(printable_name, self.names)])

    def json(self) -> Any:
        return {"path": self.path, "names": self.names}
