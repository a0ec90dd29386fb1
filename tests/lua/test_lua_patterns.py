"""Lua patterns: the same matches as Lua's own library, and an end to those that would take ages."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lupa import lua51
from support.desk import Desk

from chdkshell.errors import UsageError
from chdkshell.lua.matcher import Search, TooCostlyError
from chdkshell.lua.patterns import PatternError, check_cost, check_pattern, finds, match, replace

LUA = lua51.LuaRuntime(encoding=None).globals()[b"string"]

PIECES = (
    *("a", "b", "x", "1", " ", ".", "%a", "%d", "%s", "%w", "%W", "%p", "%.", "%%", "%x", "%z"),
    *("[ab]", "[^ab]", "[a-c1-3]", "[%a_]", "[]a]", "[^]]", "[a-]", "[%]x]", "[%d-z]", "\\", "é"),
    *("*", "+", "-", "?", "*", "-", "(", ")", "()", "(a*)", "(.-)", "%1", "%2", "%b()", "%bab"),
    *("%f[%a]", "%f[^%w]", "^", "$", "]", "/"),
)
TEXTS = st.text("ab1x ().%-_/é\0[]^$", max_size=14)


def by_lua(function: bytes, *arguments: bytes | int) -> object:
    """What Lua itself gives, or its error."""
    try:
        return LUA[function](*arguments)
    except lua51.LuaError as error:
        return error


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), TEXTS, st.integers(-5, 8))
def test_the_same_as_lua(pattern: str, text: str, start: int) -> None:
    try:
        check_pattern(pattern)
    except PatternError:
        return  # Lua finds out only where a text leads it there
    head, body = pattern.encode(), text.encode()
    found = by_lua(b"find", body, head)
    assert not isinstance(found, lua51.LuaError)
    assert finds(text, pattern) == (found is not None)
    mine = Search(head, body).first()
    if mine is not None:
        assert isinstance(found, tuple)
        assert found[:2] == (mine.start + 1, mine.end)
    parts = by_lua(b"match", body, head, start)
    wanted = parts if isinstance(parts, tuple) else () if parts is None else (parts,)
    assert match(text, pattern, start) == tuple(
        p.decode("utf-8", "surrogateescape") if isinstance(p, bytes) else str(p) for p in wanted
    )
    for most in ((), (2,)):
        replaced = by_lua(b"gsub", body, head, b"<%0|%1>", *most)
        assert isinstance(replaced, tuple)
        made = replace(text, pattern, "<%0|%1>", *most)
        assert made.encode("utf-8", "surrogateescape") == replaced[0]


@pytest.mark.parametrize("letter", "acdlpsuwxzACDLPSUWXZ.eE-")
def test_classes_have_the_same_members(letter: str) -> None:
    pattern = b"." if letter == "." else b"%" + letter.encode()
    every = bytes(range(256))
    for at in range(256):
        mine = Search(pattern, every[at : at + 1]).first() is not None
        assert mine == (LUA[b"find"](every[at : at + 1], pattern) is not None), at


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", r"'\(' is not closed"),
        ("a)", r"'\)' without '\('"),
        ("[a", r"'\[' is not closed"),
        ("[]", r"'\[' is not closed"),
        ("[%", r"'\[' is not closed"),
        ("a%", "ends with '%'"),
        ("%b(", "'%b' needs two"),
        ("%fa", "'%f' needs a set"),
        ("%1", "'%1' is no capture"),
        ("(%1)", "'%1' is no capture"),
        ("%0", "'%0' is no capture"),
        ("()" * 33, "more than 32 captures"),
        ("\ud800", "stands for no bytes"),
        ("a" * 5000, "more than 4096"),
    ],
)
def test_malformed(pattern: str, reason: str) -> None:
    with pytest.raises(PatternError, match=reason):
        check_pattern(pattern)


@pytest.mark.parametrize("replacement", ["%", "a%", "%2", "%9"])
def test_malformed_replacements(replacement: str) -> None:
    with pytest.raises(PatternError):
        replace("aaa", "(a)", replacement)


COSTLY = (".*" * 12 + "x", ".-" * 12 + "x$", "(.*)(.*)(.*)(.*)(.*)(.*)%6z", "[^/]*" * 9 + "%d")


@pytest.mark.parametrize("pattern", COSTLY)
def test_a_search_ends(pattern: str) -> None:
    """In a bounded number of steps, where Lua would go on for a lifetime."""
    search = Search(pattern.encode(), b"a" * 200, 10_000)
    for attempt in (search.first, lambda: search.replaced(b"b")):
        with pytest.raises(TooCostlyError):
            attempt()
    with pytest.raises(PatternError, match="would take too long"):
        check_cost(pattern)


def test_that_is_told() -> None:
    with pytest.raises(PatternError, match="would take too long"):
        finds("a" * 200, COSTLY[0])


def test_honest_patterns_are_not_refused() -> None:
    for pattern in (
        "%a%a%a_%d%d%d%d%.%w%w%w",
        "^A/DCIM/%d+CANON/IMG_%d+%.JPG$",
        "%d+_%d+_%d+_%d+_%d+_%d+_%d+_%d+_%d+",
        "^(.-)([^/]-)%.?([^./]*)$",
        ".*DCIM.*JPG",
        "a*b*c*d*e*",
    ):
        check_cost(pattern)
    assert finds("a" * 4096 + "b", ".*b")
    with pytest.raises(UsageError):
        check_cost("(")


def test_many_items_need_no_stack() -> None:
    assert not finds("a" * 50, "b?" * 2000 + "c")
    assert finds("a" * 50, "a?" * 1000)


def test_through_the_program(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / ("a" * 60 + f"{number}.txt")).write_text("x")
    desk = Desk()
    desk.run("connect sim:")
    bad = ".*" * 12 + "!"
    lines = (f"mup -fmatch={bad} {tmp_path} A/UP", f"mdl -fmatch={bad} DCIM {tmp_path}")
    for line in (*lines, f"find -fmatch={bad} A/", f"rm -fmatch={bad} DCIM"):
        assert "would take too long" in desk.fail(line), line
    desk.shell.close()


def test_mutated_patterns_are_refused_or_bounded() -> None:
    choice = random.Random(7)
    for _ in range(100):
        pattern = "".join(choice.choices(PIECES, k=choice.randrange(1, 12)))
        for call in (check_pattern, check_cost):
            try:
                call(pattern)
            except PatternError:
                continue
