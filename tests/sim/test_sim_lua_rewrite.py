"""Integers of the camera's Lua, and what the rewriting must leave alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sim_scripts import Runner, simulated

from chdkshell.lua.numbers import to_integer
from chdkshell.sim.lua.rewrite import rewrite

INT_MAX, INT_MIN = 2147483647, -2147483648


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with simulated(tmp_path_factory.mktemp("card")) as runner:
        yield runner


def int32(value: int) -> int:
    return (value & 0xFFFFFFFF) - ((value & 0x80000000) << 1)


def model(operator: str, a: int, b: int) -> int:
    """C's arithmetic on 32-bit integers, with the newer cameras' division by zero."""
    match operator:
        case "+":
            return int32(a + b)
        case "-":
            return int32(a - b)
        case "*":
            return int32(a * b)
        case "/":
            if b == 0:
                return 0 if a == 0 else INT_MAX if a > 0 else INT_MIN
            return int32(abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1))
        case "%":
            return 0 if b == 0 else abs(a) % abs(b) * (-1 if a < 0 else 1)
        case "^":
            return 0 if b < 0 else int32(pow(a, b, 1 << 32))
    raise AssertionError(operator)


integers = st.one_of(
    st.integers(INT_MIN, INT_MAX),
    st.integers(-100, 100),
    st.sampled_from([0, 1, -1, INT_MAX, INT_MIN, 65535, 65536, -65536]),
)
operations = st.lists(
    st.tuples(st.sampled_from("+-*/%^"), integers, integers), min_size=20, max_size=40
)


def literal(value: int) -> str:
    return f"(-{INT_MAX}-1)" if value == INT_MIN else f"({value})"


@given(operations)
def test_arithmetic_is_that_of_c(camera: Runner, calculations: list[tuple[str, int, int]]) -> None:
    variables = "".join(
        f"do local a,b={literal(a)},{literal(b)} r[#r+1]=a{op}b end " for op, a, b in calculations
    )
    literals = "".join(f"r[#r+1]={literal(a)}{op}{literal(b)} " for op, a, b in calculations)
    code = f"local r={{}} {variables} {literals} return table.concat(r,' ')"
    expected = [model(op, a, b) for op, a, b in calculations] * 2
    assert camera.value(code) == " ".join(map(str, expected))


class Tree:
    """An expression over small numbers, as Lua writes it and with its value."""

    def __init__(self, text: str, value: int, priority: int) -> None:
        self.text, self.value, self.priority = text, value, priority


PRIORITY = {"+": (6, 6), "-": (6, 6), "*": (7, 7), "/": (7, 7), "%": (7, 7), "^": (10, 9)}


def binary(operator: str, left: Tree, right: Tree) -> Tree:
    """Join two trees, with parentheses only where Lua's priorities need them."""
    above, below = PRIORITY[operator]
    a = left.text if left.priority > below or left.priority >= above > below else f"({left.text})"
    if left.priority == above == below:
        a = left.text
    if operator == "^" and left.priority <= 10:
        a = f"({left.text})"
    b = right.text if right.priority > below else f"({right.text})"
    return Tree(f"{a} {operator} {b}", model(operator, left.value, right.value), above)


def negated(tree: Tree) -> Tree:
    text = tree.text if tree.priority >= 8 else f"({tree.text})"
    return Tree(f"- {text}", int32(-tree.value), 8)


leaves = st.integers(0, 50).map(lambda n: Tree(str(n), n, 99)) | st.sampled_from(
    [Tree("x", 7, 99), Tree("t.y", -3, 99), Tree("f()", 11, 99), Tree("(f())", 11, 99)]
)
trees = st.recursive(
    leaves,
    lambda inner: (
        st.builds(binary, st.sampled_from("+-*/%^"), inner, inner) | st.builds(negated, inner)
    ),
    max_leaves=12,
)


