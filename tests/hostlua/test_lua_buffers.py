"""lbuf: bytes that Lua programs read and change in place."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.host_lua import LuaDesk

from chdkshell.hostlua.state import HostLuaError


def test_making_one(lua: LuaDesk) -> None:
    assert lua("return lbuf.new('abc'):string(), lbuf.new(3):string(), lbuf.new(''):len()") == (
        *("abc", "\0\0\0"),
        0,
    )
    assert lua("type(lbuf.new(1))") == "userdata"
    for wrong in ("nil", "{}", "true", "-1"):
        with pytest.raises(HostLuaError, match="invalid argument"):
            lua(f"lbuf.new({wrong})")


@pytest.mark.parametrize(
    "places", ["", "2", "-3", "1,5", "0,100", "nil,5", "100,200", "4,2", "-100,3", "5,-2", "0,0"]
)
def test_parts_are_those_of_strings(lua: LuaDesk, places: str) -> None:
    lua("s = 'hello world' b = lbuf.new(s)")
    start, _, end = places.partition(",")
    sub = f"s:sub({start if start not in ('', 'nil') else 1}{',' + end if end else ''})"
    assert lua(f"return b:string({places}) == {sub}, b:sub({places}):string() == {sub}") == (
        True,
        True,
    )


def test_bytes_are_numbers(lua: LuaDesk) -> None:
    lua("b = lbuf.new('\\1\\2\\255')")
    assert lua("return b:byte(), b:byte(3), b:byte(9)") == (1, 255, None)
    assert lua("return b:byte(1, -1)") == (1, 2, 255)
    assert lua("select('#', b:byte(9))") == 1
    assert lua("return b == b, b == lbuf.new('x')") == (True, False)


def test_a_part_is_a_copy(lua: LuaDesk) -> None:
    lua("b = lbuf.new('abcd') c = b:sub(2, 3) c:set_u8(0, 65)")
    assert lua("return b:string(), c:string()") == ("abcd", "Ac")


def test_numbers_are_read(lua: LuaDesk) -> None:
    lua("b = lbuf.new('\\1\\0\\0\\0\\255\\255\\255\\255\\128')")
    assert lua("return b:get_i32(), b:get_i32(4), b:get_u32(4)") == (1, -1, 0xFFFFFFFF)
    assert lua("return b:get_i16(4), b:get_u16(3), b:get_i8(8), b:get_u8(8)") == (
        *(-1, 0xFF00),
        *(-128, 128),
    )
    assert lua("return b:get_i32(0, -1)") == (1, -1)
    assert lua("return b:get_u8(0, 99)") == (1, 0, 0, 0, 255, 255, 255, 255, 128)
    assert lua("return select('#', b:get_i32(6)), select('#', b:get_u8(99))") == (0, 0)
    assert lua("select('#', lbuf.new('a'):get_u32())") == 0
    with pytest.raises(HostLuaError, match="test:1: negative offset not allowed"):
        lua("b:get_u8(-1)")


def test_numbers_are_written(lua: LuaDesk) -> None:
    lua("b = lbuf.new(8)")
    assert lua("return b:set_u32(0, 0xFEEDBABE, 0xDEADBEEF)") == 2
    assert lua("return b:get_u16(0, 4)") == (0xBABE, 0xFEED, 0xBEEF, 0xDEAD)
    assert lua("return b:set_i16(0, -1), b:get_u16()") == (1, 0xFFFF)
    assert lua("return b:set_i32(4, -2, 9), b:get_i32(4)") == (1, -2)
    assert lua("return b:set_u8(7, 300, 1), b:get_u8(7), b:set_u8(99, 1)") == (1, 44, 0)
    assert lua("return b:set_i8(0, -3), b:get_i8(), b:set_u16(0, {}), b:get_u16()") == (1, -3, 1, 0)


def test_patterns_fill(lua: LuaDesk) -> None:
    lua("b = lbuf.new(16)")
    assert lua("return b:fill('a'), b:string()") == (16, "a" * 16)
    lua("p = lbuf.new('hell')")
    assert lua("return b:fill(p, 1, 2), b:string()") == (8, "ahellhellaaaaaaa")
    assert lua("return b:fill(p, 14, 20), b:fill(p, 100, 1), b:fill(''), b:fill(p, 0, 0)") == (
        *(2, 0),
        *(0, 0),
    )
    assert lua("b:string()") == "ahellhellaaaaahe"
    with pytest.raises(HostLuaError, match="invalid argument"):
        lua("b:fill(1)")


def test_words_are_swapped(lua: LuaDesk) -> None:
    lua("b = lbuf.new('abcde') b:reverse_bytes()")
    assert lua("b:string()") == "badce"


def test_files_are_read_and_written(lua: LuaDesk, tmp_path: Path) -> None:
    path = tmp_path / "x.bin"
    lua(f"path = '{path.as_posix()}' b = lbuf.new('hello world')")
    lua("f = io.open(path, 'wb') w = b:fwrite(f, 6) f:close()")
    assert (lua("w"), path.read_bytes()) == (True, b"world")
    lua("f = io.open(path, 'wb') b:fwrite(f, 6, 2) b:fwrite(f) f:close()")
    assert path.read_bytes() == b"wohello world"
    lua("f = io.open(path, 'rb') r = b:fread(f, 9, 2) f:close()")
    assert lua("return r, b:string()") == (True, "hello worwo")
    assert lua("f = io.open(path, 'rb') r = lbuf.new(99):fread(f) f:close() return r") is False
    with pytest.raises(HostLuaError, match="test:1: attempt to access closed file"):
        lua("b:fread(f)")
    for call in ("b:fread(f, 11)", "b:fwrite(f, 0, 12)", "b:fread(f, -1)"):
        with pytest.raises(HostLuaError, match="test:1: invalid"):
            lua(f"f = io.open(path) {call}")
    lua("b:fwrite(io.stdout, 0, 2)")
    assert lua.services.written == b"he"


def test_methods_are_functions_of_the_library_as_well(lua: LuaDesk) -> None:
    assert lua("return lbuf.len(lbuf.new('abc')), lbuf.put") == (3, None)
    with pytest.raises(HostLuaError, match="bad argument #1 to 'len'"):
        lua("lbuf.len('abc')")


def test_many_values_are_refused_and_not_a_crash(lua: LuaDesk) -> None:
    with pytest.raises(HostLuaError, match="insufficient stack space"):
        lua("lbuf.new(1000000):byte(1, -1)")
    assert lua("select('#', lbuf.new(200000):byte(1, -1))") == 200000
