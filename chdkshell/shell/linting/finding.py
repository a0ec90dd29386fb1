"""What is found in a script."""

from __future__ import annotations

import enum
from typing import NamedTuple


class Severity(enum.Enum):
    """ERROR: the camera refuses it, or it calls what exists nowhere. WARNING: it looks wrong."""

    ERROR = "error"
    WARNING = "warning"


class LuaFinding(NamedTuple):
    """Something at a place of a source. `line` and `column` count from 1; `rule` names the kind."""

    line: int
    column: int
    severity: Severity
    rule: str
    message: str
