# ruff: noqa: E501 - tables of Lua code
"""Numeric loops count in 32 bits, and take numbers as the firmware reads them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.sim_scripts import Runner, simulated

INT_MAX, INT_MIN = 2147483647, -2147483648


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with simulated(tmp_path_factory.mktemp("card")) as runner:
        yield runner


def passes(start: int, limit: int, step: int, most: int = 50) -> list[int]:
    """Return the numbers of a loop of 32-bit integers, `most` of them at the most."""
    numbers: list[int] = []
    number = start
    while (number <= limit if step > 0 else limit <= number) and len(numbers) < most:
        numbers.append(number)
        number = (number + step + 0x80000000) % 0x100000000 - 0x80000000
    return numbers


@pytest.mark.parametrize(
    ("start", "limit", "step"),
    [
        (1, 2000000000, 1500000000), (-2000000000, -2100000000, -1000000000), (1, 10, 3),
        (INT_MAX - 2, INT_MAX, 1), (INT_MIN + 2, INT_MIN + 1, -1), (10, 1, -3), (1, 0, 1),
        (0, 1, 0), (1, 0, 0), (INT_MAX, INT_MAX, INT_MAX), (-5, INT_MAX, 2000000000), (3, 3, -1),
        (0, INT_MAX - 1, 1 << 30), (7, INT_MIN + 7, -(1 << 30)),
    ],
)  # fmt: skip
def test_a_loop_goes_on_at_the_other_end(camera: Runner, start: int, limit: int, step: int) -> None:
    body = "r[#r+1]=i if #r==50 then break end"
    head = "local function int(n) return n=='min' and -2147483647-1 or n end "
    literal = [str(value) if value != INT_MIN else "int('min')" for value in (start, limit, step)]
    numbers = f"local a,b,c={','.join(literal)}"
    loops = [f"for i=a,b,c do {body} end", f"for i={','.join(literal)} do {body} end"]
    wanted = " ".join(map(str, passes(start, limit, step)))
    for loop in loops:
        assert camera.value(f"{head}{numbers} local r={{}} {loop} return table.concat(r,' ')") == (
            wanted
        )


def test_the_passes_that_a_camera_makes(camera: Runner) -> None:
    code = "local n=0 for i={} do n=n+1 end return n"
    assert camera.value(code.format("1,2000000000,1500000000")) == 10
    assert camera.value(code.format("-2000000000,-2100000000,-1000000000")) == 13
    assert camera.value(code.format("1,'0xFFFFFFFF'")) == 0
    assert camera.value(code.format("-3,'0xFFFFFFFF'")) == 3
    assert camera.value(code.format("'1',' 0x3 ','1'")) == 3


@pytest.mark.parametrize(
    ("head", "what"),
    [
        ("1,'1.5'", "limit"), ("1,'1e1'", "limit"), ("'x',1", "initial value"), ("{},{}", "initial value"),
        ("1,2,nil", "step"), ("1,nil,nil", "limit"), ("nil,1", "initial value"),
    ],
)  # fmt: skip
def test_what_is_no_number(camera: Runner, head: str, what: str) -> None:
    assert camera.error(f"for i={head} do end") == f":1: 'for' {what} must be a number"
    assert camera.error(f"local x\nfor i=\n{head}\ndo end") == f":4: 'for' {what} must be a number"


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("for i=1,9 do for j=i,9 do if j==i+2 then break end n=n+1 end if i==4 then break end end", 8),
        ("for i=n,5 do while true do n=n+1 break end repeat break until nil end", 6),
        ("for i=n,3 do for _ in pairs{1,2} do n=n+i break end end", 6),
        ("local i=2 for i=i,i+1 do n=n+i i=9 end n=n+i", 7),
        ("local f={} for i=n+1,3 do f[i]=function() i=i+1 return i end end n=f[1]()+f[1]()+f[3]()", 9),
        ("local function f(...) for i=1,select('#',...) do if i==2 then return i end end end n=f(7,8)", 2),
        ("local function many() return 1,2,3 end for i=1,5,many() do n=n+1 end", 5),
    ],
)  # fmt: skip
def test_what_stands_in_a_loop(camera: Runner, code: str, value: int) -> None:
    assert camera.value(f"n=0 {code} return n") == value
