"""liveimg and rawimg: frames of the screen and of the sensor."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from support.host_lua import LuaDesk

from chdkshell.chdk.imaging.liveview import Frame
from chdkshell.chdk.imaging.rawimage import pack
from chdkshell.hostlua.buffers import Lbuf
from chdkshell.hostlua.state import HostLuaError

# ---- the screen ---------------------------------------------------------------------------------


def frame_of(lua: LuaDesk) -> Frame:
    """Return the frame that lies in the variable `frame`."""
    (buffer,) = lua.run("return frame")
    assert isinstance(buffer, Lbuf)
    return Frame.parse(bytes(buffer.content))


def raw(lua: LuaDesk, expression: str) -> bytes:
    """Return the bytes of a string."""
    (value,) = lua.run(f"return {expression}")
    assert isinstance(value, str)
    return value.encode("latin-1")


def test_pictures_of_the_screen(connected: LuaDesk) -> None:
    connected("frame = con:get_live_data(nil, 1+4+8)")
    frame = frame_of(connected)
    viewport, bitmap = frame.viewport_rgb(), frame.bitmap_rgba()
    assert viewport is not None
    assert bitmap is not None
    connected("vp, bm = liveimg.get_viewport_pimg(nil, frame), liveimg.get_bitmap_pimg(nil, frame)")
    assert connected("return vp:width(), vp:height()") == (viewport.shape[1], viewport.shape[0])
    assert raw(connected, "vp:to_lbuf_packed_rgb():string()") == viewport.tobytes()
    assert raw(connected, "bm:to_lbuf_packed_rgba():string()") == bitmap.tobytes()
    assert raw(connected, "bm:to_lbuf_packed_rgb():string()") == bitmap[:, :, :3].tobytes()
    assert raw(connected, "vp:to_lbuf_packed_rgba():string(4, 4)") == b"\xff"
    table = "liveimg.get_viewport_table_rgba(frame)"
    assert raw(connected, f"{table}.data") == raw(connected, "vp:to_lbuf_packed_rgba():string()")
    assert connected(f"return {table}.width, {table}.height") == viewport.shape[1::-1]
    assert raw(connected, "liveimg.get_bitmap_table_rgba(frame).data") == bitmap.tobytes()


def test_skipped_pixels(connected: LuaDesk) -> None:
    connected("frame = con:get_live_data(nil, 1+4+8)")
    frame = frame_of(connected)
    viewport, bitmap = frame.viewport_rgb(), frame.bitmap_rgba()
    assert viewport is not None
    assert bitmap is not None
    half = viewport.reshape(viewport.shape[0], -1, 4, 3)[:, :, :2].tobytes()
    taken = "liveimg.get_viewport_pimg(nil, frame, true):to_lbuf_packed_rgb():string()"
    assert raw(connected, taken) == half
    taken = "liveimg.get_bitmap_pimg(nil, frame, true):to_lbuf_packed_rgba():string()"
    assert raw(connected, taken) == bitmap[:, ::2].tobytes()


def test_pictures_and_buffers_are_used_again(connected: LuaDesk) -> None:
    connected("frame = con:get_live_data(nil, 1) vp = liveimg.get_viewport_pimg(nil, frame)")
    assert connected("return vp == liveimg.get_viewport_pimg(vp, frame)") is True
    assert connected("return vp == liveimg.get_viewport_pimg(vp, frame, true)") is False
    connected("vp = liveimg.get_viewport_pimg(nil, frame) lb = vp:to_lbuf_packed_rgb()")
    assert connected("return lb == vp:to_lbuf_packed_rgb(lb)") is True
    connected("vp:kill()")
    with pytest.raises(HostLuaError, match="dead pimg"):
        connected("vp:width()")


def test_what_a_frame_lacks(connected: LuaDesk) -> None:
    connected("frame = con:get_live_data(nil, 1)")
    assert connected("return liveimg.get_bitmap_pimg(nil, frame)") is None
    assert connected("select('#', liveimg.get_bitmap_pimg(nil, frame))") == 1
    with pytest.raises(HostLuaError, match="test:1: live view"):
        connected("liveimg.get_viewport_pimg(nil, lbuf.new('short'))")
    with pytest.raises(HostLuaError, match="bad argument #2"):
        connected("liveimg.get_viewport_pimg(nil, 'x')")


def test_planes_of_the_viewport(connected: LuaDesk) -> None:
    connected("frame = con:get_live_data(nil, 1)")
    viewport = frame_of(connected).viewport
    assert viewport is not None
    size = viewport.width * viewport.height
    connected("y, u, v = liveimg.get_viewport_split_yuv(frame)")
    assert connected("return y:len(), u:len(), v:len()") == (size, size // 4, size // 4)
    data = frame_of(connected).data[viewport.offset :]
    assert connected("return y:byte(1, 4)") == (data[1], data[3], data[4], data[5])
    assert connected("return u:byte(), v:byte()") == (data[0] ^ 0x80, data[2] ^ 0x80)
    assert connected("select('#', liveimg.get_viewport_split_yuv(frame, 1))") == 1
    assert connected("select('#', liveimg.get_viewport_split_yuv(frame, 2))") == 2
    full = connected("liveimg.get_viewport_split_yuv(frame, 1, true):len()")
    assert full == viewport.buffer_width * viewport.height
    with pytest.raises(HostLuaError, match="invalid channel spec"):
        connected("liveimg.get_viewport_split_yuv(frame, 4)")


# ---- the sensor ---------------------------------------------------------------------------------

FORMATS = [(bits, order) for bits in (8, 10, 12, 14, 16) for order in ("little", "big")]


def bind(lua: LuaDesk, bits: int, order: str, more: str = "", width: int = 16) -> None:
    """Have the variable `img` be a frame of zeros."""
    lua(
        f"data = lbuf.new({width * 4 * bits // 8}) img = rawimg.bind_lbuf{{data=data,"
        f"width={width},height=4,bpp={bits},endian='{order}',{more}}}"
    )


@pytest.mark.parametrize(("bits", "order"), FORMATS)
def test_pixels_of_every_format(lua: LuaDesk, bits: int, order: str) -> None:
    bind(lua, bits, order)
    lua(
        "for y = 0, 3 do for x = 0, 15 do"
        f" img:set_pixel(x, y, (x * 977 + y * 131 + 7) % {1 << bits}) end end"
    )
    assert lua("return img:width(), img:height(), img:bpp(), img:endian()") == (16, 4, bits, order)
    lua(
        "for y = 0, 3 do for x = 0, 15 do local v = x * 977 + y * 131 + 7"
        f" assert(img:get_pixel(x, y) == v % {1 << bits}) end end"
    )
    x, y = np.meshgrid(np.arange(16), np.arange(4))
    pixels = ((x * 977 + y * 131 + 7) % (1 << bits)).astype(np.uint16)
    sign = "<" if order == "little" else ">"
    expected = {
        8: lambda: pixels.astype(np.uint8).tobytes(),
        16: lambda: pixels.astype(f"{sign}u2").tobytes(),
    }.get(bits, lambda: pack(pixels, bits, "<" if order == "little" else ">"))()
    assert raw(lua, "data:string()") == expected


@pytest.mark.parametrize(("bits", "order"), FORMATS)
def test_frames_are_converted(lua: LuaDesk, bits: int, order: str) -> None:
    bind(lua, 10, "little")
    lua("for x = 0, 15 do img:set_pixel(x, 1, 1023 - x) end")
    lua(f"new, buffer = img:convert{{bpp={bits},endian='{order}',valupmod='shift'}}")
    assert lua("return new:bpp(), new:endian(), buffer:len()") == (bits, order, 16 * 4 * bits // 8)
    values = [lua(f"new:get_pixel({x}, 1)") for x in range(16)]
    shift = bits - 10
    assert values == [(1023 - x) << shift if shift > 0 else (1023 - x) >> -shift for x in range(16)]


def test_conversions_without_a_shift_and_into_a_buffer(lua: LuaDesk) -> None:
    bind(lua, 12, "little")
    lua("img:set_pixel(0, 0, 0x7FF) old = lbuf.new(16 * 4)")
    lua("new, buffer = img:convert{bpp=8,endian='little',valdownmod='no',lbuf=old}")
    assert lua("return buffer == old, new:get_pixel(0, 0)") == (True, 0xFF)
    assert lua("return (img:convert{bpp=16,endian='big'}):get_pixel(0, 0)") == 0x7FF
    for options in ("bpp=8,endian='little',lbuf=lbuf.new(1)", "bpp=9,endian='big'", "bpp=8"):
        with pytest.raises(HostLuaError, match="test:1: "):
            lua(f"img:convert{{{options}}}")


def test_places_outside_of_the_frame(lua: LuaDesk) -> None:
    bind(lua, 8, "little")
    assert lua("return img:get_pixel(16, 0), img:get_pixel(0, 4)") == (None, None)
    assert lua("select('#', img:get_pixel(99, 99))") == 1
    lua("img:set_pixel(16, 0, 9) img:set_pixel(0, 99, 9)")
    assert raw(lua, "data:string()") == bytes(64)


def test_bad_pixels_are_patched(lua: LuaDesk) -> None:
    colours = "cfa_pattern='\\0\\1\\1\\2',black_level=31"
    bind(lua, 10, "little", f"{colours},active_area={{top=0,left=0,bottom=4,right=14}}")
    lua("for y = 0, 3 do for x = 0, 15 do img:set_pixel(x, y, 100 + 10 * x) end end")
    lua("img:set_pixel(4, 2, 0) img:set_pixel(5, 2, 3) img:set_pixel(15, 2, 0)")
    assert lua("img:cfa_pattern() == '\\0\\1\\1\\2'") is True
    assert lua("img:patch_pixels()") == 1
    assert lua("return img:get_pixel(4, 2), img:get_pixel(5, 2)") == ((120 + 160 + 140) // 3, 3)
    assert lua("img:patch_pixels(3)") == 1
    assert lua("return img:get_pixel(5, 2), img:get_pixel(15, 2)") == (150, 0)


def test_a_thumbnail(lua: LuaDesk) -> None:
    bind(lua, 12, "little", "cfa_pattern='\\0\\1\\1\\2'")
    lua(
        "for y = 0, 3 do for x = 0, 15 do"
        " img:set_pixel(x, y, (x % 2 + y % 2) * 1024 + (x < 8 and 0 or 256)) end end"
    )
    assert raw(lua, "img:make_rgb_thumb(2, 1):string()") == bytes((0, 64, 128, 16, 80, 144))
    for size in ("17, 1", "1, 5", "0, 1"):
        with pytest.raises(HostLuaError, match="test:1: "):
            lua(f"img:make_rgb_thumb({size})")


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("", "field 'data'"),
        ("data=lbuf.new(1),width=16,height=4,bpp=8,endian='little'", "size larger than data"),
        ("data=lbuf.new(99),width=6,height=1,bpp=10,endian='little'", "multiple of block size"),
        ("data=lbuf.new(99),width=8,height=1,bpp=9,endian='little'", "unknown format"),
        ("data=lbuf.new(99),width=8,height=1,bpp=8,endian='odd'", "field 'endian'"),
        ("data=lbuf.new(99),width=8,height=1,bpp=8", "field 'endian'"),
        ("data=lbuf.new(99),width=8,bpp=8,endian='big'", "field 'height'"),
        ("data=lbuf.new(99),width=8,height=1,bpp=8,endian='big',cfa_pattern='x'", "cfa pattern"),
        (
            "data=lbuf.new(99),width=8,height=1,bpp=8,endian='big',"
            "active_area={top=0,left=0,bottom=1,right=9}",
            "active right > width",
        ),
    ],
)
def test_frames_that_cannot_be(lua: LuaDesk, spec: str, words: str) -> None:
    with pytest.raises(HostLuaError, match=words):
        lua(f"rawimg.bind_lbuf{{{spec}}}")
    with pytest.raises(HostLuaError, match="expected table"):
        lua("rawimg.bind_lbuf()")


def test_a_frame_behind_other_bytes(lua: LuaDesk) -> None:
    lua(f"data = lbuf.new('{''.join(f'{chr(92)}{b}' for b in struct.pack('<4H', 1, 2, 3, 4))}')")
    lua("img = rawimg.bind_lbuf{data=data,data_offset=4,width=2,height=1,bpp=16,endian='little'}")
    assert lua("return img:get_pixel(0, 0), img:get_pixel(1, 0)") == (3, 4)
