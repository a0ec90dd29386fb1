"""Histograms that scripts make of the raw frame: the object of rawop.create_histogram."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chdkshell.sim.api.rawops import frame_in_hook, sensor_of, unsigned
from chdkshell.sim.lua.api import Api, Args, Caller
from chdkshell.sim.lua.values import LuaError, Result, as_integer

HISTOGRAMS = Api()
"""What lua/rawop.lua makes the methods of: the first argument is the object's number."""

MAX_HISTOGRAMS = 64
"""Histograms with data that a script may have: its memory would hold no more."""


@dataclass(slots=True)
class RawHistogram:
    """How many of `total` pixels have each value of `bits` bits."""

    bits: int = 0
    total: int = 0
    counts: list[int] = field(default_factory=list)


def _with_data(script: Caller, args: Args) -> RawHistogram:
    histogram: RawHistogram | None = script.histograms.get(args.integer(1))
    if histogram is None:
        raise LuaError("no data")
    return histogram


@HISTOGRAMS.function("histogram.update")
def update(script: Caller, args: Args) -> Result:
    """histogram:update(x, y, width, height, xstep, ystep [, bits])"""
    pixels = frame_in_hook(script).pixels
    x, y, width, height, across, down = (unsigned(args, index) for index in range(2, 8))
    depth = sensor_of(script).mosaic.bits
    bits = args.opt_integer(8, depth)
    if not 1 <= bits <= depth:
        raise LuaError("invalid bit depth")
    number = args.integer(1)
    if not (x < pixels.shape[1] and y < pixels.shape[0] and across and down and width and height):
        raise LuaError("invalid update area")
    if number not in script.histograms and len(script.histograms) >= MAX_HISTOGRAMS:
        raise LuaError("insufficient memory")
    import numpy as np

    seen = pixels[y : y + height : down, x : x + width : across]
    counts = np.bincount(seen.ravel() >> (depth - bits), minlength=1 << bits)
    script.histograms[number] = RawHistogram(bits, int(seen.size), counts.tolist())


@HISTOGRAMS.function("histogram.range")
def value_range(script: Caller, args: Args) -> Result:
    """part = histogram:range(from, to [, 'count' or scale])"""
    histogram = _with_data(script, args)
    first, last = unsigned(args, 2), unsigned(args, 3)
    form: Any = args.value(4)
    scale = 1000 if form is None else as_integer(form) or 0
    if form != b"count" and not scale:
        raise LuaError("invalid format")
    if last >= len(histogram.counts) or first > last:
        raise LuaError("invalid range")
    count = sum(histogram.counts[first : last + 1])
    if form == b"count":
        return count
    part = scale * count / histogram.total
    return int(part - 0.5 if part < 0 else part + 0.5)


@HISTOGRAMS.function("histogram.total_pixels")
def total_pixels(script: Caller, args: Args) -> Result:
    """count = histogram:total_pixels()"""
    return _with_data(script, args).total


@HISTOGRAMS.function("histogram.bits")
def bits_of(script: Caller, args: Args) -> Result:
    """bits = histogram:bits()"""
    return _with_data(script, args).bits


@HISTOGRAMS.function("histogram.free")
def free(script: Caller, args: Args) -> Result:
    """histogram:free(): give up the data"""
    script.histograms.pop(args.integer(1), None)
