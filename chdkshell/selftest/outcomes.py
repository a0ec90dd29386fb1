"""What checks can say, and what comes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from chdkshell.errors import ChdkShellError


class Outcome(Enum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    ABSENT = "not on this model"


class CheckFailedError(ChdkShellError):
    """The camera does something else than it should: what was `seen`, and what was `expected`."""

    def __init__(self, seen: str, expected: str) -> None:
        super().__init__(f"{seen}; expected: {expected}")
        self.seen = seen
        self.expected = expected


class AbsentError(ChdkShellError):
    """This camera, or its CHDK, does not have what a check looks at. The message says why."""


Measured = dict[str, int | float | str]
"""What a check has measured, by names that have their unit: `median_ms`."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What came of a check: what was `seen`, and what was `expected` where it failed.

    `seconds` is how long it took.
    """

    check: str
    outcome: Outcome
    seen: str
    expected: str = ""
    seconds: float = 0.0
    measured: Measured = field(default_factory=dict)


def require(condition: bool, seen: str, expected: str) -> None:
    """Raise `CheckFailedError` unless `condition` holds."""
    if not condition:
        raise CheckFailedError(seen, expected)


def require_equal(what: str, seen: object, expected: object) -> None:
    """Raise `CheckFailedError` unless both are equal and of one type, with what they are."""
    if type(seen) is not type(expected) or seen != expected:
        raise CheckFailedError(f"{what}: {short(seen)}", short(expected))


def require_bytes(what: str, seen: bytes, expected: bytes) -> None:
    """Raise `CheckFailedError` unless both are equal, with where they begin to differ."""
    if seen == expected:
        return
    if len(seen) != len(expected):
        raise CheckFailedError(f"{what}: {len(seen)} bytes", f"{len(expected)} bytes")
    at = next(n for n, pair in enumerate(zip(seen, expected, strict=True)) if pair[0] != pair[1])
    wrong = sum(a != b for a, b in zip(seen, expected, strict=True))
    raise CheckFailedError(
        f"{what}: {wrong} of {len(seen)} bytes differ, the first at {at}: 0x{seen[at]:02x}",
        f"0x{expected[at]:02x}",
    )


LONGEST_SHOWN = 60


def short(value: object) -> str:
    """Return `value` as text, cut where it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."
