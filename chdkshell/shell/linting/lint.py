"""What is wrong with a script, as far as that can be seen without a camera."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from chdkshell.chdk import luamodules
from chdkshell.chdk.cardscripts import required
from chdkshell.chdk.scriptheader import parse_header
from chdkshell.lua.check import check
from chdkshell.lua.numbers import to_integer
from chdkshell.lua.parser import NotLuaError, parse
from chdkshell.lua.tokens import Lines, Token, TokenKind, tokenise
from chdkshell.shell.knowledge import functions, tables
from chdkshell.shell.linting.finding import LuaFinding, Severity
from chdkshell.shell.linting.named import (
    CameraLua,
    camera_problem,
    key_problem,
    number_problem,
)
from chdkshell.shell.linting.signatures import bounds, version_of
from chdkshell.shell.linting.uses import GlobalCall, Uses
from chdkshell.shell.linting.waiting import wait_problems

FindModule = Callable[[str], str | None]
"""Returns the text of a module that a script requires, None where it is not here."""

_ALWAYS_THERE = frozenset(("_G", "arg", "chdku", "con"))
"""Globals that are no functions: Lua's own, and chdkptp's, in files that run on the computer."""

SHORTEST = 5
"""Letters of the shortest name that may be a misspelt one."""

CALLED_CUTOFF, READ_CUTOFF = 0.75, 0.85
"""How near a known name must be to be named, where one is called, and where one is looked at."""

_LOADING = frozenset(("loadstring", "load", "loadfile", "dofile", "setfenv"))
_FRACTION = re.compile(r"@default[ \t]+(\S+)[ \t]+(-?\d*\.\d+)")
_GIVEN = {
    "drawings": ("draw",),
    "gpslib": ("gpsLib",),
    "hookutil": ("hook_preshoot.wait_ready", "hook_shoot.wait_ready", "hook_raw.wait_ready"),
    "rawoplib": (
        *("rawop.rect", "rawop.rect_rgbg", "rawop.fill_rect_rgbg"),
        *("rawop.meter_rgb", "rawop.meter_rgbg"),
    ),
}
"""What modules of CHDK add to the globals, and to the camera's own tables."""

_WITHOUT_GLOBALS = ("wrap13", "binstr", "inilib", "uartr", "zoomutil")

_KNOWN_MODULES = frozenset((*luamodules.MODULES, *_GIVEN, *_WITHOUT_GLOBALS))
"""Modules of CHDK of which all globals that scripts call are known."""


