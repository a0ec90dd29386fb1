"""Lua that is checked before it is sent."""

from __future__ import annotations

import pytest

from chdkshell.lua.check import check, chunk_goes_on, is_unfinished
from chdkshell.shell.advice import next_step
from chdkshell.shell.luacheck import LuaSyntaxError, require_sound, without_equals


@pytest.mark.parametrize(
    ("code", "line", "column", "message"),
    [
        ("x = = 2", 1, 5, "unexpected symbol near '='"),
        ("a b", 1, 3, "'=' expected near 'b'"),
        ("x = 1\nreturn 1.5", 2, 8, "malformed number near '1.5'"),
        ("print('a'))", 1, 11, "unexpected symbol near ')'"),
        ("for i=1,2 do\n  y = 'abc\nend", 2, 7, "unfinished string near ''abc'"),
        ("x = x + x = x", 1, 11, "unexpected symbol near '='"),
        ("@", 1, 1, "unexpected symbol near '@'"),
        ("x = 1\r\n\r  @", 3, 3, "unexpected symbol near '@'"),
    ],
)
def test_the_place_is_exact(code: str, line: int, column: int, message: str) -> None:
    problem = check(code)
    assert problem is not None
    assert (problem.line, problem.column) == (line, column)
    assert problem.message.startswith(message[:12])
    assert not problem.unfinished


def test_what_is_sound_passes() -> None:
    for code in ("", "return 0x7fffffff", "x = {1,2;a=3}", "-- 1.5"):
        assert check(code) is None
        require_sound(code)


@pytest.mark.parametrize(
    "code", ["if x then", "x = {1,", "f(", "--[[ a", "x = [[a", "x = [[a[[", "--[[ a[[b", "x ="]
)
def test_what_lacks_its_end_is_unfinished(code: str) -> None:
    assert is_unfinished(code)


def test_a_chunk_may_be_an_expression() -> None:
    assert is_unfinished("x")
    assert not chunk_goes_on("x")
    assert chunk_goes_on("x +")
    assert without_equals(" =x == y") == "x == y"


def test_the_error_shows_the_line() -> None:
    with pytest.raises(LuaSyntaxError) as raised:
        require_sound("x = 1\n\ty = 1.5\x1b")
    assert raised.value.excerpt == "   y = 1.5\\x1b\n       ^"
    assert "whole numbers" in next_step(raised.value)
    assert raised.value.line == 2
    with pytest.raises(LuaSyntaxError) as raised:
        require_sound("x = 1\r\ny = = 2\r\nz = 3")
    assert raised.value.excerpt == "  y = = 2\n      ^"
