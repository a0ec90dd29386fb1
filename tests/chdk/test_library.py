"""Camera-side Lua: what is sent, and where its errors lie."""

import importlib.resources
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chdkshell.chdk.library import LuaFile, LuaProgram, build, load
from chdkshell.chdk.scripts import DEFAULT_LIBRARIES
from chdkshell.errors import UsageError
from chdkshell.lua.literals import parse, serialize

ALL = ("batch", "list_tree", "make_dirs", "paths", "remove_tree", "serialize")
ONE_LINE = ("serialize", "restore", "print", "wait_checks", "interrupt", "run_file")


def test_files_come_after_what_they_need_and_the_callers_code_last() -> None:
    program = build("return 1", ("remove_tree", "paths"))
    assert [file.name for file in program.files] == [
        *("serialize", "host", "batch", "paths", "walk", "remove_tree")
    ]
    source = program.source.decode()
    assert source.endswith("\nreturn 1")
    assert source.index("function usb_msg_table_to_string") < source.index("function new_batch")
    assert source.count("function usb_msg_table_to_string") == 1


def test_nothing_else_is_sent() -> None:
    assert build("return 1").source == b"return 1"
    assert b"remove_tree" not in build("return 1", ("list_tree",)).source


def test_comments_and_indentation_stay_at_home() -> None:
    for name in (*ALL, *ONE_LINE):
        assert "--" not in load(name).code
        assert "\n " not in load(name).code


def test_the_lines_stay_in_place() -> None:
    file = load("batch")
    lines = file.code.splitlines()
    here = next(i for i, line in enumerate(lines) if line.startswith("function new_batch"))
    original = (importlib.resources.files("chdkshell.chdk") / "lua/batch.lua").read_text()
    assert original.splitlines()[here].startswith("function new_batch")


def test_what_every_script_has_before_it_takes_no_line() -> None:
    """So that the line numbers in errors that the user's code catches are its own."""
    program = build("return 1", (*DEFAULT_LIBRARIES, "print"))
    assert "\n" not in program.source.decode()
    assert program.error("runtime", ":1: boom").source == ""


def test_every_file_is_small() -> None:
    # A PowerShot's Lua has a few hundred KB of heap for all it does.
    assert len(build("", ALL).source) < 10_000


@pytest.mark.parametrize("name", [*ALL, *ONE_LINE])
def test_every_file_compiles(name: str) -> None:
    import lupa.lua51 as lupa

    runtime = lupa.LuaRuntime(unpack_returned_tuples=True)
    compiled = runtime.eval("function(code) return loadstring(code) end")(build("", (name,)).source)
    assert not isinstance(compiled, tuple), compiled


def test_unknown_names_and_nul_bytes_are_refused() -> None:
    with pytest.raises(UsageError, match="no camera-side Lua file 'nope'"):
        build("", ("nope",))
    with pytest.raises(UsageError, match="NUL"):
        build("return '\0'")


PROGRAM = LuaProgram((LuaFile("one", (), "a\nb\n"), LuaFile("two", (), "c\n")), b"user\nmore")


@pytest.mark.parametrize(
    ("text", "message", "line", "source"),
    [
        (":1: boom", "one.lua:1: boom", 1, "one.lua"),
        (":2: boom", "one.lua:2: boom", 2, "one.lua"),
        (":3: boom", "two.lua:1: boom", 1, "two.lua"),
        (":4: boom", ":1: boom", 1, ""),
        (":5: boom: 7: x", ":2: boom: 7: x", 2, ""),
        ("A/CHDK/X.LUA:9: boom", "A/CHDK/X.LUA:9: boom", 9, "A/CHDK/X.LUA"),
        ("no position", "no position", None, ""),
        ("", "the script failed without a message", None, ""),
        (":4: \x1b[2J", ":1: \\x1b[2J", 1, ""),
        (f":{'9' * 5000}: x", f":{'9' * 5000}: x", None, ""),
    ],
)
def test_error_lines_lead_back_to_where_they_came_from(
    text: str, message: str, line: int | None, source: str
) -> None:
    error = PROGRAM.error("runtime", text)
    assert str(error) == message
    assert (error.line, error.source, error.text, error.kind) == (line, source, text, "runtime")


def test_a_position_needs_no_more_than_one_line() -> None:
    error = PROGRAM.error("runtime", "first\n:4: second")
    assert (error.line, str(error)) == (None, "first\n:4: second")


# ---- the serializer, run by Lua 5.1 itself ----

_scalars = st.booleans() | st.integers(-(2**31) + 1, 2**31 - 1) | st.binary(max_size=12) | st.text()
_undecodable = st.binary().map(lambda data: data + b"\xff")
_tables = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.dictionaries(st.text(max_size=6) | st.integers(2, 2**31 - 1) | _undecodable, inner)
    ),
    max_leaves=15,
)


@pytest.fixture(scope="module")
def through_lua() -> Callable[[str], bytes]:
    """A function that gives a literal to Lua and has the serializer write the value again."""
    import lupa.lua51 as lupa

    runtime = lupa.LuaRuntime(encoding=None)
    runtime.execute(build("", ("serialize",)).source)
    run = runtime.eval(
        b"function(code) return usb_msg_table_to_string(loadstring('return ' .. code)()) end"
    )
    return lambda text: run(text.encode())


@given(value=_tables)
def test_what_lua_writes_is_read_back(through_lua: Callable[[str], bytes], value: object) -> None:
    text = serialize([value])
    assert parse(through_lua(text)) == parse(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("{}", b"{}"),
        ("{1,2}", b"{1,2}"),
        ("{a=1}", b"{a=1}"),
        ("{1,{2,{3}}}", b"{1,{2,{3}}}"),
        ("{[true]=false}", b"{[true]=false}"),
        ("{['a b']=1}", b'{["a b"]=1}'),
        ("{'a\\0\\n\"'}", b'{"a\\000\\\n\\""}'),
        ("{1,2,nil,4}", b"{1,2,nil,4}"),
    ],
)
def test_the_text_of_tables(through_lua: Callable[[str], bytes], text: str, written: bytes) -> None:
    assert through_lua(text) == written
