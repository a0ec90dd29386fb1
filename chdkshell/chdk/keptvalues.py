"""The values of a script's parameters that CHDK's menu keeps on the card, in A/CHDK/DATA.

NAME.cfg has the number of the set that was chosen last, NAME.0 to NAME.9 have the sets; older
versions called them NAME_0 and so on. NAME is the script's own up to its last dot, of at most 12
letters (https://chdk.fandom.com/wiki/CHDK_Script_Header, trunk/core/gui_script.c).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from chdkshell.chdk.cardscripts import read_heads
from chdkshell.chdk.paths import base_name
from chdkshell.chdk.scripts import Scripts
from chdkshell.flow import NEVER, CancelToken

DATA = "A/CHDK/DATA"

LONGEST_NAME = 12
"""Letters of a script's name, its ending among them, that count in the names of its files."""

LAST_SET = 9
"""The number above it stands for the values of the header."""


# the second is that of versions which kept the header's lines, too
_VALUE = re.compile(r"[ \t]*(?:#(\w+)[ \t]*=|@default[ \t]+(\w+))[ \t]*(-?\d{1,10})\b")


class KeptValues(NamedTuple):
    """A file of the card with values: numbers, labels by their places from 0."""

    path: str
    values: dict[str, int]

    @property
    def text(self) -> str:
        """The values as `MenuScript.take_settings` reads them."""
        return "".join(f"#{name}={value}\n" for name, value in self.values.items())


def find_kept(scripts: Scripts, script: str, cancel: CancelToken = NEVER) -> KeptValues | None:
    """Return what the menu keeps for the script at a path; None where it takes the header's."""
    name = base_name(script)[:LONGEST_NAME]
    name = f"{DATA}/{name.rpartition('.')[0] or name}"
    number = _number(read_heads(scripts, [f"{name}.cfg"], cancel).get(f"{name}.cfg", b""))
    if number > LAST_SET:
        return None
    paths = [f"{name}.{number}", f"{name}_{number}"]
    found = read_heads(scripts, paths, cancel)
    path = next((path for path in paths if path in found), None)
    return KeptValues(path, _values(found[path].decode("latin-1"))) if path else None


def _values(text: str) -> dict[str, int]:
    matches = filter(None, map(_VALUE.match, text.splitlines()))
    return {match[1] or match[2]: int(match[3]) for match in matches}


def _number(text: bytes) -> int:
    """Return the number of the set: 0 where it is none that there can be."""
    try:
        number = int(text)
    except ValueError:
        return 0
    return number if 0 <= number <= LAST_SET + 1 else 0
