"""What a check of the doctor found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    `ok` is None where nothing was wrong but something is worth knowing, or where there was nothing
    to check. `mend` is the command, or the one step, that mends it; "" where nothing has to be.
    """

    check: str
    ok: bool | None
    seen: str
    mend: str = ""
