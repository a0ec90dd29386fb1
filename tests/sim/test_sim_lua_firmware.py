# ruff: noqa: E501 - tables of Lua code
"""What the firmware's own Lua, built from its source, returned for these scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.sim_scripts import Runner, simulated


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with simulated(tmp_path_factory.mktemp("card")) as runner:
        yield runner


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return-1+5", [4]),
        ("return-1-5,- -1", [-6, 1]),
        ("local a=3 return-a,-a*2", [-3, -6]),
        ("local a=3 return(a)+1", [4]),
        ("local t={1,2} return#t+1", [3]),
        ("return'5'+1,[[2]]*3", [6, 6]),
        ("local a=3 if(a)+1>3 then return(a)*2 end", [6]),
        ("local a=3 return nil or(a)+1,5 and-a,not(a)", [4, -3, False]),
        ("if-1+2==1 then return'y'end", ["y"]),
        ("for i=1,(2)+1 do local b=i while(b)+1>9 do end end return(2)^(3)", [8]),
        ("return [[a[[b]], #[=[x[[y]=]", ["a[[b", 4]),
        ("--[[ t[x[[1]] local y=2 return y", [2]),
        ("return tonumber('x')", [None]),
        ("return tonumber(nil)", [None]),
        ("return tonumber({})", [None]),
        ("return tonumber({},10),1", [None, 1]),
        ("return os.time({year=2020,month=14,day=1,hour=0})", [1612137600]),
        ("return os.time({year=2020,month=0,day=0,hour=0})", [1575072000]),
        ("return os.time({year=2020,month=-5,day=-5,hour=-5})", [1561402800]),
        ("return os.time({year=2020,month=2,day=31,hour=25,min=61,sec=61})", [1583200921]),
        ("local it,s=os.idir('A') return it(s,false),it(s)", [None]),
        ("return load(function() return {} end)", [None, ":1: reader function must return a string"]),
        ("io.open('A/W','w'):close() return io.open('A/W','w'):read()", [None]),
        ("return select('#',pcall(error))", [2]),
        ("return pcall(error,'x')", [False, "x"]),
        ("return pcall(function() error('x',2) end)", [False, "x"]),
        ("return package.config", ["/\n;\n?\n!\n-"]),
        ("return loadstring('return '..('9'):rep(5000))(),os.difftime('-'..('9'):rep(5000))", [2147483647, -2147483648]),
        ("return ('%d'):format(('9'):rep(20)),('%5d'):format('-99999999999'),('%x'):format('99999999999')",
         ["2147483647", "-2147483648", "7fffffff"]),
        ("return ('%s %%%d %5.1s|%x%%'):format('0x1','0x10','abc','-1')", ["0x1 %16     a|ffffffff%"]),
        ("return ('%%d%s%%x%d'):format('7','8')", ["%d7%x8"]),
        ("return os.stat('A\\0x').is_dir,os.remove('A/none\\0x')", [True, None, "A/none: errno 0x2", 0]),
        ("return imath.muldiv(7,3,2),imath.muldiv(-7,3,2),imath.mul(-1500,1001),imath.div(1000,180000)",
         [10, -10, -1501, 5]),
        ("return imath.muldiv(-1,2147483647,1),imath.mul(3142,-2147483648),imath.pow(123456,123456)",
         [-2147352576, -2147352576, 16383000]),
        ("return imath.int(16384000),imath.mul(16383999,123456)", [16383000, 2022702980]),
    ],
)  # fmt: skip
def test_values(camera: Runner, code: str, expected: list[object]) -> None:
    assert camera.values(code) == expected


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("return math.abs()", ":1: bad argument #1 to 'abs' (number expected, got no value)"),
        ("return math.abs(nil)", ":1: bad argument #1 to 'abs' (number expected, got nil)"),
        ("return math.pow(2)", ":1: bad argument #2 to 'pow' (number expected, got no value)"),
        ("return math.random(5,1)", ":1: bad argument #2 to 'random' (interval is empty)"),
        ("return math.random()", ":1: wrong number of arguments"),
        ("return fmath.sin('x')", ":1: bad argument #1 to 'sin' (number expected, got string)"),
        ("return xpcall(print)", ":1: bad argument #2 to 'xpcall' (value expected)"),
        ("return string.format()", ":1: bad argument #1 to 'format' (string expected, got no value)"),
        ("return ('%d'):format('1.5')", ":1: bad argument #1 to 'format' (number expected, got string)"),
        ("return string.format('%d%%%d',1,'x')", ":1: bad argument #3 to 'format' (number expected, got string)"),
        ("return string.gfind('a','b')", ":1: 'string.gfind' was renamed to 'string.gmatch'"),
        ("collectgarbage('bogus')", ":1: bad argument #1 to 'collectgarbage' (invalid option 'bogus')"),
        ("return getfenv({})", ":1: bad argument #1 to 'getfenv' (number expected, got table)"),
        ("return setfenv(1)", ":1: bad argument #2 to 'setfenv' (table expected, got no value)"),
        ("return setfenv(1,nil)", ":1: bad argument #2 to 'setfenv' (table expected, got nil)"),
        ("return io.lines({})", ":1: bad argument #1 to 'lines' (string expected, got table)"),
        ("local it=io.open('A/L','w+'):lines() it.x=1", ":1: attempt to index local 'it' (a function value)"),
        ("local f=io.open('A/L','w+') local it=f:lines() f:close() local l=it()", ":1: file is already closed"),
        ("local f=io.open('A/L','w') f:close() f:lines()", ":1: attempt to use a closed file"),
        ("return io.lines()", ":1: attempt to use a closed file"),
        ("return io.close()", ":1: attempt to use a closed file"),
        ("return os.idir()", ":1: bad argument #1 to 'idir' (string expected, got no value)"),
        ("local it,s=os.idir('A') local n=it(5)", ":1: bad argument #1 to 'it' (chdk_idir_meta expected, got number)"),
        ("local it,s=os.idir('A') local n=it()", ":1: bad argument #1 to 'it' (chdk_idir_meta expected, got no value)"),
        ("local x=1\nlocal function f(n)\n return 1+f(n+1)\nend f(1)", ":3: stack overflow"),
        ("return 0x1.8", ":1: malformed number near '.8'"),
        ("x.1 = 5", ":1: malformed number near '.1'"),
        ("return a.5", ":1: malformed number near '.5'"),
    ],
)  # fmt: skip
def test_errors(camera: Runner, code: str, text: str) -> None:
    assert camera.error(code) == text


def test_a_number_as_the_name_of_a_file(camera: Runner) -> None:
    assert camera.error("io.input(5)") == ":1: bad argument #1 to 'input' (5: errno 0x2)"


def test_a_stack_overflow_that_is_caught_names_no_line_of_the_firmware(camera: Runner) -> None:
    code = "local function f(n) return 1+f(n+1) end return pcall(f,1)"
    ok, message = camera.values(code)
    assert not ok
    assert str(message).endswith("stack overflow")
    assert "[C]" not in str(message)
