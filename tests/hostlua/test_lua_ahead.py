"""Loops over pixels and bytes: what is read ahead is what is there, and saves calls of the host."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

import pytest
from support.host_lua import LuaDesk

from chdkshell.hostlua import buffers, raws

SIZES = {"i8": "b", "u8": "B", "i16": "<h", "u16": "<H", "i32": "<i", "u32": "<I"}


class Counted:
    """A function of the host that counts its calls."""

    def __init__(self, function: Callable[..., object]) -> None:
        self.calls = 0
        self._function = function

    def __call__(self, one: object = None, two: object = None, three: object = None) -> object:
        self.calls += 1
        return self._function(one, two, three)


def counting(
    monkeypatch: pytest.MonkeyPatch, methods: dict[str, Callable[..., object]], name: str
) -> tuple[LuaDesk, Counted]:
    counted = Counted(methods[name])
    monkeypatch.setitem(methods, name, lambda a=None, b=None, c=None: counted(a, b, c))
    return LuaDesk(), counted


FRAME = """
frame = lbuf.new(60 * 20 * 12 / 8)
img = rawimg.bind_lbuf{data=frame, width=60, height=20, bpp=12, endian='little'}
"""


def test_a_row_of_pixels_costs_few_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    lua, counted = counting(monkeypatch, raws.METHODS, "get_pixel")
    lua(FRAME + "for y = 0, 19 do for x = 0, 59 do img:set_pixel(x, y, x * 60 + y) end end")
    code = (
        "for y = 0, 19 do for x = 0, 59 do"
        " if img:get_pixel(x, y) ~= x * 60 + y then return x, y end end end"
    )
    assert lua(code) is None
    assert counted.calls == 20
    assert lua("local s = 0 for x = 0, 59 do s = s + img:get_pixel(x, x % 20) end return s") > 0
    assert counted.calls > 20 + 50


def test_a_loop_over_bytes_costs_few_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    lua, counted = counting(monkeypatch, buffers.METHODS, "get_u16")
    lua("b = lbuf.new(20000) for i = 0, 9999 do b:set_u16(i * 2, i) end")
    assert lua("for i = 0, 9999 do if b:get_u16(i * 2) ~= i then return i end end") is None
    assert counted.calls < 10


def test_changes_between_are_seen() -> None:
    lua = LuaDesk()
    lua(FRAME)
    read = "img:get_pixel(1, 1), img:get_pixel(2, 1), img:get_pixel(3, 1)"
    assert lua(f"return {read}") == (0, 0, 0)
    changes = {
        "img:set_pixel(3, 1, 7)": (0, 0, 7),
        "frame:fill('\\255')": (4095, 4095, 4095),
        "frame:set_u8(60 * 12 / 8, 0, 0, 0, 0, 0, 0)": (0, 0, 0),
        "img:set_pixel(2, 1, 9)": (0, 9, 0),
        "frame:reverse_bytes()": (9, 0, 0),
    }
    for change, seen in changes.items():
        got = lua(f"local _ = {{{read}}} {change} return {read}")
        if not change.startswith("frame:reverse"):
            assert got == seen, change
        assert got == lua(
            "local out = {} for x = 1, 3 do local r = rawimg.bind_lbuf{data=frame, width=60,"
            " height=20, bpp=12, endian='little'} out[x] = r:get_pixel(x, 1) end"
            " return out[1], out[2], out[3]"
        )


def test_places_that_are_none() -> None:
    lua = LuaDesk()
    lua(FRAME + "img:set_pixel(0, 0, 5) img:set_pixel(0, 1, 6)")
    code = (
        "local v = {} for _, at in ipairs{%s} do"
        " v[#v + 1] = tostring(img:get_pixel(at, 0)) end return v"
    )
    assert lua(code % "0, 0, 60, -1, 59, 1000000, 0.5, 0") == [
        *("5", "5", "nil", "nil", "0", "nil", "5", "5"),
    ]
    assert lua("local a = img:get_pixel(0, 20) return a, img:get_pixel(0, 20)") == (None, None)
    assert lua("return (frame:get_u8(1799)), (frame:get_u16(1799))") == (0, None)
    with pytest.raises(Exception, match="bad argument"):
        lua("img:get_pixel(0, 0) img:get_pixel(1, 0) return img:get_pixel('x', 0)")


@pytest.mark.parametrize("seed", range(5))
def test_as_if_nothing_was_read_ahead(seed: int) -> None:
    """Random loops of reads, with changes between them, against the bytes themselves."""
    chance = random.Random(seed)
    content = bytearray(chance.randbytes(9000))
    steps, expected, place = [], [], 0
    for _ in range(400):
        place = max(0, min(8990, place + chance.choice((1, 1, 2, 4, 40, -3, 5000, -4000))))
        kind = chance.choice(list(SIZES))
        if chance.random() < 0.2:
            number = chance.randrange(256)
            steps.append(f"b:set_u8({place}, {number})")
            content[place] = number
        for _ in range(chance.randrange(1, 4)):
            steps.append(f"v[#v + 1] = b:get_{kind}({place})")
            expected.append(struct.unpack_from(SIZES[kind], content, place)[0])
    lua = LuaDesk()
    original = bytearray(random.Random(seed).randbytes(9000))
    literal = "".join(f"\\{value:03d}" for value in original)
    lua(f"b = lbuf.new('{literal}') v = {{}}")
    for start in range(0, len(steps), 150):
        lua(" ".join(steps[start : start + 150]))
    assert lua("return v") == expected
