"""liveimg: what live view frames show, as pixels."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from chdkshell.chdk.imaging.framebuffers import BLOCKS, FrameBuffer, FrameBufferType
from chdkshell.chdk.imaging.liveview import Frame
from chdkshell.errors import LiveViewError
from chdkshell.hostlua.arguments import NIL, LuaObject, instance, integer
from chdkshell.hostlua.buffers import Lbuf, reused
from chdkshell.hostlua.faults import WrongCall

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]


class Pimg(LuaObject):
    """A picture, rows x columns x RGB or RGBA; `pixels` is None once it was killed."""

    def __init__(self, pixels: Pixels) -> None:
        self.pixels: Pixels | None = pixels


def _frame(buffer: object, index: int) -> Frame:
    try:
        return Frame.parse(bytes(instance(buffer, Lbuf, index).content))
    except LiveViewError as error:
        raise WrongCall(str(error)) from None


def _viewport(frame: Frame, skip: bool) -> Pixels | None:
    """Return the viewport; `skip` leaves every second pixel pair or pixel out of a row."""
    if frame.viewport is None:
        raise WrongCall("no desc")
    try:
        pixels = frame.viewport_rgb()
    except LiveViewError as error:
        raise WrongCall(str(error)) from None
    if pixels is None or not skip:
        return pixels
    if frame.viewport.type == FrameBufferType.YUV8:  # a block of four has two of its pixels
        import numpy as np

        return pixels[:, np.arange(pixels.shape[1]) % 4 < 2]
    return pixels[:, ::2]


def _bitmap(frame: Frame, skip: bool) -> Pixels | None:
    if frame.bitmap is None:
        raise WrongCall("no desc")
    try:
        pixels = frame.bitmap_rgba()
    except LiveViewError as error:
        raise WrongCall(str(error)) from None
    return pixels[:, ::2] if skip and pixels is not None else pixels


_Reader = Callable[[Frame, bool], "Pixels | None"]


def _picture(read: _Reader) -> Callable[..., Pimg | tuple[None]]:
    def get(image: object = None, buffer: object = None, skip: object = None) -> Pimg | tuple[None]:
        pixels = read(_frame(buffer, 2), bool(skip))
        if pixels is None:
            return NIL
        if isinstance(image, Pimg) and image.pixels is not None:
            if image.pixels.shape[0] * image.pixels.shape[1] == pixels.shape[0] * pixels.shape[1]:
                image.pixels = pixels
                return image
            image.pixels = None
        return Pimg(pixels)

    return get


def _table(read: _Reader) -> Callable[..., dict[str, object] | tuple[None]]:
    def get(buffer: object = None, skip: object = None) -> dict[str, object] | tuple[None]:
        pixels = read(_frame(buffer, 1), bool(skip))
        if pixels is None:
            return NIL
        height, width = pixels.shape[:2]
        return {"data": _packed(pixels, True), "width": width, "height": height}

    return get


def _packed(pixels: Pixels, alpha: bool) -> bytes:
    import numpy as np

    if not alpha:
        return np.ascontiguousarray(pixels[:, :, :3]).tobytes()
    if pixels.shape[2] == 3:
        opaque = np.full((*pixels.shape[:2], 1), 255, np.uint8)
        pixels = np.concatenate((pixels, opaque), axis=2)
    return np.ascontiguousarray(pixels).tobytes()


def viewport_split_yuv(
    buffer: object = None,
    channels: object = None,
    full_buffer: object = None,
    *old: object,
) -> tuple[Lbuf, ...]:
    """Return Y (`channels` 1), U and V (2), or all three (3), each as bytes of its own."""
    frame, wanted = _frame(buffer, 1), integer(channels, 2, 3)
    if wanted not in (1, 2, 3):
        raise WrongCall("invalid channel spec")
    if frame.viewport is None:
        raise WrongCall("no desc")
    if frame.viewport.type not in (FrameBufferType.YUV8, FrameBufferType.YUV8B):
        raise WrongCall("unsupported framebuffer type")
    planes = _planes(frame.data, frame.viewport, bool(full_buffer))
    before = (*old, None, None, None)[:3]
    made = [reused(lb, plane) for lb, plane in zip(before, planes, strict=True)]
    return tuple(made[:1] if wanted == 1 else made[1:] if wanted == 2 else made)


def _planes(data: bytes, buffer: FrameBuffer, full: bool) -> tuple[bytes, bytes, bytes]:
    import numpy as np

    kind = FrameBufferType(buffer.type)
    pixels, size = BLOCKS[kind]
    rows = np.frombuffer(data, np.uint8, buffer.row_bytes * buffer.height, buffer.offset)
    blocks = rows.reshape(buffer.height, buffer.buffer_width // pixels, size)
    width = buffer.buffer_width if full else buffer.width
    blocks = blocks[:, : -(-width // pixels)]
    luma = [1, *range(3, size)]
    # tools that take planes expect chroma around 128: there it is in YUV8B already
    flip = 0x80 if kind is FrameBufferType.YUV8 else 0
    u, v = (blocks[:, :, place] ^ flip for place in (0, 2))
    return blocks[:, :, luma].tobytes(), u.tobytes(), v.tobytes()


def _live(image: object) -> Pixels:
    pixels = instance(image, Pimg, 1).pixels
    if pixels is None:
        raise WrongCall("dead pimg")
    return pixels


def kill(image: object) -> None:
    """Forget a picture's pixels."""
    instance(image, Pimg, 1).pixels = None


METHODS: dict[str, Callable[..., object]] = {
    "width": lambda image=None: _live(image).shape[1],
    "height": lambda image=None: _live(image).shape[0],
    "kill": kill,
    "to_lbuf_packed_rgb": lambda image=None, old=None: reused(old, _packed(_live(image), False)),
    "to_lbuf_packed_rgba": lambda image=None, old=None: reused(old, _packed(_live(image), True)),
}
"""What can be called on a picture."""

FUNCTIONS: dict[str, Callable[..., object]] = {
    "get_viewport_pimg": _picture(_viewport),
    "get_bitmap_pimg": _picture(_bitmap),
    "get_viewport_table_rgba": _table(_viewport),
    "get_bitmap_table_rgba": _table(_bitmap),
    "get_viewport_split_yuv": viewport_split_yuv,
}
"""The library liveimg."""
