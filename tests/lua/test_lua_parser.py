"""The parser of Lua and the compile check: whatever the text, a value or their error."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.shell_process import PROJECT

from chdkshell.chdk.luachunks import read_chunk
from chdkshell.lua import tree
from chdkshell.lua.check import check
from chdkshell.lua.parser import MAX_DEPTH, NotLuaError, parse
from chdkshell.lua.tokens import Lines, tokenise
from chdkshell.lua.tree import Call, Operation, Suffixed
from chdkshell.sim.lua.rewrite import rewrite

LIBRARY = sorted((PROJECT / "chdkshell").rglob("*.lua"))

NESTED = {
    "parentheses": ("x=", "(", "1", ")"),
    "calls": ("x=", "f(", "1", ")"),
    "tables": ("x=", "{", "1", "}"),
    "indices": ("x=a", "[a", "", "]"),
    "not": ("x=", "not ", "1", ""),
    "concatenations": ("x=", "a..", "1", ""),
    "powers": ("x=", "a^", "1", ""),
    "blocks": ("", "do ", "sleep(1)", " end"),
    "conditions": ("", "if x then ", "sleep(1)", " end"),
    "loops": ("", "while x do ", "sleep(1)", " end"),
    "functions": ("", "function f() ", "sleep(1)", " end"),
}
"""Texts that nest by one level with each repetition."""

FLAT = {
    "sums": ("x=", "a+", "1", ""),
    "fields": ("x=a", ".b", "", ""),
    "calls": ("x=a", "()", "", ""),
    "statements": ("", "a=1 ", "", ""),
}
"""Texts of any length that do not nest."""


def repeated(parts: tuple[str, str, str, str], count: int) -> str:
    before, opening, middle, closing = parts
    return before + opening * count + middle + closing * count


def at_depth(frames: int, call: Callable[[], object]) -> object:
    """Call from a program that is itself deep in calls."""
    return call() if not frames else at_depth(frames - 1, call)


@pytest.mark.parametrize("parts", NESTED.values(), ids=NESTED.keys())
def test_nesting_goes_as_deep_as_in_lua_and_no_deeper(parts: tuple[str, str, str, str]) -> None:
    deepest = repeated(parts, MAX_DEPTH - 4)
    assert check(deepest) is None
    at_depth(100, lambda: parse(deepest))
    rewrite(deepest)
    for count in (MAX_DEPTH, 10_000):
        text = repeated(parts, count)
        problem = check(text)
        assert problem is not None
        assert problem.message.startswith("chunk has too many syntax levels")
        with pytest.raises(NotLuaError, match="too many syntax levels"):
            parse(text)


@pytest.mark.parametrize("parts", [*NESTED.values(), *FLAT.values()])
def test_a_session_takes_what_it_cannot_follow_as_it_is(parts: tuple[str, str, str, str]) -> None:
    for count in (190, 1000):
        text = repeated(parts, count)
        chunk = at_depth(300, partial(read_chunk, text))
        assert text in chunk.plain  # type: ignore[attr-defined]


@pytest.mark.parametrize("parts", FLAT.values(), ids=FLAT.keys())
def test_what_is_long_is_not_deep(parts: tuple[str, str, str, str]) -> None:
    text = repeated(parts, 2000)
    _, block = parse(text)
    assert len(block) in (1, 2000)
    assert text.count("(") == len(list(tree.calls(tree.expressions(block))))
    rewrite(text)


def test_the_tree_has_lua_s_priorities() -> None:
    (statement,) = parse("x = a + b * c .. d ^ -e")[1]
    concatenation = statement.expressions[1]
    assert isinstance(concatenation, Operation)
    total, power = concatenation.left, concatenation.right
    assert isinstance(total, Operation)
    assert isinstance(power, Operation)
    assert isinstance(total.right, Operation)
    assert isinstance(power.right, Operation)
    places = [op.operator for op in (concatenation, total, total.right, power, power.right)]
    assert places == [7, 3, 5, 9, 10]
    assert power.right.left is None


def test_the_tree_names_calls_and_functions() -> None:
    tokens, block = parse("local function f(a, ...) end t.g = function() return h{i'j'}:k(l()) end")
    found = tree.expressions(block)
    functions = [(f.name, f.parameters) for f in tree.functions(found)]
    assert functions == [("f", ("a",)), ("g", ())]
    returned = next(tree.functions(block[1].expressions)).block[0].expressions[0]
    assert [call.name for call in tree.calls([returned])] == ["i", "h", "k", "l"]
    assert isinstance(returned, Suffixed)
    assert [type(suffix) is Call for suffix in returned.suffixes] == [True, False, True]
    assert tokens[returned.first].text == "h"


@pytest.mark.parametrize("text", ["--[[ a\nb", "x = [==[ a ]]", "x = 'a\nb", "[[" * 20_000])
def test_what_lacks_its_end_is_no_token(text: str) -> None:
    *_, end = tokenise(text)
    assert end.start < len(text)


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_all_of_a_program_is_parsed(path: Path) -> None:
    source = path.read_text("latin-1")
    tokens, block = parse(source)
    assert (block[0].first, block[-1].last) in {(0, len(tokens) - 1), (0, len(tokens) - 2)}


WORDS = re.findall(
    r"\S+",
    r"""a b.c f() f{x,y=1;[z]=2} t:m(1) (a) ... nil 1 0x1F 1.5 'x' "y\n" [[z]] function end return
    local if then else elseif while do for in repeat until break not - # + * / % ^ .. == ~= < and
    or , ; = ( ) { } [ ] sleep(1) \ @ é [==[ --[[c]] --c""",
)
SIGNS = ["--c\n", "\n", "\0", "\ud800", "\udcff"]
samples = st.sampled_from([path.read_text("latin-1")[:1500] for path in LIBRARY])
words = st.lists(st.sampled_from([*WORDS, *SIGNS]), max_size=30).map(" ".join)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A piece of a program with changes."""
    text = draw(samples)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(words) + text[place + draw(st.integers(0, 20)) :]
    return text


@given(words | mutated() | st.text(max_size=30))
def test_any_text_is_lua_or_not(text: str) -> None:
    problem = check(text)
    chunk = read_chunk(text)
    assert text in chunk.plain
    with contextlib.suppress(NotLuaError):
        parse(text)
    if problem is None and not text.startswith("\x1b"):
        parse(text)  # the parser takes all that the compiler takes
        assert check(chunk.code) is None
        rewrite(text)
    elif problem is not None:
        assert 1 <= problem.line <= Lines(text).at(len(text))
        assert problem.column >= 1


@pytest.mark.parametrize(
    "code",
    [
        "sleep(1) [[l]]",
        "sleep(1)'s'.x()",
        "t[function() while x do end end].y = sleep(1)",
        "a, t[function() repeat until x end] = 1, sleep(f{1})",
    ],
)
def test_what_a_session_sends_compiles(code: str) -> None:
    chunk = read_chunk(code)
    assert chunk.waits
    assert check(chunk.code) is None
