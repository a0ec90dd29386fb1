"""What a script names in its calls, and what a camera has of that: keys, properties, functions."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from chdkshell.chdk import luamodules
from chdkshell.chdk.constants import KEY_NAMES
from chdkshell.lua.tokens import Token, TokenKind
from chdkshell.lua.tree import Constant, Field, Suffixed
from chdkshell.shell.linting.uses import GlobalCall

KEY_FUNCTIONS = frozenset(("press", "release", "click", "is_pressed", "is_key", "set_exit_key"))
"""Functions whose first argument is the name of a key."""

CUTOFF = 0.7
"""How near a known name must be to be named."""


@dataclass(frozen=True, slots=True)
class CameraLua:
    """What one camera has for scripts. `about` tells it from others, `names` are its globals and
    their fields, `propset` is the number of its property set.
    """

    about: str
    names: frozenset[str]
    propset: int | None


def key_problem(tokens: tuple[Token, ...], call: GlobalCall) -> str:
    """Return what is wrong with the key that a call names, "" for nothing."""
    if call.name not in KEY_FUNCTIONS or not isinstance(call.first, Constant):
        return ""
    token = tokens[call.first.first]
    name = token.text[1:-1]
    if token.kind is not TokenKind.STRING or token.text[0] == "[" or name in KEY_NAMES:
        return ""
    return f"CHDK has no key '{name}'{_near(name, KEY_NAMES)}"


def number_problem(
    tokens: tuple[Token, ...],
    call: GlobalCall,
    modules: dict[str, str],
    camera: CameraLua | None,
) -> str:
    """Return what is wrong with the property or setting that a call names, "" for nothing.

    `modules` are the variables that hold modules, and which ones.
    """
    first = call.first
    if not isinstance(first, Suffixed) or first.inner is not None or len(first.suffixes) != 1:
        return ""
    module = modules.get(tokens[first.first].text, "")
    field = first.suffixes[0]
    if module not in luamodules.NUMBERS_OF.get(call.name, ()) or not isinstance(field, Field):
        return ""
    name = tokens[field.last - 1].text
    known = luamodules.known_fields(module, None)
    if name not in known:
        # newer builds may have more of them
        near = _near(name, known)
        return f"{module} is not known to have {name}{near}" if near else ""
    propset = camera.propset if camera else None
    if camera is None or propset is None or name in luamodules.known_fields(module, propset):
        return ""
    return f"property set {propset}, which {camera.about} has, lacks {name}: it is nil there"


def camera_problem(name: str, camera: CameraLua) -> str:
    """Return that a camera lacks a function that others have, "" where it has it."""
    return "" if name in camera.names else f"{camera.about} has no {name}"


def _near(name: str, known: frozenset[str] | luamodules.Fields) -> str:
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=CUTOFF)
    return f"; did you mean '{close[0]}'?" if close else ""
