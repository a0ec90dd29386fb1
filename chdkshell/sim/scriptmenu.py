"""The script that is chosen in CHDK's menu, and how it is started (core/gui_script.c)."""

from __future__ import annotations

from chdkshell.chdk.scriptheader import SCANNED, parse_header
from chdkshell.lua.literals import serialize
from chdkshell.sim.card import Card, path_bytes
from chdkshell.sim.settings import SCRIPT_FILE, Settings

DEFAULT_SCRIPT = "A/CHDK/SCRIPTS/default.lua"
"""The script that is started where none was chosen."""


def starter(card: Card, settings: Settings) -> bytes:
    """Return the Lua that starts the chosen script with the defaults of its parameters."""
    chosen = settings[SCRIPT_FILE]
    path = chosen if isinstance(chosen, str) and chosen else DEFAULT_SCRIPT
    try:
        with card.open(path) as file:
            header = parse_header(file.read(SCANNED))
    except OSError:
        header = parse_header("")
    wrapper = "require'wrap13' " if header.needs_wrap13 else ""
    return (
        f"{header.lua({})} {wrapper}local s,e=loadfile({serialize(path_bytes(path))}) "
        "collectgarbage() if not s then error(e) end s()"
    ).encode("ascii")
