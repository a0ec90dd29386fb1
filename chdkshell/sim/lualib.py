"""Lua modules that scripts expect in A/CHDK/LUALIB, for cards that have no file of them.

Those in GEN are tables of numbers, which CHDK makes of its own sources; the others are Lua files.
"""

from __future__ import annotations

from functools import cache

from chdkshell.chdk.luamodules import CORE_SETTINGS, OSD_SETTINGS, PROPERTIES, known_fields

FOLDER = "A/CHDK/LUALIB/"

LAST_PROPSET = 13

CAPTURE_MODES = ("AUTO", "P", "TV", "AV", "M")
"""Capture modes by CHDK's number, as far as the simulated camera has them."""

PROPCASE = b"return require('gen/propset' .. get_propset())\n"

WRAP13 = b"""-- Functions that gave 0 or 1 in CHDK 1.3, for scripts of that time.
for _, name in ipairs({'get_raw', 'get_video_button', 'get_focus_ok', 'save_config_file',
                       'load_config_file', 'set_mf'}) do
  local native = _G[name]
  _G[name] = function(...)
    local value = native(...)
    return (value and value ~= 0) and 1 or 0
  end
end
"""


def built_in(path: str) -> bytes | None:
    """Return the text of a module by its path on the card, in any case; None: there is none."""
    if not path.upper().startswith(FOLDER):
        return None
    return _modules().get(path[len(FOLDER) :].lower())


@cache
def _modules() -> dict[str, bytes]:
    modules = {
        "propcase.lua": PROPCASE,
        "wrap13.lua": WRAP13,
        "gen/cnf_core.lua": _table(known_fields(CORE_SETTINGS, None)),
        "gen/cnf_osd.lua": _table(known_fields(OSD_SETTINGS, None)),
        "gen/modelist.lua": _list(CAPTURE_MODES),
    }
    for number in range(1, LAST_PROPSET + 1):
        modules[f"gen/propset{number}.lua"] = _table(known_fields(PROPERTIES, number))
    return modules


def _table(fields: dict[str, int | None]) -> bytes:
    entries = ", ".join(f"{name}={number}" for name, number in fields.items())
    return f"return {{{entries}}}".encode()


def _list(names: tuple[str, ...]) -> bytes:
    return ("return {" + ", ".join(f"'{name}'" for name in names) + "}").encode()
