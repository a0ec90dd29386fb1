"""Results of the command `doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TextIO

from chdkshell.errors import printable
from chdkshell.shell.results import Result


@dataclass(frozen=True, slots=True)
class Check(Result):
    """What one check of `doctor` found; `ok` is None where it is neither right nor wrong."""

    check: str
    ok: bool | None
    seen: str
    mend: str

    def text(self) -> str:
        mark = {True: "ok", False: "!!", None: "--"}[self.ok]
        line = f"{mark} {self.check + ':':<11}{self.seen}"
        return printable(f"{line}\n   {'':<11}-> {self.mend}" if self.mend else line)

    def screen(self, terminal: TextIO) -> str:
        from rich.text import Text

        from chdkshell.shell.results.drawing import drawn

        text = Text(self.text())
        text.stylize({True: "good", False: "error", None: "warning"}[self.ok], 0, 2)
        return drawn(text, terminal)


@dataclass(frozen=True, slots=True)
class RuleFile(Result):
    """A udev rule, the file that it belongs in, and the command that puts it there."""

    path: str
    rule: str
    command: str

    def text(self) -> str:
        return f"# {self.path}\n{self.rule}\n# {self.command}"