@dataclass(slots=True)
class LintedScript:
    """A script as it is looked at. `version` is that of CHDK which it is to run on, or None.

    `camera` is one that it is to run on, None for any.
    """

    text: str
    find_module: FindModule = lambda name: None
    version: tuple[int, ...] | None = None
    camera: CameraLua | None = None
    lines: Lines = field(init=False)
    findings: list[LuaFinding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lines = Lines(self.text)

    def tell(self, at: int, severity: Severity, rule: str, message: str) -> None:
        """Note what was found at an offset of the text."""
        line, column = self.lines.at(at), self.lines.column(at)
        self.findings.append(LuaFinding(line, column, severity, rule, message))

    def warn(self, at: int, rule: str, problem: str) -> None:
        """Note a problem that was found at an offset of the text; "" is none."""
        if problem:
            self.tell(at, Severity.WARNING, rule, problem)


def lint(
    data: bytes,
    find_module: FindModule = lambda name: None,
    version: tuple[int, ...] | None = None,
    camera: CameraLua | None = None,
) -> list[LuaFinding]:
    """Return what is found in a script, in the order of its text.

    `version` is that of CHDK to check for, else that of its header; `camera` is one to check for.
    """
    text = data.decode("utf-8", "surrogateescape")
    has_mark = text.startswith("\ufeff")
    text = text.removeprefix("\ufeff")
    if text.startswith("#"):  # which loadfile passes over
        text = f"--{text[2:]}" if len(text) > 1 else "--"
    version = version or parse_header(data).chdk_version
    source = LintedScript(text, find_module, version, camera)
    if has_mark:
        source.tell(
            0,
            Severity.WARNING,
            "byte-order-mark",
            "the file begins with a byte order mark, which the camera takes for an error; "
            "`run` leaves it out",
        )
    _check_header(source)
    tokens = tokenise(text)
    _check_numbers(source, tokens)
    if not _check_syntax(source):
        return _in_order(source)
    try:
        tokens, block = parse(text)
    except NotLuaError:  # it compiles, and is more than is understood here
        return _in_order(source)
    uses = Uses(tokens, block)
    _check_names(source, tokens, uses)
    _check_calls(source, tokens, uses)
    for place, rule, problem in wait_problems(tokens, uses):
        source.warn(tokens[place].start, rule, problem)
    return _in_order(source)


def _in_order(source: LintedScript) -> list[LuaFinding]:
    return sorted(dict.fromkeys(source.findings), key=lambda found: (found.line, found.column))


# ---- what does not compile ----------------------------------------------------------------------


def _check_syntax(source: LintedScript) -> bool:
    problem = check(source.text)
    if problem is None:
        return True
    known = {(f.line, f.column) for f in source.findings if f.severity is Severity.ERROR}
    if (problem.line, problem.column) not in known:
        place = problem.line, problem.column
        source.findings.append(LuaFinding(*place, Severity.ERROR, "syntax", problem.message))
    return False


def _check_numbers(source: LintedScript, tokens: Iterable[Token]) -> None:
    for token in tokens:
        if token.kind is TokenKind.NUMBER and to_integer(token.text) is None:
            source.tell(
                token.start,
                Severity.ERROR,
                "number",
                f"malformed number near '{token.text}': the camera's Lua has whole numbers only; "
                "fmath has others",
            )


def _check_header(source: LintedScript) -> None:
    for match in _FRACTION.finditer(source.text[:4096]):
        source.tell(
            match.start(2),
            Severity.WARNING,
            "header",
            f"the default {match[2]} of {match[1]} is read as {int(float(match[2]))}: parameters "
            "are whole numbers",
        )


# ---- names --------------------------------------------------------------------------------------


def _check_names(source: LintedScript, tokens: tuple[Token, ...], uses: Uses) -> None:
    """Find what is called and exists nowhere, and names that look like a known one."""
    defined = set(uses.writes) | {p.name for p in parse_header(source.text).parameters}
    camera = source.camera
    defined |= camera.names if camera else frozenset()
    complete = _learn_modules(source, defined) and not _is_dynamic(uses)
    # a module may give more functions to the tables that are there
    only_numbers = all(map(luamodules.is_table_of_numbers, _required(source.text)))
    looked_at = {name for name, _ in uses.reads} | set(_texts(tokens))
    for call in uses.calls:
        # one that is looked at elsewhere may be asked for before it is called
        is_tested = call.name in looked_at or call.name.rpartition(".")[2] in looked_at
        if is_tested:
            continue
        if _exists(call.name, defined):
            if camera and call.name in functions() and call.name not in uses.writes:
                at = tokens[call.place].start
                source.warn(at, "camera", camera_problem(call.name, camera))
            continue
        is_sure = complete and (only_numbers or "." not in call.name)
        source.tell(
            tokens[call.place].start,
            Severity.ERROR if is_sure else Severity.WARNING,
            "unknown-name",
            f"{call.name} is no function of the camera, nor of the script"
            f"{_near(call.name, defined, CALLED_CUTOFF)}",
        )
    for name, place in uses.reads:
        is_known = _exists(name, defined) or name.partition(".")[0] in defined
        near = "" if is_known else _near(name, defined, READ_CUTOFF)
        if near:
            source.tell(
                tokens[place].start, Severity.WARNING, "misspelt", f"{name} is not known{near}"
            )


def _required(text: str) -> list[str]:
    return required(text.encode("utf-8", "surrogateescape"))


def _is_dynamic(uses: Uses) -> bool:
    """Whether a chunk may set globals in ways that its text does not show."""
    return any(call.name in _LOADING for call in uses.calls) or any(
        name == "_G" for name, _ in (*uses.indexed, *uses.reads)
    )


def _learn_modules(source: LintedScript, defined: set[str]) -> bool:
    """Add the globals that required modules set; return whether all of them are known."""
    complete = True
    waiting = _required(source.text)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        defined.update(_GIVEN.get(name.lower(), ()))
        text = source.find_module(name)
        if text is None:
            complete = complete and (name.lower() in _KNOWN_MODULES or name.startswith("gen/"))
            continue
        try:
            module = Uses(*parse(text))
        except NotLuaError:
            complete = False
            continue
        defined |= module.writes
        complete = complete and (name.lower() in _KNOWN_MODULES or not _is_dynamic(module))
        waiting += _required(text)
    return complete


def _exists(name: str, defined: set[str]) -> bool:
    base, dot, _ = name.partition(".")
    if name in functions() or name in defined or base in _ALWAYS_THERE:
        return True
    # a table of the script's own may get its fields in any way
    return base in defined if dot else name in tables()


def _near(name: str, defined: set[str], cutoff: float) -> str:
    """Return a hint with the known name that is nearest, or ""."""
    import difflib

    if len(name) < SHORTEST:
        return ""
    base, dot, _ = name.partition(".")
    known = [*functions(), *tables(), *defined]
    is_field = bool(dot) and base in tables()
    known = [n for n in known if n.startswith(f"{base}.") == is_field]
    close = difflib.get_close_matches(name, known, n=1, cutoff=cutoff)
    return f"; did you mean '{close[0]}'?" if close else ""


def _texts(tokens: Iterable[Token]) -> Iterator[str]:
    """Yield the strings of a chunk: a name in one may be looked up in _G."""
    for token in tokens:
        if token.kind is TokenKind.STRING:
            yield token.text.strip("'\"")


# ---- calls --------------------------------------------------------------------------------------


def _check_calls(source: LintedScript, tokens: tuple[Token, ...], uses: Uses) -> None:
    modules = luamodules.aliases(source.text)
    for call in uses.calls:
        if call.name in uses.writes:
            continue
        at = tokens[call.place].start
        source.warn(at, "arguments", _count_problem(call))
        source.warn(at, "version", _version_problem(call, source.version))
        source.warn(at, "key", key_problem(tokens, call))
        source.warn(at, "property", number_problem(tokens, call, modules, source.camera))
        text = _text_of(tokens, call) if call.name == "tonumber" else ""
        if re.fullmatch(r"['\"]-?\d*\.\d+['\"]", text):
            source.warn(at, "number", f"tonumber({text}) is nil: it has a fraction")


def _version_problem(call: GlobalCall, version: tuple[int, ...] | None) -> str:
    function = functions().get(call.name)
    since = version_of(function) if function else ()
    if not since or version is None or version[: len(since)] >= since:
        return ""
    asked, needed = (".".join(map(str, numbers)) for numbers in (version, since))
    return f"{call.name} needs CHDK {needed}, and the script is for {asked}"


def _text_of(tokens: tuple[Token, ...], call: GlobalCall) -> str:
    """Return the text that is a call's first argument, with its quotes, or ""."""
    first = call.first
    if first is None or first.last != first.first + 1:
        return ""
    token = tokens[first.first]
    return token.text if token.kind is TokenKind.STRING else ""


def _count_problem(call: GlobalCall) -> str:
    known = bounds(call.name)
    if known is None:
        return ""
    least, most = known
    given = f"{call.arguments} given"
    if most is not None and call.arguments - call.is_open > most:
        return f"{call.name} takes {_several(least, most)}, {given}"
    if call.arguments < least and not call.is_open:
        return f"{call.name} takes {_several(least, most)}, {given}"
    return ""


def _several(least: int, most: int | None) -> str:
    if most is None:
        return f"at least {least} arguments" if least != 1 else "at least 1 argument"
    if least == most:
        return {0: "no arguments", 1: "1 argument"}.get(most, f"{most} arguments")
    return f"{least} to {most} arguments"
