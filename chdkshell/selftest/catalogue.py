"""All checks, in the order in which they are run: each builds on those before it."""

from __future__ import annotations

from chdkshell.selftest import (
    controls,
    files,
    links,
    messages,
    pictures,
    screen,
    scripts,
    sizes,
    timing,
)
from chdkshell.selftest.checks import Kind, Trial

CHECKS: tuple[Trial, ...] = (
    *links.FIRST,
    *scripts.CHECKS,
    *messages.CHECKS,
    *files.CHECKS,
    *timing.CHECKS,
    *controls.CHECKS,
    *screen.CHECKS,
    *pictures.CHECKS,
    *links.LAST,
    *sizes.CHECKS,
)


def chosen(shoots: bool = False, risks: bool = False) -> tuple[Trial, ...]:
    """Return the checks that are wanted: those that take pictures, and those that may hang."""
    wanted = {Kind.HARMLESS: True, Kind.SHOOTS: shoots, Kind.RISKY: risks}
    return tuple(check for check in CHECKS if wanted[check.kind])
