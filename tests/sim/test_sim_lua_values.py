# ruff: noqa: E501 - tables of Lua code
"""Numbers, names, chunks and files in the libraries of the camera's Lua: as the firmware has them."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sim_scripts import Runner, simulated


@pytest.fixture
def camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    monkeypatch.setitem(os.environ, "TZ", "UTC")
    time.tzset()
    with simulated(tmp_path) as runner:
        yield runner


NO_NUMBER = "number expected, got string"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("return ('x'):rep('1e1')", f":1: bad argument #1 to 'rep' ({NO_NUMBER})"),
        ("return string.byte('a','5.')", f":1: bad argument #2 to 'byte' ({NO_NUMBER})"),
        ("local find=string.find return find('abc','b','inf')", f":1: bad argument #3 to 'find' ({NO_NUMBER})"),
        ("return ('abc'):sub('0x')", f":1: bad argument #1 to 'sub' ({NO_NUMBER})"),
        ("return string.char('1.0')", f":1: bad argument #1 to 'char' ({NO_NUMBER})"),
        ("return ('a'):gsub('a','b','1e0')", f":1: bad argument #3 to 'gsub' ({NO_NUMBER})"),
        ("return table.concat({1},'','1.')", f":1: bad argument #3 to 'concat' ({NO_NUMBER})"),
        ("table.insert({},'1e0',5)", f":1: bad argument #2 to 'insert' ({NO_NUMBER})"),
        ("return table.remove({1},' ')", f":1: bad argument #2 to 'remove' ({NO_NUMBER})"),
        ("return unpack({1},'nan')", f":1: bad argument #2 to 'unpack' ({NO_NUMBER})"),
        ("return select('1e0')", f":1: bad argument #1 to 'select' ({NO_NUMBER})"),
        ("return math.max(1,'2.5')", f":1: bad argument #2 to 'max' ({NO_NUMBER})"),
        ("return collectgarbage('step','1e0')", f":1: bad argument #2 to 'collectgarbage' ({NO_NUMBER})"),
        ("return imath.sinr('1.5')", f":1: bad argument #1 to 'sinr' ({NO_NUMBER})"),
        ("return imath.mul(1)", ":1: bad argument #2 to 'mul' (number expected, got no value)"),
        ("return imath.muldiv(1,2,0)", ":1: divide by 0"),
        ("return fmath.new(1):sin()+{}", ":1: bad argument #2 to '?' (number expected, got table)"),
        ("return fmath.rec(nil)", ":1: bad argument #1 to 'rec' (number expected, got nil)"),
        ("return os.difftime('x')", f":1: bad argument #1 to 'difftime' ({NO_NUMBER})"),
    ],
)  # fmt: skip
def test_arguments_that_are_no_numbers(camera: Runner, code: str, text: str) -> None:
    assert camera.error(code) == text


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("return math.max('99999999999',1),math.min('-0x10',0)", [2147483647, -16]),
        ("return select('#',select('2147483648')),select('2',1,5)", [0, 5]),
        ("return ('abc'):sub('2','0x3'),('x'):rep(' 2 '),('abc'):find('c','-1'),string.char('65')", ["bc", "xx", 3, "A"]),
        ("return tonumber('ff',16),tonumber('-ff',16),tonumber('99999999999',10),tonumber('zzzzzzzz',36)", [255, -255, 2147483647, -1]),
        ("return loadstring('\\27Lua')", [None, "binary string: unexpected end in precompiled chunk"]),
        ("return loadstring('\\27LuaQ\\0\\1\\8\\4\\4\\4\\4\\1','=n')", [None, "n: bad header in precompiled chunk"]),
        ("return loadstring('=x y')", [None, "x y:1: unexpected symbol near '='"]),
        ("return loadstring('return [[a[[b')", [None, ":1: unfinished long string near '<eof>'"]),
        ("local f=loadstring(string.dump(function(a,b) for i=a,b do a=a*2 end return a end)) return f(3,5)", [24]),
        ("local u=1 local s=string.dump(function() return u end) return s:sub(1,4),s:byte(5,12)", ["\x1bLua", 81, 0, 1, 4, 4, 4, 4, 1]),
        ("local u=1 return loadstring(string.dump(function() return u,function() return 2^3 end end))()", [None, "unsupported:function"]),
        ("local s=string.dump(function() end) return loadstring(s:sub(1,-2))", [None, "binary string: unexpected end in precompiled chunk"]),
        ("local s=string.dump(function() return 1 end) return loadstring(s:sub(1,-2)..'\\1')", [None, "binary string: bad code in precompiled chunk"]),
        ("return pcall(string.dump,print)", [False, "unable to dump given function"]),
        ("return loadfile()", [None, "cannot fopen (null)"]),
        ("return pcall(dofile)", [False, "cannot fopen (null)"]),
        ("return collectgarbage('setpause',50),collectgarbage('setpause',60),collectgarbage('setstepmul',5),collectgarbage('setstepmul')", [200, 50, 200, 5]),
        ("return os.date('%',0),os.date('%%',0),os.date('a%',0),os.date('%H\\0x',0)", ["%", "%", "a%", "00"]),
        ("return fmath.sin(fmath.new(413,1000)):tostr(9),imath.asind(999),imath.tanr(1571),imath.tand(90000)", ["0.401368008", 87429, -5698696, -16383000]),
        ("return imath.sind(30000),imath.cosr(1000),imath.polr(3000,4000)", [500, 540, 5000, 927]),
        ("return imath.sqrt(2000),imath.log2(8000),imath.pow(2000,10000),imath.deg(1000)", [1414, 3000, 1024000, 57296]),
    ],
)  # fmt: skip
def test_values(camera: Runner, code: str, values: list[object]) -> None:
    assert camera.values(code) == values


def test_a_script_that_begins_with_an_equals_sign_is_named_by_it(camera: Runner) -> None:
    assert camera.error("=hello") == "hello:1: unexpected symbol near '='"


def test_names_of_values_have_addresses_of_32_bits(camera: Runner) -> None:
    names = camera.values("return tostring({}),tostring(print),tostring(newproxy())")
    for name, kind in zip(names, ("table", "function", "userdata"), strict=True):
        assert re.fullmatch(kind + ": 0x[0-9a-f]{8}", str(name))
    assert camera.value("local t={} return tostring(t)==tostring(t)") is True


def test_print_cuts_at_a_zero(camera: Runner) -> None:
    camera.values("print('a\\0b',1,'c\\0') print(('x'):rep(200))")
    assert list(camera.state.console) == ["a 1 c", "x" * 127]


def written(content: str) -> str:
    return f"local f=io.open('A/X','w') f:write({content}) f:close() f=io.open('A/X') "


@pytest.mark.parametrize(
    ("code", "values"),
    [
        (written("'a\\0b\\nc\\n\\0\\nxyz'") + "return f:read(),f:read(),f:read()", ["ac", "xyz", None]),
        (written("('y'):rep(511)..'\\n\\nq'") + "local a,b,c=f:read('*l','*l','*l') return #a,b,c", [511, "", "q"]),
        (written("'a\\0b'") + "return f:read('*a'),f:read(0),f:read('*a')", ["a\0b", None, ""]),
        (written("'ab'") + "return f:read(2),f:read(0),f:read(1),f:read(0)", ["ab", "", None, None]),
        ("local f=io.open('A/X','w') f:write('ab') return f:read(),f:read(1),f:read(0),f:read('*a')", [None, None, "", ""]),
        ("local f=io.open('A/X','w') f:write('ab') for l in f:lines() do return l end return 'none'", ["none"]),
        ("local f=io.open('A/X','w') return type(f.__gc),f:__gc(),io.type(f)", ["function", None, "closed file"]),
        ("local f=io.open('A/X','w') getmetatable(f).__gc(f) return pcall(f.write,f,'x')", [False, "attempt to use a closed file"]),
        ("local f=io.open('A/X','w') f:close() return pcall(f.__gc,f)", [True]),
        (written("'x'") + "return f:write('y')", [None, "errno 0x9", 0]),
        (written("'x'") + "return f:seek('set',-1)", [None, "errno 0x16", 0]),
        ("return io.open('A/X','q')", [None, "A/X: errno 0x16", 0]),
        ("return io.open('A/NONE')", [None, "A/NONE: errno 0x2", 0]),
        (written("'12 -5 0x10'") + "return f:read('*n','*n','*n','*n')", [12, -5, 0, None]),
    ],
)  # fmt: skip
def test_files(camera: Runner, code: str, values: list[object]) -> None:
    assert camera.values(code) == values
