"""Raw data of a shot in the raw hook, and the histogram of a shot.

Follows modules/rawhookops.c and modules/shot_histogram.c of CHDK.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from chdkshell.sim.lua.api import Api, Args, Caller
from chdkshell.sim.lua.values import LuaError, Result

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from chdkshell.sim.imaging.sensor import Sensor
    from chdkshell.sim.shot import RawPixels

RAWOPS = Api()

EV96 = 96
"""Units of an EV, unless a script names another number."""

_UNSIGNED = 0xFFFFFFFF


def sensor_of(script: Caller) -> Sensor:
    """Return the camera's sensor."""
    from chdkshell.sim.imaging.sensor import camera_sensor

    return camera_sensor(script.state.identity.sensor, script.state.sensor_bits)


def frame_in_hook(script: Caller) -> RawPixels:
    """Return the raw frame, which is there only while the raw hook holds up a shot."""
    frame = script.state.raw_frame
    if frame is None or not script.state.shutter.hook_raw.active:
        raise LuaError("raw data not available")
    return frame


def unsigned(args: Args, index: int, default: int | None = None) -> int:
    """Return a number as an unsigned int has it."""
    value = args.integer(index) if default is None else args.opt_integer(index, default)
    return value & _UNSIGNED


# ---- what the sensor is -------------------------------------------------------------------------

_CONSTANTS = {
    "bits_per_pixel": lambda sensor: sensor.mosaic.bits,
    "black_level": lambda sensor: sensor.mosaic.black,
    "white_level": lambda sensor: sensor.mosaic.white,
    "raw_neutral": lambda sensor: _rounded(2 ** _neutral_log2(sensor)) + sensor.mosaic.black,
    "raw_width": lambda sensor: sensor.mosaic.width,
    "raw_height": lambda sensor: sensor.mosaic.height,
    "active_left": lambda sensor: sensor.mosaic.active.left,
    "active_top": lambda sensor: sensor.mosaic.active.top,
    "active_width": lambda sensor: sensor.mosaic.active.width,
    "active_height": lambda sensor: sensor.mosaic.active.bottom - sensor.mosaic.active.top,
    "jpeg_left": lambda sensor: sensor.mosaic.active.left + sensor.jpeg.left,
    "jpeg_top": lambda sensor: sensor.mosaic.active.top + sensor.jpeg.top,
    "jpeg_width": lambda sensor: sensor.jpeg.width,
    "jpeg_height": lambda sensor: sensor.jpeg.bottom - sensor.jpeg.top,
    "cfa": lambda sensor: _cfa(sensor),
}
"""What the functions rawop.get_* give of a sensor."""


def _add_constant(name: str, find: Any) -> None:
    RAWOPS.number(f"rawop.get_{name}", lambda script: find(sensor_of(script)))


for _name, _find in _CONSTANTS.items():
    _add_constant(_name, _find)


def _rounded(value: float) -> int:
    return int(value - 0.5 if value < 0 else value + 0.5)


def _neutral_log2(sensor: Sensor) -> float:
    from chdkshell.sim.imaging.rawframe import NEUTRAL_PART

    return math.log2((sensor.mosaic.white - sensor.mosaic.black) / NEUTRAL_PART)


def _cfa(sensor: Sensor) -> int:
    """Return the colours of the first four pixels as DNG has them: red 0, green 1, blue 2."""
    colours = (sensor.mosaic.colour_at(row, column) for row in range(2) for column in range(2))
    return int.from_bytes(bytes(colours), "little")


def _places(sensor: Sensor) -> dict[str, tuple[int, int]]:
    """Return where each colour of a quad of pixels lies in it, as x and y."""
    from chdkshell.chdk.imaging.rawimage import BLUE, RED

    places: dict[str, tuple[int, int]] = {}
    for y in range(2):
        for x in range(2):
            colour = sensor.mosaic.colour_at(y, x)
            green = "g2" if "g1" in places else "g1"
            places[{RED: "r", BLUE: "b"}.get(colour, green)] = (x, y)
    return places


@RAWOPS.function("rawop.get_cfa_offsets")
def get_cfa_offsets(script: Caller, args: Args) -> Result:
    """offsets = rawop.get_cfa_offsets()"""
    places = _places(sensor_of(script))
    return {name.encode(): {b"x": x, b"y": y} for name, (x, y) in places.items()}


# ---- its pixels ---------------------------------------------------------------------------------


def _inside(pixels: NDArray[np.uint16], x: int, y: int) -> bool:
    rows, columns = pixels.shape
    return bool(x < columns and y < rows)


@RAWOPS.function("rawop.get_pixel")
def get_pixel(script: Caller, args: Args) -> Result:
    """value = rawop.get_pixel(x, y): nothing outside the frame"""
    pixels = frame_in_hook(script).pixels
    x, y = unsigned(args, 1), unsigned(args, 2)
    return int(pixels[y, x]) if _inside(pixels, x, y) else None


@RAWOPS.function("rawop.set_pixel")
def set_pixel(script: Caller, args: Args) -> Result:
    """rawop.set_pixel(x, y, value)"""
    frame = frame_in_hook(script)
    x, y, value = unsigned(args, 1), unsigned(args, 2), args.integer(3)
    if _inside(frame.pixels, x, y):
        frame.pixels[y, x] = value & sensor_of(script).mosaic.white
        frame.changed = True


