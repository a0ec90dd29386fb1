"""The header of a script: its title, and the parameters that the camera's menu asks for.

Two notations, which may be mixed; a line stands alone, after blanks at most:

    @title Interval                     #shots=5 "Shots" [1 100]
    @chdk_version 1.4                   #mode=1 "Mode" {Off Slow Fast}
    @subtitle Times                     #size 1 "Size" {L M S} table
    @param a Shots                      #raw=false "Save raw"
    @default a 5                        #wait=60000 "Wait (ms)" long
    @range a 1 100
    @values b Off Slow Fast

CHDK reads it from the first 4096 bytes of a file, in Lua as in uBASIC
(https://chdk.fandom.com/wiki/CHDK_Script_Header, trunk/core/gui_script.c).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chdkshell.errors import UsageError, printable
from chdkshell.lua.keywords import KEYWORDS
from chdkshell.lua.literals import serialize
from chdkshell.lua.values import LuaKey, LuaValue

SCANNED = 4096
"""Bytes of a file that CHDK looks for its header in."""

MAX_LONG = 9999999
"""The largest number of a parameter that is `long`."""

MIN_NUMBER, MAX_NUMBER = -(1 << 31), (1 << 31) - 1

_LINE_END = re.compile(r"\r\n|\n|\r")
_KEYWORD = re.compile(r"@(title|subtitle|param|default|range|values|chdk_version)\b[ \t]*(.*)")
_NAMED = re.compile(r"([A-Za-z][^\s=]*)[ \t=]*(.*)")
_SHORT = re.compile(
    r"#[ \t]*([A-Za-z][^\s=]*)(?:[ \t]*=[ \t=]*|[ \t]+(?=[^\s=]+[ \t]*['\"]))([^\s=]*)[ \t]*(.*)"
)
_LABEL = re.compile(r"(['\"])(.*?)(?:\1|$)[ \t]*(.*)")
_ALLOWED = re.compile(r"\[([^\]]*)\]?[ \t]*(.*)|\{([^}]*)\}?[ \t]*(.*)")
_INTEGER = re.compile(r"[ \t]*([-+]?)(0[xX][0-9A-Fa-f]+|0[0-7]*|[1-9][0-9]*)")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class ScriptParameterKind(enum.Enum):
    """What a parameter's values are, and what the script's global holds.

    NUMBER: a whole number. ON_OFF: 0 or 1. BOOLEAN: false or true. CHOICE: the place of one of
    `labels`, from 0. TABLE: all labels, with `index` (from 1) and `value` of the chosen one.
    """

    NUMBER = "number"
    ON_OFF = "on or off"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class ScriptParameter:
    """A parameter of a script. `section` is the subtitle that it stands below, or "".

    `default` is as `parse` returns values: a number, the place of a label from 0, or a bool.
    `low` and `high` are the bounds of a NUMBER.
    """

    name: str
    label: str = ""
    kind: ScriptParameterKind = ScriptParameterKind.NUMBER
    default: int = 0
    low: int = MIN_NUMBER
    high: int = MAX_NUMBER
    labels: tuple[str, ...] = ()
    section: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The values that can be listed, as they are written; () for numbers."""
        match self.kind:
            case ScriptParameterKind.BOOLEAN:
                return ("false", "true")
            case ScriptParameterKind.ON_OFF:
                return ("0", "1")
        return self.labels

    @property
    def has_bounds(self) -> bool:
        """Whether the header bounds a number."""
        return (self.low, self.high) != (MIN_NUMBER, MAX_NUMBER)

    @property
    def allowed(self) -> str:
        """What the values may be, in a few words."""
        if self.words:
            return " or ".join(filter(None, [", ".join(self.words[:-1]), self.words[-1]]))
        if not self.has_bounds:
            return "a whole number"
        return f"{self.low} to {self.high}"

    def parse(self, text: str) -> int:
        """Return the value that a text stands for: a number, a label's place from 0, or a bool.

        A label goes before a place: `200` of the labels 100, 200, 400 is the second of them.
        Raises `UsageError`.
        """
        word = text.strip()
        if self.labels:
            folded = [label.casefold() for label in self.labels]
            if word.casefold() in folded:
                return folded.index(word.casefold())
        elif self.kind in (ScriptParameterKind.BOOLEAN, ScriptParameterKind.ON_OFF):
            known = {"false": 0, "0": 0, "off": 0, "no": 0, "true": 1, "1": 1, "on": 1, "yes": 1}
            if word.casefold() in known:
                value = known[word.casefold()]
                return bool(value) if self.kind is ScriptParameterKind.BOOLEAN else value
        allowed = self.allowed
        match = _INTEGER.fullmatch(word)
        if match and (self.labels or self.kind is ScriptParameterKind.NUMBER):
            number = _integer(word)
            first = 1 if self.kind is ScriptParameterKind.TABLE else 0
            low, high = (
                (first, len(self.labels) - 1 + first) if self.labels else (self.low, self.high)
            )
            if low <= number <= high:
                return number - first
            allowed = allowed if self.labels else f"{low} to {high}"
        raise UsageError(f"{self.name} cannot be '{printable(text)}'", f"allowed: {allowed}")

    def text(self, value: int) -> str:
        """Return a value as it is written, so that `parse` reads it."""
        if self.labels and 0 <= value < len(self.labels):
            return self.labels[value]
        if self.kind is ScriptParameterKind.BOOLEAN:
            return "true" if value else "false"
        return str(int(value))

    def lua_value(self, value: int) -> LuaValue:
        """Return what the script's global holds where `value` was chosen."""
        if self.kind is ScriptParameterKind.TABLE:
            place = min(max(value, 0), len(self.labels) - 1)
            table: dict[LuaKey, LuaValue] = {**dict(enumerate(self.labels, 1))}
            return {**table, "index": place + 1, "value": self.labels[place]}
        return bool(value) if self.kind is ScriptParameterKind.BOOLEAN else int(value)