@given(trees)
def test_precedence_and_associativity_stay(camera: Runner, tree: Tree) -> None:
    code = f"local x,t=7,{{y=-3}} function f() return 11,12 end return {tree.text}, 'end'"
    assert camera.values(code) == [tree.value, "end"], tree.text


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return [[a-b]]..'c+d'..\"e*f\"..[==[\n]]g/h]==]", ["a-bc+de*f]]g/h"]),
        ("-- a+b\nreturn 1 --[[ -\n- ]] + --[==[ ]] ]==] 2", [3]),
        ("local function f(...) return select('#',...) end return f(1+1, (2+2)), f()", [2, 0]),
        ("return ('x'):rep(1+2)", ["xxx"]),
        ("local s='a' return s:rep(2):len()+1", [3]),
        (
            "local t={b={}} t.b['c']={d=function(self,u) return u[1]-1 end} return t.b['c']:d{5}",
            [4],
        ),
        ("local f=function(s) return s..1 end return f'x', f[[y]], f\"z\"", ["x1", "y1", "z1"]),
        ("local a;;return 1", "error"),
        ("local a; a=1; return a-1;", [0]),
        ("local i=0 repeat local j=i+1 i=j until j>=3 return i", [3]),
        ("local s=0 for i=10,1,-3 do s=s+i end return s", [22]),
        ("local s=0 for i,v in ipairs{1,2,3} do s=s+i*v end return s", [14]),
        ("local function f(...) local a,b=... return (...)+b end return f(1,2)", [3]),
        ("return ... == nil, select('#',...)+0", [True, 0]),
        ("local endx,notx,orx=1,2,3 return endx-notx-orx", [-4]),
        ("local t={1-1,[1+1]=2-1,a=3-1;4-1} return t[1],t[2],t.a", [0, 3, 2]),
        ("return 2^3^2, -2^2, 2^-1, not (1-1)", [512, -4, 0, False]),
        ("return 1 .. 2+3 .. '', 1+2 == 3, 1-1 and 2-2", ["15", True, 0]),
        ("return #'abc'-1, -#'abc', - -3", [2, -3, 3]),
        (
            "local a={n=1} function a.f(x) return x-1 end function a:g() return self.n-1 end "
            "return a.f(2),a:g()",
            [1, 0],
        ),
        ("if 1-1==0 then return 'a' elseif 2-1 then return 'b' else return 'c' end", ["a"]),
        ("while true do do break end end local x=1 while x<5 do x=x*2 end return x", [8]),
        (
            "return 0xFFFFFFFF, 0x10, 0x7fffffff, 99999999999, -99999999999, 0x80000000",
            [-1, 16, INT_MAX, INT_MAX, -INT_MAX, INT_MIN],
        ),
        (
            "return - 0, tostring(-0), 0*-5 .. '', -7%7 .. '', tostring(-1/2)",
            [0, "0", "0", "0", "0"],
        ),
        ("return '10'+1, '0x10'*2, ' 7 '-1, '-3'/2, -'5'", [11, 32, 6, -1, -5]),
        ("arg=5 return arg", [5]),
        ("local _i32_add=4 return _i32_add+1", [5]),
        ("return setfenv(loadstring('return x+1'),{x=4})()", [5]),
        (
            "local function f(n) if n==0 then return 'deep' end return f(n-1) end return f(30000)",
            ["deep"],
        ),
        ("a,b=1+1,2+2 return a,b", [2, 4]),
        ("local t={} t.x,t[1+1]=1,2 return t.x,t[2]", [1, 2]),
        ("local s='' for k in pairs{a=1} do s=s..k end return s", ["a"]),
        ("return (function(a,b) return a*b end)(3,4)+0", [12]),
        ("\r\nlocal x=1\r\nreturn x+1", [2]),
    ],
)
def test_syntax(camera: Runner, code: str, expected: object) -> None:
    if expected == "error":
        assert "unexpected symbol near ';'" in camera.error(code)
    else:
        assert camera.values(code) == expected