@RAWOPS.function("rawop.get_pixels_rgbg")
def get_pixels_rgbg(script: Caller, args: Args) -> Result:
    """r, g1, b, g2 = rawop.get_pixels_rgbg(x, y)"""
    frame = frame_in_hook(script)
    x, y = unsigned(args, 1) & ~1, unsigned(args, 2) & ~1
    if not _inside(frame.pixels, x + 1, y + 1):
        return None
    places = _places(sensor_of(script))
    return tuple(int(frame.pixels[y + places[n][1], x + places[n][0]]) for n in _QUAD)


_QUAD = ("r", "g1", "b", "g2")


@RAWOPS.function("rawop.set_pixels_rgbg")
def set_pixels_rgbg(script: Caller, args: Args) -> Result:
    """rawop.set_pixels_rgbg(x, y, r, g1, b [, g2])"""
    frame = frame_in_hook(script)
    x, y = unsigned(args, 1) & ~1, unsigned(args, 2) & ~1
    values = [args.integer(index) for index in (3, 4, 5)]
    values.append(args.opt_integer(6, values[1]))
    if not _inside(frame.pixels, x + 1, y + 1):
        return
    places = _places(sensor_of(script))
    for name, value in zip(_QUAD, values, strict=True):
        frame.pixels[y + places[name][1], x + places[name][0]] = (
            value & sensor_of(script).mosaic.white
        )
    frame.changed = True


@RAWOPS.function("rawop.fill_rect")
def fill_rect(script: Caller, args: Args) -> Result:
    """rawop.fill_rect(x, y, width, height, value [, xstep [, ystep]])"""
    frame = frame_in_hook(script)
    x, y, width, height = (unsigned(args, index) for index in (1, 2, 3, 4))
    value, across = args.integer(5), unsigned(args, 6, 1)
    down = unsigned(args, 7, across)
    if not _inside(frame.pixels, x, y):
        return
    if not across or not down:
        raise LuaError("simulated camera: a step of 0 would never end")
    area = frame.pixels[y : y + height : down, x : x + width : across]
    area[:] = value & sensor_of(script).mosaic.white
    frame.changed = True


@RAWOPS.function("rawop.meter")
def meter(script: Caller, args: Args) -> Result:
    """mean = rawop.meter(x, y, columns, rows, xstep, ystep)"""
    frame = frame_in_hook(script)
    x, y, columns, rows, across, down = (unsigned(args, index) for index in range(1, 7))
    right, bottom = x + across * columns, y + down * rows
    too_many = columns * rows > _UNSIGNED >> sensor_of(script).mosaic.bits
    if not columns or not rows or too_many or not _inside(frame.pixels, right - 1, bottom - 1):
        return None
    if not across or not down:
        raise LuaError("simulated camera: a step of 0 would never end")
    return int(frame.pixels[y:bottom:down, x:right:across].sum(dtype="u8")) // (columns * rows)


# ---- values and EV ------------------------------------------------------------------------------


@RAWOPS.function("rawop.raw_to_ev")
def raw_to_ev(script: Caller, args: Args) -> Result:
    """ev96 = rawop.raw_to_ev(value [, scale])"""
    sensor = sensor_of(script)
    value, scale = args.integer(1), args.opt_integer(2, EV96)
    light = max(value - sensor.mosaic.black, 1)
    return _rounded(scale * (math.log2(light) - _neutral_log2(sensor)))


@RAWOPS.function("rawop.ev_to_raw")
def ev_to_raw(script: Caller, args: Args) -> Result:
    """value = rawop.ev_to_raw(ev96 [, scale])"""
    sensor = sensor_of(script)
    ev, scale = args.integer(1), args.opt_integer(2, EV96)
    power = min(ev / scale + _neutral_log2(sensor), 31) if scale else 31
    return min(_rounded(2**power + sensor.mosaic.black), 0x7FFFFFFF)


# ---- the histogram of a shot --------------------------------------------------------------------


@RAWOPS.function()
def shot_histo_enable(script: Caller, args: Args) -> Result:
    """shot_histo_enable(on)"""
    on = args.on_off(1) != 0
    script.state.shot_histogram = (script.state.shot_histogram or [0] * 1024) if on else None


@RAWOPS.function()
def get_histo_range(script: Caller, args: Args) -> Result:
    """percent = get_histo_range(from, to): -1 where it is not enabled"""
    first, last = args.integer(1), args.integer(2)
    counts = script.state.shot_histogram
    if counts is None:
        return -1
    total = sum(counts)
    within = sum(counts[max(first, 0) : max(last + 1, 0)])
    return (within * 100 + total // 2) // total if total else 0


@RAWOPS.function()
def shot_histo_write_to_file(script: Caller, args: Args) -> Result:
    """shot_histo_write_to_file(): HST_nnnn.DAT beside the raw files"""
    counts = script.state.shot_histogram or [0] * 1024
    path = f"{script.state.image_dir}/HST_{script.state.exposure_count:04d}.DAT"
    data = b"".join((count & 0xFFFF).to_bytes(2, "little") for count in counts)
    try:
        with script.card.open(path, "w") as file:
            file.write(data)
    except OSError:
        return
