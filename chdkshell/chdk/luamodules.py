"""Tables of numbers by name that modules of the camera's Lua give: properties and settings.

A camera has its own in A/CHDK/LUALIB. What is known here serves until those are read, and where
the card lacks them: `data/properties.txt` is include/propset*.h of CHDK, `data/settings.txt` the
lists of core/conf.c.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

DATA = Path(__file__).parent / "data"

PROPERTIES = "propcase"
CORE_SETTINGS = "gen/cnf_core"
OSD_SETTINGS = "gen/cnf_osd"

MODULES = {
    PROPERTIES: "numbers of the camera's properties, for get_prop",
    CORE_SETTINGS: "numbers of CHDK's settings, for get_config_value",
    OSD_SETTINGS: "numbers of the settings of CHDK's screen",
    "capmode": "shooting modes by name",
}
"""Modules that CHDK brings along, and what they give."""

_PROPERTY = (PROPERTIES,)
_SETTING = (CORE_SETTINGS, OSD_SETTINGS)
NUMBERS_OF = {
    "get_prop": _PROPERTY,
    "set_prop": _PROPERTY,
    "get_prop_str": _PROPERTY,
    "set_prop_str": _PROPERTY,
    "get_config_value": _SETTING,
    "set_config_value": _SETTING,
}
"""Functions whose first argument is a number that these modules have."""

_ALIAS = re.compile(r"\b([A-Za-z_]\w*)\s*=\s*require\s*\(?\s*(['\"])([\w./]+)\2")

Fields = dict[str, int | None]
"""The fields of a module, with their numbers. None is what is no number, or not known."""


def is_table_of_numbers(module: str) -> bool:
    """Whether `module` holds nothing but numbers, so that loading it changes nothing."""
    return module == PROPERTIES or module.startswith("gen/")


def aliases(lua: str) -> dict[str, str]:
    """Return the variables that `lua` sets to modules, as `props` in `props=require'propcase'`."""
    return {match[1]: match[3].lower() for match in _ALIAS.finditer(lua)}


def known_fields(module: str, propset: int | None) -> Fields:
    """Return what is known of a module's fields; {} for an unknown module.

    Properties have numbers where the camera's property set, 1 to 13, is known.
    """
    if module != PROPERTIES:
        return dict(_settings().get(module, {}))
    properties = _properties()
    if propset is None:
        return dict.fromkeys(properties)
    numbers = {name: ids.get(propset) for name, ids in properties.items()}
    return {name: number for name, number in numbers.items() if number is not None}


@functools.cache
def _properties() -> dict[str, dict[int, int]]:
    """Return each property's number by property set."""
    found = {}
    for line in _lines("properties.txt"):
        name, *numbers = line.split()
        found[name] = {at: int(text) for at, text in enumerate(numbers, 1) if text != "-"}
    return found


@functools.cache
def _settings() -> dict[str, dict[str, int]]:
    """Return the settings of each module by name."""
    found: dict[str, dict[str, int]] = {}
    for line in _lines("settings.txt"):
        if line.startswith("["):
            module = found.setdefault(line.strip("[]"), {})
        else:
            name, number = line.split()
            module[name] = int(number)
    return found


def _lines(name: str) -> list[str]:
    lines = (DATA / name).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
