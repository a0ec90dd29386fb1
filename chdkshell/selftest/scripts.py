"""Scripts: what they return, how they fail, and that they end."""

from __future__ import annotations

import time

from chdkshell.chdk import versions
from chdkshell.chdk.constants import ScriptStatus
from chdkshell.errors import ScriptError
from chdkshell.lua.values import LuaValue
from chdkshell.selftest.bench import SCRIPT_SECONDS, Bench
from chdkshell.selftest.checks import Trial
from chdkshell.selftest.outcomes import CheckFailedError, require, require_equal

_VALUES: tuple[tuple[str, LuaValue], ...] = (
    ("0", 0),
    ("-1", -1),
    ("2147483647", 2147483647),
    ("-2147483647-1", -2147483648),
    ("2147483647+1", -2147483648),
    ("7/2", 3),
    ("-7/2", -3),
    ("0xFF", 255),
    ("true", True),
    ("false", False),
    ("nil", None),
    ("''", ""),
    ("'text'", "text"),
    ("'a\\0b\\0'", "a\0b\0"),
    ("'\\195\\164'", "\u00e4"),
    ("'\\255\\254'", b"\xff\xfe"),
    ("string.rep('x',5000)", "x" * 5000),
)
"""Lua, and what it is in Python (`lua.values`)."""

_TABLES: tuple[tuple[str, LuaValue], ...] = (
    ("{}", []),
    ("{1,2,3}", [1, 2, 3]),
    ("{a=1,b='two'}", {"a": 1, "b": "two"}),
    ("{[-5]=true,[7]=false}", {-5: True, 7: False}),
    ("{{1},{{2}},{n={m={}}}}", [[1], [[2]], {"n": {"m": []}}]),
    ("{'a\\0b','\\n\\r\"\\'\\\\'}", ["a\0b", "\n\r\"'\\"]),
    ("{[1]='one',x={true,false}}", {1: "one", "x": [True, False]}),
)

_DEPTH = 20
_LONG = 500


def values(bench: Bench) -> str:
    """Single values come with their types."""
    for at in range(0, len(_VALUES), 8):  # all at once are more than the queue holds
        part = _VALUES[at : at + 8]
        got = bench.lua(f"return {','.join(code for code, _ in part)},1")
        wanted = tuple(value for _, value in part)
        seen = got[:-1] if isinstance(got, tuple) else ()
        require(len(seen) == len(wanted), f"{len(seen)} values", f"{len(wanted)}")
        for (code, value), answer in zip(part, seen, strict=True):
            require_equal(code, answer, value)
    return f"{len(_VALUES)} values: numbers, booleans, nil, text, bytes"


def tables(bench: Bench) -> str:
    """Tables come with all that is in them."""
    for code, value in _TABLES:
        require_equal(code, bench.lua(f"return {code}"), value)
    nested = bench.lua(f"local t=0 for _=1,{_DEPTH} do t={{t}} end return t")
    for _ in range(_DEPTH):
        nested = nested[0] if isinstance(nested, list) and nested else None
    require_equal(f"{_DEPTH} tables in each other", nested, 0)
    long = bench.lua(f"local t={{}} for n=1,{_LONG} do t[n]=n*n end return t")
    require_equal(f"a table of {_LONG}", long, [n * n for n in range(1, _LONG + 1)])
    return f"{len(_TABLES)} kinds, {_DEPTH} levels deep, {_LONG} entries long"


def errors(bench: Bench) -> str:
    """A script that fails says why, and in which line."""
    for code, kind, line in (
        ("return 1 +", "compile", 1),
        ("local x=1\n\nerror('as meant')", "runtime", 3),
        ("local t\nt.x=1", "runtime", 2),
    ):
        try:
            bench.lua(code)
        except ScriptError as error:
            seen = f"a {error.kind} error in line {error.line}"
            require((error.kind, error.line) == (kind, line), seen, f"{kind} in line {line}")
        else:
            raise CheckFailedError(f"`{code}` did not fail", f"a {kind} error")
    return "errors say their kind and line"


def ending(bench: Bench) -> str:
    """A script without an end is killed, one that waits and one that does not."""
    scripts = bench.camera.scripts
    slowest = 0.0
    for code in ("while true do sleep(100) end", "while true do end"):
        scripts.start(code)
        status = scripts.status()
        require(bool(status & ScriptStatus.RUNNING), f"`{code}` does not run", "a script that runs")
        start = time.monotonic()
        scripts.kill()
        slowest = max(slowest, time.monotonic() - start)
        require_equal("what a script returns after that", bench.lua("return 'fine'"), "fine")
    bench.measured["longest_s"] = round(slowest, 3)
    return f"killed in {slowest:.1f} s at most, and the next script runs"


def status(bench: Bench) -> str:
    """The camera says that a script runs as long as it does."""
    scripts = bench.camera.scripts
    require(not scripts.status() & ScriptStatus.RUNNING, "a script runs", "none")
    scripts.start("local m=read_usb_msg(20000) return m")
    require(bool(scripts.status() & ScriptStatus.RUNNING), "no script runs", "one that runs")
    scripts.send(b"end")
    got = scripts.wait(timeout=SCRIPT_SECONDS, cancel=bench.cancel).read()
    require_equal("what the script returned", got, "end")
    require(not scripts.status(), "a script runs, or a message waits", "neither")
    return "it says that a script runs, and that it has ended"


CHECKS = (
    Trial("script status", "it is told as it is", status),
    Trial("Lua values", "they come with their types", values),
    Trial("Lua tables", "they come whole", tables),
    Trial("script errors", "they say kind and line", errors),
    Trial("killing scripts", "each ends", ending, versions.SCRIPT_FLAGS),
)
