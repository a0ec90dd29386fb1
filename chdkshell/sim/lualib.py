"""Lua modules that scripts expect in A/CHDK/LUALIB: those of a fresh card.

Scripts find them on a card, too, that has no file of them. Those in GEN are tables of numbers and
names, which CHDK makes of its own sources; the others are Lua files.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from chdkshell.chdk.luamodules import CORE_SETTINGS, OSD_SETTINGS, PROPERTIES, known_fields

FOLDER = "A/CHDK/LUALIB/"

FILES = Path(__file__).parent / "card_template/CHDK/LUALIB"
"""The modules that are Lua files."""

LAST_PROPSET = 13

SETTINGS = {CORE_SETTINGS: 1000, OSD_SETTINGS: 2000, "gen/cnf_user": 3000, "gen/cnf_gps": 4000}
"""The tables of settings, and the number of the group that each has."""

_MODES = """
AUTO P TV AV M AQUARIUM BEACH BEST_IMAGE BLUR_REDUCTION COLOR_ACCENT COLOR_SWAP
CREATIVE_EFFECT DIGITAL_IS DIGITAL_MACRO DISCREET EASY FACE_SELF_TIMER FIREWORK FISHEYE
FOLIAGE HDR HIGHSPEED_BURST INDOOR ISO_3200 KIDS_PETS LANDSCAPE LIVE LONG_SHUTTER LOWLIGHT
MINIATURE MONOCHROME MY_COLORS NIGHT_SCENE NIGHT_SNAPSHOT NOSTALGIC PORTRAIT POSTER_EFFECT
QUICK SMART_SHUTTER SMOOTH_SKIN SNOW SOFTFOCUS SPORTS STITCH SUNSET SUPER_MACRO SUPER_VIVID
TOY_CAMERA UNDERWATER UNDERWATER_MACRO WINK_SELF_TIMER VIDEO_COLOR_ACCENT VIDEO_COLOR_SWAP
VIDEO_COMPACT VIDEO_HIRES VIDEO_IFRAME_MOVIE VIDEO_MINIATURE VIDEO_MOVIE_DIGEST
VIDEO_MY_COLORS VIDEO_SPEED VIDEO_STD VIDEO_SUPER_SLOW VIDEO_TIME_LAPSE HYBRID_AUTO
BACKGROUND_DEFOCUS STAR_PORTRAIT STAR_NIGHTSCAPE STAR_TRAILS VIDEO_M VIDEO_STAR_TIME_LAPSE
ART_BOLD WATERPAINTING CLOSEUP FOOD SELFIE VIDEO_SHORT_CLIP ZOOM_BLUR PANNING
"""

CAPTURE_MODES = tuple(_MODES.split())
"""Capture modes in the order of CHDK's numbers, from 1 (include/modelist.h). No camera has all."""


def built_in(path: str) -> bytes | None:
    """Return the text of a module by its path on the card, in any case; None: there is none."""
    if not path.upper().startswith(FOLDER):
        return None
    return _by_lower_name().get(path[len(FOLDER) :].lower())


@cache
def modules() -> dict[str, bytes]:
    """Return all modules: their texts by their names in LUALIB."""
    found = {file.name: file.read_bytes() for file in FILES.iterdir() if file.suffix == ".lua"}
    for number in range(1, LAST_PROPSET + 1):
        found[f"GEN/propset{number}.lua"] = _table(known_fields(PROPERTIES, number))
    for module, first in SETTINGS.items():
        name = f"{module.replace('gen/', 'GEN/')}.lua"
        found[name] = _table(_with_limits(known_fields(module, None), first))
    found["GEN/modelist.lua"] = _list(CAPTURE_MODES)
    return found


@cache
def _by_lower_name() -> dict[str, bytes]:
    return {name.lower(): text for name, text in modules().items()}


def _with_limits(fields: dict[str, int | None], group: int) -> dict[str, int | None]:
    numbers = [number for number in fields.values() if number is not None]
    limits = {"_config_id": group, "_first_entry": group + 1, "_last_entry": max(numbers)}
    return fields | limits


def _table(fields: dict[str, int | None]) -> bytes:
    entries = ", ".join(f"{name}={number}" for name, number in fields.items())
    return f"return {{{entries}}}".encode()


def _list(names: tuple[str, ...]) -> bytes:
    return ("return {" + ", ".join(f"'{name}'" for name in names) + "}").encode()