@dataclass(frozen=True, slots=True)
class ScriptHeader:
    """What the head of a script says. `title` is "" where it has none.

    `chdk_version` is the version that the script was written for; None is taken for 1.3, and for
    (1, 3) CHDK loads its module wrap13 before the script.
    """

    title: str = ""
    chdk_version: tuple[int, ...] | None = None
    parameters: tuple[ScriptParameter, ...] = field(default=())

    @property
    def needs_wrap13(self) -> bool:
        """Whether CHDK gives the script the functions of version 1.3."""
        return (self.chdk_version or (1, 3))[:2] == (1, 3)

    def parameter(self, name: str) -> ScriptParameter | None:
        """Return the parameter of a name, or None."""
        return next((p for p in self.parameters if p.name == name), None)

    def known(self, name: str) -> ScriptParameter:
        """Return the parameter of a name. Raises `UsageError`."""
        parameter = self.parameter(name)
        if parameter is None:
            there = ", ".join(p.name for p in self.parameters)
            raise UsageError(
                f"the script has no parameter '{printable(name)}'",
                f"it has {there}" if there else "it has none",
            )
        return parameter

    def assignments(self, values: Mapping[str, int]) -> list[str]:
        """Return Lua that sets each parameter, to its default where `values` has none."""
        return [_assignment(p, values.get(p.name, p.default)) for p in self.parameters]

    def lua(self, given: Mapping[str, str], kept: Mapping[str, int] | None = None) -> str:
        """Return Lua, on one line, that sets all parameters: as given in texts, else the defaults.

        `kept` are values that go before the defaults. Raises `UsageError` for a name that no
        parameter has, and for a value it cannot have.
        """
        values = {name: self.known(name).parse(text) for name, text in given.items()}
        return " ".join(self.assignments({**(kept or {}), **values}))


def parse_header(source: str | bytes) -> ScriptHeader:
    """Return what the head of a script says. What CHDK does not understand is passed over."""
    data = source if isinstance(source, bytes) else source.encode("utf-8", "surrogateescape")
    text = data[:SCANNED].decode("utf-8-sig", "replace")
    reader = _Reader()
    for line in _LINE_END.split(text):
        reader.read(line.strip(" \t"))
    return reader.header()