def test_metamethods_of_a_script_are_called(camera: Runner) -> None:
    code = """
    local V={} V.__index=V
    local function new(x) return setmetatable({x=x},V) end
    V.__add=function(a,b) return new(a.x+(type(b)=='number' and b or b.x)) end
    V.__unm=function(a) return new(-a.x) end
    V.__div=function(a,b) return 'div' end V.__mod=function() return 'mod' end
    V.__pow=function() return 'pow' end V.__mul=function() return 'mul' end
    V.__sub=function(a) return type(a) end
    local v=new(5)
    return (v+new(2)).x, (v+1).x, (-v).x, v/1, 1%v, v^v, '2'*v, 1-v
    """
    assert camera.values(code) == [7, 6, -5, "div", "mod", "pow", "mul", "number"]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("local a return a+1", ":1: attempt to perform arithmetic on local 'a' (a nil value)"),
        ("return 1+x", ":1: attempt to perform arithmetic on global 'x' (a nil value)"),
        (
            "if false then local x else return 1+x end",
            ":1: attempt to perform arithmetic on global 'x' (a nil value)",
        ),
        ("local t={} return t.y*2", ":1: attempt to perform arithmetic on field 'y' (a nil value)"),
        (
            "local t={} return t['y']/2",
            ":1: attempt to perform arithmetic on field 'y' (a nil value)",
        ),
        (
            "local t={} return t[1]/2",
            ":1: attempt to perform arithmetic on field '?' (a nil value)",
        ),
        (
            "local u local function f() return -u end f()",
            ":1: attempt to perform arithmetic on upvalue 'u' (a nil value)",
        ),
        ("return {}+1", ":1: attempt to perform arithmetic on a table value"),
        ("return 'a'+1", ":1: attempt to perform arithmetic on a string value"),
        (
            "local s='1.5' return s+1",
            ":1: attempt to perform arithmetic on local 's' (a string value)",
        ),
        ("return print()+1", ":1: attempt to perform arithmetic on a nil value"),
        (
            "local a,b=1 return a+\nb",
            ":2: attempt to perform arithmetic on local 'b' (a nil value)",
        ),
        (
            "\n\nlocal a,b=1\nlocal c=a*b",
            ":4: attempt to perform arithmetic on local 'b' (a nil value)",
        ),
        ("local a={} return a<1", ":1: attempt to compare table with number"),
        ("local a return a.b.c", ":1: attempt to index local 'a' (a nil value)"),
        ("return #nil", ":1: attempt to get length of a nil value"),
        ("local t={} return t..''", ":1: attempt to concatenate local 't' (a table value)"),
    ],
)
def test_error_texts_of_operators(camera: Runner, code: str, text: str) -> None:
    assert camera.error(code) == text


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("return 1.5", ":1: malformed number near '1.5'"),
        ("x=1\nreturn 1e3", ":2: malformed number near '1e3'"),
        ("return 0x", ":1: malformed number near '0x'"),
        ("return 3x", ":1: malformed number near '3x'"),
        ("return .5", ":1: malformed number near '.5'"),
        ("foo bar 1.5", ":1: '=' expected near 'bar'"),
        ("x=1.5 foo bar", ":1: malformed number near '1.5'"),
        ("x='1.5' y=[[1.5]] --1.5\nreturn 2.5", ":2: malformed number near '2.5'"),
        ("x='unfinished", ":1: unfinished string near '<eof>'"),
        ("return " + "(" * 300 + "1" + ")" * 300, ":1: chunk has too many syntax levels"),
        ("for", ":1: '<name>' expected near '<eof>'"),
        ("if x then", ":1: 'end' expected near '<eof>'"),
    ],
)
def test_syntax_errors(camera: Runner, code: str, text: str) -> None:
    assert camera.error(code) == text


def test_deep_nesting_that_lua_allows(camera: Runner) -> None:
    depth = 150
    assert camera.value("return " + "(" * depth + "1" + ")" * depth) == 1
    blocks = 60
    code = "local x=0 " + "if x==0 then " * blocks + "x=x+1 " + "end " * blocks + "return x"
    assert camera.value(code) == 1
    assert camera.value("return " + "+".join(["x"] * 60).replace("x", "tonumber('2')")) == 120


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", 10), (" 10 ", 10), ("-5", -5), ("+5", 5), ("0x1F", 31), ("-0x10", -16),
        ("0xffffffff", -1), ("0x1ffffffff", -1), ("2147483648", INT_MAX),
        ("-99999999999", INT_MIN), ("1.5", None), ("1e3", None), ("", None), ("z", None),
        ("0x", None), ("1 2", None), ("--1", None), ("7\0z", 7),
    ],
)  # fmt: skip
def test_numbers_in_strings(camera: Runner, text: str, value: int | None) -> None:
    assert to_integer(text) == value
    assert camera.value(f"return tonumber('{text.replace(chr(0), chr(92) + '0')}')") == value


def test_nothing_moves_to_another_line() -> None:
    source = "local a = 1 +\n  b -- c\nreturn f(a\n*2,\n-x)"
    rewritten = rewrite(source).text
    assert rewritten.count("\n") == source.count("\n")
    assert rewritten.split("\n")[1].lstrip().startswith("b")
