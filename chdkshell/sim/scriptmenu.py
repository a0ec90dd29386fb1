"""The script that is chosen in CHDK's menu: its parameters, and how it is started.

Parameters stand in the script's head (core/gui_script.c): `@param a Name`, `@default a 5`,
`@range a 0 1`, `@values a one two`, or on one line `#a=5 "Name" [0 1]`, `#a=1 "Name" {one two}`
with `table`, `bool` or `long` behind it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chdkshell.lua.literals import quoted, serialize
from chdkshell.sim.card import Card, path_bytes
from chdkshell.sim.settings import SCRIPT_FILE, Settings

DEFAULT_SCRIPT = "A/CHDK/SCRIPTS/default.lua"
"""The script that is started where none was chosen."""

HEAD_SIZE = 4096
"""Bytes of a script that are looked through for parameters."""

_OLD_VERSION = (1, 3)
"""The version of CHDK that scripts were written for which do not say."""

_LINE = re.compile(r"^[ \t]*@(param|default|range|values|chdk_version)[ \t]+(.*)$")
_SHORT = re.compile(
    r"""^[ \t]*\#(?P<name>\w+)\s*=\s*(?P<value>\S+)\s+
    (?:"[^"]*"|'[^']*')\s*
    (?:\[(?P<range>[^]]*)\]?|\{(?P<options>[^}]*)\}?)?\s*
    (?P<kind>table|bool|long)?""",
    re.VERBOSE | re.ASCII,
)


@dataclass(slots=True)
class Parameter:
    """A parameter with its default. `options` are the words of its choices; with `is_table` the
    script gets a table of them.
    """

    value: int = 0
    is_bool: bool = False
    options: tuple[bytes, ...] = ()
    is_table: bool = False

    @property
    def lua(self) -> str:
        """The value as the script gets it."""
        if self.is_bool:
            return "true" if self.value else "false"
        if self.is_table:
            chosen = self.options[self.value - 1 : self.value]
            choice: dict[object, object] = {"index": self.value, "value": chosen and chosen[0]}
            return serialize(choice | dict(enumerate(self.options, 1)))
        return str(self.value)


@dataclass(slots=True)
class ScriptHead:
    """What a script says of itself: its parameters by name, and CHDK's version it is made for."""

    parameters: dict[str, Parameter]
    version: tuple[int, int] = _OLD_VERSION


def read_head(text: str) -> ScriptHead:
    """Return what stands in the head of a script."""
    head = ScriptHead({})
    for line in text.splitlines():
        if short := _SHORT.match(line):
            head.parameters[short["name"]] = _short_form(short)
        elif found := _LINE.match(line):
            _long_form(head, found[1], found[2].split())
    return head


def _short_form(found: re.Match[str]) -> Parameter:
    parameter = Parameter()
    _set_default(parameter, found["value"])
    if found["range"] is not None:
        _set_range(parameter, found["range"].split())
    elif found["options"] is not None:
        parameter.options, parameter.is_bool = _options(found["options"].split()), False
        parameter.is_table = found["kind"] == "table"
    parameter.is_bool = parameter.is_bool or found["kind"] == "bool"
    return parameter


def _long_form(head: ScriptHead, verb: str, words: list[str]) -> None:
    if verb == "chdk_version":
        numbers = re.findall(r"\d+", " ".join(words))
        head.version = (int(numbers[0]), int(numbers[1])) if len(numbers) > 1 else head.version
        return
    if not words:
        return
    name, *rest = words
    parameter = head.parameters.setdefault(name, Parameter())
    if verb == "default" and rest:
        _set_default(parameter, rest[0])
    elif verb == "range":
        _set_range(parameter, rest)
    elif verb == "values":
        parameter.options, parameter.is_bool = _options(rest), False


def _set_default(parameter: Parameter, text: str) -> None:
    parameter.is_bool = text.startswith(("true", "false"))
    parameter.value = int(text.startswith("true")) if parameter.is_bool else _number(text)


def _options(words: list[str]) -> tuple[bytes, ...]:
    return tuple(word.encode("latin-1") for word in words)


def _set_range(parameter: Parameter, words: list[str]) -> None:
    """A range from 1 down to 0 is a truth value; one from 0 to 1 stays a number."""
    parameter.is_bool = [_number(word) for word in words[:2]] == [1, 0]


def _number(text: str) -> int:
    """Return what C's strtol reads of `text`."""
    found = re.match(r"[+-]?(?:0[xX][0-9a-fA-F]+|\d+)", text)
    if found is None:
        return 0
    digits = found[0]
    if "x" in digits.lower():
        return int(digits, 16)
    octal = re.fullmatch(r"([+-]?)0([0-7]+)", digits)
    return int(octal[1] + octal[2], 8) if octal else int(digits)


def starter(card: Card, settings: Settings) -> bytes:
    """Return the Lua that starts the chosen script with the defaults of its parameters."""
    chosen = settings[SCRIPT_FILE]
    path = chosen if isinstance(chosen, str) and chosen else DEFAULT_SCRIPT
    try:
        with card.open(path) as file:
            head = read_head(file.read(HEAD_SIZE).decode("latin-1"))
    except OSError:
        head = ScriptHead({})
    given = "".join(
        f"_G[{quoted(name.encode())}]={each.lua} " for name, each in head.parameters.items()
    )
    wrapper = "require'wrap13' " if head.version == _OLD_VERSION else ""
    return (
        f"{given}{wrapper}local s,e=loadfile({quoted(path_bytes(path))}) collectgarbage() "
        "if not s then error(e) end s()"
    ).encode("latin-1")