class _Reader:
    """Reads a header line by line."""

    def __init__(self) -> None:
        self._title = ""
        self._version: tuple[int, ...] | None = None
        self._section = ""
        self._found: dict[str, ScriptParameter] = {}

    def header(self) -> ScriptHeader:
        return ScriptHeader(self._title, self._version, tuple(self._found.values()))

    def read(self, line: str) -> None:
        if keyword := _KEYWORD.match(line):
            self._read_keyword(keyword[1], keyword[2])
        elif short := _SHORT.match(line):
            self._read_short(*short.groups())

    def _read_keyword(self, keyword: str, rest: str) -> None:
        match keyword:
            case "title":
                self._title = rest.strip()
            case "subtitle":
                self._section = rest.strip()
            case "chdk_version":
                numbers = re.match(r"\d+(?:\.\d+)*", rest)
                self._version = tuple(map(int, numbers[0].split("."))) if numbers else None
            case _:
                if named := _NAMED.match(rest):
                    self._read_named(keyword, named[1], named[2])

    def _read_named(self, keyword: str, name: str, rest: str) -> None:
        parameter = self._parameter(name)
        match keyword:
            case "param":
                parameter = replace(parameter, label=rest.strip())
            case "default":
                parameter = _with_default(parameter, rest)
            case "range":
                parameter = _with_range(parameter, rest)
            case "values":
                parameter = _with_labels(parameter, rest)
        self._found[name] = parameter

    def _read_short(self, name: str, value: str, rest: str) -> None:
        parameter = _with_default(self._parameter(name), value)
        if label := _LABEL.match(rest):
            parameter = _with_words(replace(parameter, label=label[2]), label[3])
        self._found[name] = parameter

    def _parameter(self, name: str) -> ScriptParameter:
        return self._found.get(name) or ScriptParameter(name, section=self._section)


def _with_default(parameter: ScriptParameter, text: str) -> ScriptParameter:
    if text.startswith(("true", "false")):
        return replace(parameter, default=text.startswith("true"), kind=ScriptParameterKind.BOOLEAN)
    return replace(parameter, default=_integer(text))


def _with_range(parameter: ScriptParameter, text: str) -> ScriptParameter:
    words = [*text.split(), "", ""]
    bounds = _integer(words[0]), _integer(words[1])
    if bounds == (0, 1):
        return replace(parameter, kind=ScriptParameterKind.ON_OFF)
    if bounds == (1, 0):
        return _as_boolean(parameter)
    return replace(parameter, kind=ScriptParameterKind.NUMBER, low=bounds[0], high=bounds[1])


def _with_labels(parameter: ScriptParameter, text: str) -> ScriptParameter:
    labels = tuple(word for word in re.split(r"[\s=]+", text) if word)
    return (
        replace(parameter, kind=ScriptParameterKind.CHOICE, labels=labels) if labels else parameter
    )


def _with_words(parameter: ScriptParameter, text: str) -> ScriptParameter:
    """Read what may follow the label of the short notation."""
    allowed = _ALLOWED.match(text)
    if allowed and allowed[1] is not None:
        parameter, text = _with_range(parameter, allowed[1]), allowed[2]
    elif allowed:
        parameter, text = _with_labels(parameter, allowed[3]), allowed[4]
        if text.startswith("table") and parameter.labels:
            # the header counts these from 1
            place = min(max(parameter.default, 1), len(parameter.labels)) - 1
            parameter = replace(parameter, kind=ScriptParameterKind.TABLE, default=place)
            text = text.removeprefix("table").lstrip()
    if text.startswith("bool"):
        parameter, text = _as_boolean(parameter), text.removeprefix("bool").lstrip()
    if text.startswith("long"):
        parameter = replace(parameter, kind=ScriptParameterKind.NUMBER, low=0, high=MAX_LONG)
    return parameter


def _as_boolean(parameter: ScriptParameter) -> ScriptParameter:
    return replace(
        parameter, kind=ScriptParameterKind.BOOLEAN, labels=(), default=bool(parameter.default)
    )


def _integer(text: str) -> int:
    """Return the number that a text begins with, as C reads it; 0 where it begins with none."""
    match = _INTEGER.match(text)
    if match is None:
        return 0
    digits = match[2].lower()
    base = 16 if digits.startswith("0x") else 8 if digits.startswith("0") else 10
    return int(digits, base) * (-1 if match[1] == "-" else 1)


def _assignment(parameter: ScriptParameter, value: int) -> str:
    name = parameter.name
    plain = _IDENTIFIER.fullmatch(name) and name not in KEYWORDS
    target = name if plain else f"_G[{serialize(name)}]"
    return f"{target}={serialize(parameter.lua_value(value))}"
