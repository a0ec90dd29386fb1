"""Property sets: by which numbers a camera's scripts know its properties.

The simulator keeps them by the numbers of set 6; a camera of another set calls them otherwise.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

OWN_SET = 6

_PROPERTIES = Path(__file__).parents[1] / "chdk/data/properties.txt"

_UNKNOWN = 0x10000
"""Added to a number whose property set 6 does not have."""


@cache
def _own_numbers(propset: int) -> dict[int, int]:
    """Return the numbers of set 6 by those of another, as far as they name the same property."""
    text = _PROPERTIES.read_text("utf-8")
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        _, *numbers = line.split()
        theirs, own = numbers[propset - 1], numbers[OWN_SET - 1]
        if theirs != "-" and own != "-":
            found[int(theirs)] = int(own)
    return found


def own_number(propset: int, number: int) -> int:
    """Return by which number the simulator keeps what a camera of `propset` calls `number`."""
    if propset == OWN_SET:
        return number
    return _own_numbers(propset).get(number, _UNKNOWN + number)
