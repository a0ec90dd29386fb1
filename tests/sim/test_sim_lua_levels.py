# ruff: noqa: E501 - tables of Lua code
"""Where errors happened, how deep calls go, and what debug shows: as the firmware's own Lua has it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.sim_scripts import Runner, simulated


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with simulated(tmp_path_factory.mktemp("card")) as runner:
        yield runner


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("return pcall(nil,1)", [False, "attempt to call a nil value"]),
        ("return pcall('text',1)", [False, "attempt to call a string value"]),
        ("local function a(n) error('m',n) end local function b(n) a(n) end return pcall(b,4)", [False, ":1: m"]),
        ("local function a(n) error('m',n) end\nlocal function b(n)\na(n) end\nreturn pcall(b,1)", [False, ":1: m"]),
        ("local function a(n) error('m',n) end\nlocal function b(n)\na(n) end\nreturn pcall(b,2)", [False, ":3: m"]),
        ("local function a(n) error('m',n) end\nlocal function b(n)\na(n) end\nreturn pcall(b,3)", [False, "m"]),
        ("local function a(n) error('m',n) end\nlocal function b(n)\na(n) end\nreturn pcall(b,5)", [False, "m"]),
        ("return pcall(loadstring('error(\"m\",2)'))", [False, "m"]),
        ("return pcall(loadstring('error(\"m\",3)','=n'))", [False, ":1: m"]),
        ("return pcall(string.rep)", [False, "bad argument #1 to '?' (string expected, got no value)"]),
        ("return pcall(function() return ('x'):rep({}) end)", [False, ":1: bad argument #1 to 'rep' (number expected, got table)"]),
        ("local s=string return pcall(function() return s.rep('x',{}) end)", [False, ":1: bad argument #2 to 'rep' (number expected, got table)"]),
        ("local r=string.rep return pcall(function() local x=r('x') end)", [False, ":1: bad argument #2 to 'r' (number expected, got no value)"]),
        ("local function f() return 1+f() end return pcall(f)", [False, ":1: stack overflow"]),
        ("local function f()\nlocal x=f() return x end return pcall(f)", [False, ":2: stack overflow"]),
        ("local n=0 local function f() n=n+1 return pcall(f) end f() return n", [199]),
        ("local function f(n) if n==0 then return 'deep' end return select(2,pcall(f,n-1)) end return f(198),f(199)", ["deep", "C stack overflow"]),
        ("return xpcall(function() error('a') end,function(m) return m..debug.getinfo(2,'n').name end)", [False, ":1: aerror"]),
        ("return (function(...) return arg end)(1,2),(function(...) return type(arg) end)()", [None, "nil"]),
        ("arg=7 local function f(...) arg=arg+1 return arg end return f(),arg,(function(...) return function() return arg end end)()()", [8, 8, 8]),
        ("local function f(...) local arg={...} return #arg end return f(1,2)", [2]),
    ],
)  # fmt: skip
def test_errors_and_calls(camera: Runner, code: str, values: list[object]) -> None:
    assert camera.values(code) == values


@pytest.mark.parametrize("depth", [50, 150, 190, 195])
@pytest.mark.parametrize(
    ("head", "opened", "middle", "closed", "tail"),
    [
        ("return ", "(", "1", ")", ""),
        ("local a=1 return ", "(", "a", "+1)", "-n"),
        ("local a=1 return ", "- - ", "a", "", ""),
        ("local a=1 return ", "a^", "a", "", ""),
        ("local a=1 local function f(x) return x end return ", "f(", "a", ")", ""),
        ("local a=0 ", "do ", "a=a+1 ", "end ", "return a"),
        ("local a=0 ", "while 1 do ", "a=a+1 ", "break end ", "return a"),
        ("return #", "{", "1", "}", ""),
    ],
)
def test_how_deep_code_nests(
    camera: Runner, head: str, opened: str, middle: str, closed: str, tail: str, depth: int
) -> None:
    opened = opened * (depth // 2 if opened == "- - " else depth)
    assert camera.value(f"n={depth} {head}{opened}{middle}{closed * depth}{tail}") == 1


@pytest.mark.parametrize("count", [1, 99, 100, 101, 250, 3000])
def test_rows_of_operators_have_any_length(camera: Runner, count: int) -> None:
    assert camera.value("local a=3 return a" + "+a" * count) == 3 * (count + 1)
    assert (
        camera.value("local function two() return 2,3 end return 1" + "-two()" * count)
        == 1 - 2 * count
    )
    assert "local 'n' (a nil value)" in camera.error("local a,n=3 return a" + "+a" * count + "+n")


@pytest.mark.parametrize("count", [40, 49, 59, 60])
def test_functions_with_many_upvalues_count(camera: Runner, count: int) -> None:
    names = [f"u{number}" for number in range(count)]
    values = ",".join(map(str, range(count)))
    body = f"for i=u1,u2 do u3=u3*1+i-i end return {'+'.join(names)}"
    code = f"local {','.join(names)}={values} local function f() {body} end return f()"
    assert camera.value(code) == sum(range(count))


def test_a_function_with_all_its_locals_has_a_loop(camera: Runner) -> None:
    code = "".join(f"local v{number}={number} " for number in range(196))
    assert camera.value(code + "for i=v1,v2 do v3=v3+i end return v3") == 6


TRACE = "\nstack traceback:\n\t"


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("return debug.traceback('x')", ["x" + TRACE + ":1: in main chunk"]),
        ("local function f() return debug.traceback('x')..'' end\nreturn f()..''", ["x" + TRACE + ":1: in function 'f'\n\t:2: in main chunk"]),
        ("return xpcall(function() error('e') end,debug.traceback)", [False, ":1: e" + TRACE + "[C]: in function 'error'\n\t:1: in function <:1>\n\t[C]: in function 'xpcall'\n\t:1: in main chunk"]),
        ("return (('a'):gsub('a',function() return debug.traceback() end))", ["stack traceback:\n\t:1: in function <:1>\n\t[C]: in function 'gsub'\n\t:1: in main chunk"]),
        ("local m=setmetatable({},{__add=function() return debug.traceback() end}) return m+1", ["stack traceback:\n\t:1: in function <:1>\n\t:1: in main chunk"]),
        ("local i=debug.getinfo(1) return i.what,i.source:sub(1,7),i.currentline,i.linedefined,i.short_src,i.nups", ["main", "local i", 1, 0, "", 0]),
        ("local function f()\nlocal i=debug.getinfo(1,'nSlu') return i.what,i.currentline,i.linedefined,i.name,i.namewhat,i.nups end\nlocal a,b,c,d,e,g=f() return a,b,c,d,e,g", ["Lua", 2, 1, "f", "local", 0]),
        ("local i=debug.getinfo(pcall) return i.what,i.source,i.short_src,i.currentline,i.linedefined", ["C", "=[C]", "[C]", -1, -1]),
        ("return loadstring(\"return debug.getinfo(1,'S').source\",'@f.lua')(),loadstring(\"return debug.getinfo(1,'S').source\")()", ["@f.lua", "return debug.getinfo(1,'S').source"]),
        ("local a,b=1,2 for i=a,b do if i==2 then return debug.getlocal(1,1) end end", ["a", 1]),
        ("local a=1 local f=function() return a+1 end return debug.getupvalue(f,1),debug.getupvalue(f,2)", ["a"]),
        ("local o={} debug.sethook(function(e,l) o[#o+1]=e..l end,'l')\nlocal x=1\nx=x+1\ndebug.sethook() return table.concat(o,' ')", ["line2 line3 line4"]),
        ("local o={} local function f() return 1 end debug.sethook(function(e) o[#o+1]=e..tostring(debug.getinfo(2,'n').name) end,'c') f() math.abs(1) debug.sethook() return table.concat(o,' ')", ["callf callabs callsethook"]),
        ("return debug.gethook()", ["external hook", "", 100]),
        ("local function h() end debug.sethook(h,'cl',7) local a,b,c=debug.gethook() debug.sethook() return a==h,b,c,debug.gethook()", [True, "cl", 7, None, "", 0]),
        ("return type(debug.setfenv(newproxy(),{})),debug.setfenv(print,{})==print", ["userdata", True]),
        ("return pcall(setfenv,newproxy(),{})", [False, "bad argument #1 to '?' (number expected, got userdata)"]),
        ("local function f() setfenv(2,{y=5}) end f() return y", [5]),
    ],
)  # fmt: skip
def test_what_debug_shows(camera: Runner, code: str, values: list[object]) -> None:
    assert camera.values(code) == values
