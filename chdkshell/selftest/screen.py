"""The live view: each of the buffers that it is made of.

In play mode there may be no picture, and then the viewport is empty.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from chdkshell.chdk import versions
from chdkshell.chdk.constants import DisplayData
from chdkshell.chdk.imaging.framebuffers import BLOCKS, FrameBuffer, FrameBufferType
from chdkshell.chdk.imaging.liveview import Frame
from chdkshell.selftest.bench import Bench
from chdkshell.selftest.checks import Trial
from chdkshell.selftest.outcomes import AbsentError, require

FRAMES = 10

WIDEST, HIGHEST = 4096, 2160
"""Far above what any such camera's screen has."""

NARROWEST, LOWEST = 64, 48

Buffer = Callable[[Frame], FrameBuffer | None]


def frame(bench: Bench, parts: DisplayData) -> Frame:
    """Return a frame with some parts."""
    return Frame.parse(bench.camera.protocol.get_display_data(parts, bench.cancel))


def end_of(buffer: FrameBuffer) -> int:
    """Return where the pixels of a buffer end in their frame."""
    return buffer.offset + buffer.row_bytes * buffer.height


def buffer_check(part: DisplayData, name: str, buffer: Buffer) -> Callable[[Bench], str]:
    """Return what looks at one buffer, asked for alone: the frame ends where its pixels do."""

    def run(bench: Bench) -> str:
        seen = frame(bench, part)
        found = buffer(seen)
        if found is None:
            raise AbsentError(f"no buffer for the {name}")
        shape = f"{found.width}x{found.height} in rows of {found.buffer_width}"
        require(bool(found.offset), f"no pixels ({shape})", f"those of the {name}")
        kind = found.type
        require(kind in BLOCKS, f"a buffer of type {kind}", f"one of {sorted(map(int, BLOCKS))}")
        require(
            NARROWEST <= found.width <= WIDEST and LOWEST <= found.height <= HIGHEST,
            shape,
            f"{NARROWEST}x{LOWEST} to {WIDEST}x{HIGHEST}",
        )
        size = len(seen.data)
        require(
            end_of(found) == size,
            f"{shape} end at byte {end_of(found)} of {size}",
            "the last one",
        )
        bench.measured.update(
            type=kind, width=found.width, height=found.height, buffer_width=found.buffer_width
        )
        return f"{shape}, {FrameBufferType(kind).name}"

    return run


def palette(bench: Bench) -> str:
    """The palette is as long as its type says."""
    seen = frame(bench, DisplayData.PALETTE | DisplayData.BITMAP)
    if not seen.palette_offset:
        raise AbsentError("no palette for the overlay")
    kind, data = seen.palette
    require(len(data) == kind.size, f"{len(data)} bytes", f"{kind.size}")
    bench.measured["type"] = int(kind)
    return f"{kind.size // 4} colours, type {int(kind)}"


def together(bench: Bench) -> str:
    """All parts in one frame, several in a row."""
    parts = DisplayData.VIEWPORT | DisplayData.BITMAP | DisplayData.PALETTE
    parts |= DisplayData.BITMAP_OPACITY
    start = time.monotonic()
    sizes = set()
    for _ in range(FRAMES):
        seen = frame(bench, parts)
        ends = [end_of(b) for b in (seen.viewport, seen.bitmap, seen.opacity) if b and b.offset]
        ends.append(seen.palette_offset and seen.palette_offset + seen.palette[0].size)
        size = len(seen.data)
        require(max(ends) == size, f"the parts end at byte {max(ends)} of {size}", "the last one")
        sizes.add(size)
    rate = FRAMES / max(time.monotonic() - start, 1e-6)
    bench.measured.update(frames_per_s=round(rate, 1), bytes=max(sizes))
    return f"{FRAMES} whole frames of {max(sizes) >> 10} KB, {rate:.0f} a second"


LIVE = versions.LIVE_VIEW

CHECKS = (
    Trial(
        "live viewport",
        "its pixels fill the frame",
        buffer_check(DisplayData.VIEWPORT, "viewport", lambda seen: seen.viewport),
        LIVE,
        records=True,
    ),
    Trial(
        "live overlay",
        "its pixels fill the frame",
        buffer_check(DisplayData.BITMAP, "overlay", lambda seen: seen.bitmap),
        LIVE,
        records=True,
    ),
    Trial("live palette", "it is as long as its type says", palette, LIVE, records=True),
    Trial(
        "live opacity",
        "its pixels fill the frame",
        buffer_check(DisplayData.BITMAP_OPACITY, "opacity", lambda seen: seen.opacity),
        LIVE,
        records=True,
    ),
    Trial("live frames", "all parts come in one frame", together, LIVE, records=True),
)
