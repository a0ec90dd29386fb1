"""Results of the command `selftest`."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TextIO

from chdkshell.errors import printable
from chdkshell.selftest.outcomes import Measured, Outcome
from chdkshell.shell.results import Result

_COLOURS = {Outcome.PASSED: "good", Outcome.FAILED: "error", Outcome.ABSENT: "warning"}

_LABELS = {Outcome.PASSED: "passed", Outcome.FAILED: "FAILED", Outcome.ABSENT: "--"}

_NAMES = 22
"""Columns for the name of a check."""

_INDENT = " " * (len("passed ") + _NAMES)


@dataclass(frozen=True, slots=True)
class CheckLine(Result):
    """What one check of `selftest` saw, and what it expected where it failed."""

    check: str
    outcome: Outcome
    seen: str
    expected: str
    seconds: float
    measured: Measured

    def text(self) -> str:
        return f"{self._start}{self._seen}"

    def screen(self, terminal: TextIO) -> str:
        from rich.text import Text

        from chdkshell.shell.results.drawing import drawn, width

        columns = max(width(terminal) - 1, len(_INDENT) + 20)
        lines = textwrap.wrap(self._seen, columns - len(_INDENT), break_on_hyphens=False)
        text = Text(self._start + f"\n{_INDENT}".join(lines))
        text.stylize(_COLOURS[self.outcome], 0, len("passed"))
        return drawn(text, terminal)

    @property
    def _start(self) -> str:
        return f"{_LABELS[self.outcome]:<7}{self.check:<{_NAMES}}"

    @property
    def _seen(self) -> str:
        seen = printable(self.seen)
        if self.outcome is Outcome.ABSENT:
            return f"not on this model: {seen}"
        return f"{seen}; expected: {printable(self.expected)}" if self.expected else seen


@dataclass(frozen=True, slots=True)
class SelftestSummary(Result):
    """How many checks of `selftest` ended how, and the file that tells all.

    `ended_early` says why not all of them were tried, `left` what is not as it was before.
    """

    passed: int
    failed: int
    absent: int
    seconds: float
    ended_early: str
    left: tuple[str, ...]
    report: str

    def text(self) -> str:
        counts = f"{self.passed} passed, {self.failed} failed, {self.absent} not on this model"
        text = f"{counts}, in {self.seconds:.0f} s"
        if self.ended_early:
            text += f"\nthe others were not tried: {printable(self.ended_early)}"
        return f"{text}\nreport: {printable(self.report)}"
