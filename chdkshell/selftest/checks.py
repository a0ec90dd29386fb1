"""What a check is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from chdkshell.chdk.versions import Feature
from chdkshell.selftest.bench import Bench


class Kind(Enum):
    """What a check does to the camera, which says whether it is wanted."""

    HARMLESS = "harmless"
    SHOOTS = "takes pictures"
    RISKY = "may hang the camera until its battery is out"


Run = Callable[[Bench], str]
"""Tries something and returns what it saw. Raises `CheckFailedError`, `AbsentError`, and whatever
the library raises, which means that the camera failed.
"""


@dataclass(frozen=True, slots=True)
class Trial:
    """One check. `expected` says in a few words what a camera that is fine does.

    `needs` is what its CHDK must have. With `records` the camera is switched to record mode first.
    """

    name: str
    expected: str
    run: Run
    needs: Feature | None = None
    records: bool = False
    kind: Kind = Kind.HARMLESS
