"""Chunks of a Lua session that wait: they run as Lua says, and their errors end only themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import chdkshell
from chdkshell.chdk.luachunks import read_chunk
from chdkshell.chdk.luasession import LuaSession
from chdkshell.errors import ScriptError
from chdkshell.lua.check import check
from chdkshell.lua.values import LuaValue
from chdkshell.shell.advice import next_step

LIBRARY = Path(chdkshell.__file__).parent / "chdk" / "lua"


@pytest.fixture(scope="module")
def session() -> Iterator[LuaSession]:
    with chdkshell.connect("sim:") as camera:
        camera.mode = "record"
        with LuaSession(camera.scripts) as session:
            yield session


VALUES: list[tuple[str, tuple[LuaValue, ...]]] = [
    ("sleep(1) return 1, nil, 3, nil", (1, None, 3, None)),
    ("read_usb_msg(1), 1", (None, 1)),
    ("{read_usb_msg(1) or 'none', (sleep(1)), 3}", ({1: "none", 3: 3},)),
    ("local x = sleep(1) or 5 return x", (5,)),
    ("local function w(...) sleep(1) return ... end return {w(1, 2)}, {w(1, 2), 3}, (w(1, 2))",
     ([1, 2], [1, 3], 1)),
    ("local function w(...) sleep(1) return ... end return w({a={5}}).a[1] + w(2, 3) * 2", (9,)),
    ("local function w(n) sleep(1) return n end local n = 0 "
     "repeat n = n + 1 until w(n) == 3 if w(n) == 3 then return #tostring(w(100)) end", (3,)),
    ("local o = '' local function w(n) sleep(1) o = o .. n return n end "
     "local function p(n) o = o .. n return n end local s = p(1) + w(2) + p(3) return s, o",
     (6, "123")),
    ("local a, b, c = 1, sleep(1) return a, b, c", (1, None, None)),
    ("local a, b = 1, 2 a, b = b, a sleep(1) return a, b", (2, 1)),
    ("local t = {} t.x, t.y = read_usb_msg(1), 7 sleep(1) return t.x, t.y", (None, 7)),
    ("do local a = 1 do local a = 2 sleep(a) end sleep(a) return a end", (1,)),
    ("if sleep(1) then return 1 elseif not sleep(1) then return 2 end return 3", (2,)),
    ("if(1 > 2)then sleep(1) else return(9) end", (9,)),
    ("local s = '' for i = 3, 1, -1 do sleep(1) s = s .. i end return s", ("321",)),
    ("for i = 1, 0 do sleep(1) return 'ran' end return 'none'", ("none",)),
    ("local s = 0 for k, v in pairs({a=1, b=2}) do sleep(1) s = s + v end return s", (3,)),
    ("local f = {} for i = 1, 2 do sleep(1) f[i] = function() return i end end "
     "return f[1](), f[2]()", (1, 2)),
    ("local n = 0 while true do n = n + 1 sleep(1) if n > 3 then break end end return n", (4,)),
    ("local n = 0 repeat local m = n sleep(1) n = n + 1 until m >= 2 return n", (3,)),
    ("local s = '' for i = 1, 2 do for j = 1, 2 do sleep(1) if j == 2 then break end s = s .. i "
     "end end return s", ("12",)),
    ("local function f(...) sleep(1) return select('#', ...), ... end return f(1, nil, 3)",
     (3, 1, None, 3)),
    ("local function f(...) local t = {...} sleep(1) for i, v in ipairs({...}) do sleep(1) "
     "t[i] = v + select('#', ...) end return t end return f(1, 2)", ([3, 4],)),
    ("local function f(n) sleep(1) if n <= 1 then return 1 end return n * f(n - 1) end return f(5)",
     (120,)),
    ("local t = {n=0} function t:inc(d) sleep(1) self.n = self.n + d return self end "
     "return t:inc(2):inc(3).n", (5,)),
    ("(function(...) sleep(1) return ... end)(1, 2)", (1, 2)),
    ("local wait = sleep wait(1) return 'done'", ("done",)),
    ("local go = loadstring('sleep(1) return 8') return go()", (8,)),
    ("local ok, e = pcall(function() error({code=3}) end) sleep(1) return ok, e.code", (False, 3)),
    ("local ok, e = pcall(sleep, 1) return ok, e",
     (False, "attempt to yield across metamethod/C-call boundary")),
    ("sleep(1) -- do\n--[[ repeat ]] return 'do', [==[ ]] ]==]", ("do", " ]] ")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "values"), VALUES)
def test_a_chunk_that_waits_gives_what_lua_gives(
    session: LuaSession, code: str, values: tuple[LuaValue, ...]
) -> None:
    assert session.evaluate(code) == values


FAILURES = [
    ("sleep(1)\nerror('later')", 2, "later"),
    ("sleep(1) error('bare', 0)", None, "bare"),
    ("sleep(1) error({1, 2})", None, "{[1]=1,[2]=2}"),
    ("sleep(1) error()", None, "nil"),
    ("sleep(1) nosuch()", 1, "attempt to call global 'nosuch' (a nil value)"),
    ("sleep(1) return nosuch.x", 1, "attempt to index global 'nosuch' (a nil value)"),
    ("sleep(nosuch.x)", 1, "attempt to index global 'nosuch' (a nil value)"),
    ("return #nil, sleep(1)", 1, "attempt to get length of a nil value"),
    ("read_usb_msg(1).x", 1, "attempt to index a nil value"),
    ("if read_usb_msg(1) > 5 then return 1 end", 1, "attempt to compare number with nil"),
    ("return 'a' .. read_usb_msg(nosuch.x)", 1, "attempt to index global 'nosuch' (a nil value)"),
    ("if nosuch.x then sleep(1) end", 1, "attempt to index global 'nosuch' (a nil value)"),
    ("while nosuch.x do sleep(1) end", 1, "attempt to index global 'nosuch' (a nil value)"),
    ("repeat sleep(1) until nosuch.x", 1, "attempt to index global 'nosuch' (a nil value)"),
    ("for i = 1, nil do sleep(1) end", 1, "'for' limit must be a number"),
    ("for k in nil do sleep(1) end", None, "attempt to call a nil value"),
    ("for k in pairs(nil) do sleep(1) end", 1,
     "bad argument #1 to 'pairs' (table expected, got nil)"),
    ("sleep('a')", 1, "bad argument #1 to 'sleep' (number expected, got string)"),
    ("sleep()", 1, "bad argument #1 to 'sleep' (number expected, got no value)"),
    ("press('nosuch')", 1, "unknown key"),
    ("write_usb_msg(print, 10)", None, "unsupported type"),
    ("local function f(n) return 1 + f(n + 1) end sleep(1) f(1)", 1, "stack overflow"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "line", "reason"), FAILURES)
def test_an_error_ends_the_chunk_alone(
    session: LuaSession, code: str, line: int | None, reason: str
) -> None:
    session.evaluate(
        "kept = function() return 'kept' end "
        "press('shoot_half') repeat sleep(10) until get_shooting()"
    )
    with pytest.raises(ScriptError) as failed:
        session.evaluate(code)
    assert type(failed.value) is ScriptError
    assert (failed.value.line, failed.value.message) == (line, reason)
    assert session.evaluate("kept(), get_shooting()") == ("kept", True)
    session.evaluate("release('shoot_half') repeat sleep(10) until not get_shooting()")


def test_an_error_in_a_function_that_waits_returns_through_all(session: LuaSession) -> None:
    session.evaluate("trail = {}")
    session.evaluate("function inner() sleep(1)\nerror('deep') end")
    session.evaluate("function outer() trail[1] = 1 for i = 1, 3 do inner() trail[2] = 2 end end")
    with pytest.raises(ScriptError) as failed:
        session.evaluate("outer() trail[3] = 3")
    assert (failed.value.line, failed.value.message) == (2, "deep")
    assert session.evaluate("trail") == ([1],)
    assert session.evaluate("pcall(inner)")[0] is False


def test_a_failure_assigns_nothing(session: LuaSession) -> None:
    session.evaluate("a, b = 1, 2")
    with pytest.raises(ScriptError):
        session.evaluate("a, b = read_usb_msg(1), nosuch.x")
    assert session.evaluate("a, b") == (1, 2)


def test_a_function_defined_anew_waits_no_more() -> None:
    waiting = read_chunk("function f() sleep(1) end g = sleep").waiting
    assert waiting == {"f", "g"}
    assert read_chunk("f()", waiting).waits
    again = read_chunk("function f() return 1 end g = 1", waiting)
    assert again.waiting == set()


def test_what_was_not_seen_to_wait_is_learned(session: LuaSession) -> None:
    session.evaluate("t = {['a b'] = function() sleep(1) return 4 end}")
    session.evaluate("rawset(_G, 'hidden', t['a b'])")
    with pytest.raises(ScriptError) as failed:
        session.evaluate("hidden()")
    assert "try again" in next_step(failed.value)
    assert session.evaluate("hidden()") == (4,)


def test_the_compiler_judges_what_the_user_wrote(session: LuaSession) -> None:
    with pytest.raises(ScriptError) as failed:
        session.evaluate("sleep(1)\nf 5")
    assert (failed.value.kind, failed.value.line) == ("compile", 2)
    assert failed.value.message == "'=' expected near '5'"


def test_a_chunk_with_no_room_for_more_runs_as_it_is(session: LuaSession) -> None:
    names = [f"v{n}" for n in range(70)]  # a function takes values of 60 outer variables
    code = f"local {','.join(names)} = {','.join(map(str, range(70)))} sleep(1) "
    assert session.evaluate(f"{code} return {'+'.join(names)}") == (sum(range(70)),)
    with pytest.raises(ScriptError, match="nosuch"):
        session.evaluate(f"{code} return nosuch.x")


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("*.lua")), ids=lambda path: path.stem)
def test_scripts_still_compile_with_their_lines(path: Path) -> None:
    source = path.read_text("utf-8")
    chunk = read_chunk(source, frozenset({"pairs", "write", "insert", "get_mode"}))
    assert chunk.code.count("\n") == source.count("\n")
    assert check(chunk.code) is None
