"""What `lint` finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TextIO

from chdkshell.errors import printable_name
from chdkshell.shell.linting.finding import LuaFinding, Severity
from chdkshell.shell.results import Result

_COLOURS = {Severity.ERROR: "error", Severity.WARNING: "warning"}


@dataclass(frozen=True, slots=True)
class LintFinding(Result):
    """Something that was found at a place of a file, in the form that compilers have."""

    file: str
    finding: LuaFinding

    def text(self) -> str:
        found = self.finding
        return f"{self._place}: {found.severity.value}: {self._message} [{found.rule}]"

    def screen(self, terminal: TextIO) -> str:
        from rich.text import Text

        from chdkshell.shell.results.drawing import drawn

        found = self.finding
        text = Text(f"{self._place}: ")
        text.append(found.severity.value, style=_COLOURS[found.severity])
        text.append(f": {self._message} ")
        text.append(f"[{found.rule}]", style="muted")
        return drawn(text, terminal)

    def json(self) -> Any:
        found = self.finding
        return {
            "file": self.file,
            "line": found.line,
            "column": found.column,
            "severity": found.severity.value,
            "rule": found.rule,
            "message": found.message,
        }

    @property
    def _place(self) -> str:
        return f"{printable_name(self.file)}:{self.finding.line}:{self.finding.column}"

    @property
    def _message(self) -> str:
        return printable_name(self.finding.message)
