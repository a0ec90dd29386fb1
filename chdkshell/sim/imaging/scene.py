"""What stands before the simulated camera's lens: one moving scene for its screen and its pictures.

A landscape with a horizon, a balloon that drifts across the sky, a swift that shoots across it now
and then, a colour chart, and a board with a clock. Zooming magnifies landscape, balloon and swift
about the middle of the picture; chart and clock hang before the lens, and are in every picture at
the same place.

Pictures here are linear light: (height, width, 3) float32 where 1 is white paper. Positions in the
landscape are in units of its width, y downwards from the top of a 4:3 picture. The pixels of a
picture need not be square.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from chdkshell.sim.imaging.fonts import font

Light = NDArray[np.float32]

BAND = 32
"""Rows that are drawn at a time: whole pictures of light, and steps to them, take much memory."""

CENTRE_X, CENTRE_Y = 0.5, 0.375
"""What lies in the middle of every picture."""

HORIZON = 0.42
"""Where the horizon lies without zoom."""

CHART_COLUMNS, CHART_ROWS = 6, 4
CHART_BOX = (0.03, 0.67, 0.36, 0.96)
CLOCK_BOX = (0.58, 0.12, 0.97, 0.24)
"""Left, top, right and bottom of what hangs before the lens, as parts of the picture."""

BALLOON_SECONDS = 20.0
"""The time that the balloon takes from side to side."""

_BALLOON_Y, _BALLOON_RADIUS = 0.24, 0.045
SWIFT_SECONDS, SWIFT_FIRST, SWIFT_PASS = 4.0, 2.0, 0.25
"""How often the swift comes, when for the first time, and how long it is seen."""

_SWIFT_Y, _SWIFT_RADIUS = 0.055, 0.05
_SUN = (0.33, 0.17, 0.035)
_GAMMA = 2.2

_GREYS = (0.90, 0.59, 0.36, 0.19, 0.09, 0.03)
"""Reflectance of the chart's last row, white to black."""


@dataclass(frozen=True, slots=True)
class View:
    """What a picture is taken of: the lens's magnification, and when.

    `seconds` moves things and `clock` is what the clock shows. `field_height` is the picture's
    height in units of its width: 0.75 for 4:3.
    """

    magnification: float = 1.0
    seconds: float = 0.0
    clock: str = "00:00:00.0"
    field_height: float = 0.75


@dataclass(frozen=True)
class Patch:
    """A moving part as it lies in a picture: its place in pixels, colours, and coverage, 0 or 1."""

    left: int
    top: int
    light: Light
    cover: Light

    @property
    def right(self) -> int:
        return self.left + int(self.cover.shape[1])

    @property
    def bottom(self) -> int:
        return self.top + int(self.cover.shape[0])

    @cached_property
    def shown(self) -> NDArray[np.uint8]:
        """Its colours as RGB bytes for a screen."""
        return to_display(self.light)

    @cached_property
    def covers(self) -> NDArray[np.bool_]:
        """Which of its pixels hide what lies behind: rows x columns x 1."""
        return self.cover[:, :, None] > 0


def bands(width: int, height: int, view: View) -> Iterator[Light]:
    """Yield the scene in `width` x `height` pixels, some rows at a time."""
    parts = moving_parts(width, height, view)
    for top, rows in _backdrop_bands(width, height, view):
        for patch in parts:
            paint(rows, patch, top)
        yield rows


def render(width: int, height: int, view: View) -> Light:
    """Return the scene in `width` x `height` pixels."""
    return np.concatenate(list(bands(width, height, view)))


def shown_bands(
    width: int, height: int, view: View, gain: float = 1.0
) -> Iterator[NDArray[np.uint8]]:
    """Yield the scene as `to_display` returns it, some rows at a time."""
    return (to_display(rows, gain) for rows in bands(width, height, view))


def to_display(light: Light, gain: float = 1.0) -> NDArray[np.uint8]:
    """Return light as RGB bytes for a screen. `gain` is the exposure: 2 is one stop more."""
    tone = np.clip(light * np.float32(gain), 0, 1) ** np.float32(1 / _GAMMA)
    shown: NDArray[np.uint8] = (tone * 255 + 0.5).astype(np.uint8)
    return shown


def paint(rows: Light, patch: Patch, top: int = 0) -> None:
    """Lay `patch` over rows of a picture, the first of which is `top` of the whole."""
    first, last = max(patch.top, top), min(patch.bottom, top + len(rows))
    if first < last:
        part = slice(first - patch.top, last - patch.top)
        area = rows[first - top : last - top, patch.left : patch.right]
        np.copyto(area, patch.light[part], where=patch.covers[part])


def backdrop(width: int, height: int, view: View) -> Light:
    """Return what does not move: the landscape and the colour chart."""
    return np.concatenate([rows for _, rows in _backdrop_bands(width, height, view)])


def shown_backdrop(width: int, height: int, view: View) -> NDArray[np.uint8]:
    """Return what does not move as RGB bytes for a screen."""
    parts = _backdrop_bands(width, height, view)
    return np.concatenate([to_display(rows) for _, rows in parts])


def _backdrop_bands(width: int, height: int, view: View) -> Iterator[tuple[int, Light]]:
    """Yield what does not move, some rows at a time, and where they begin."""
    for top in range(0, height, BAND):
        rows = _landscape(width, height, view, top, min(BAND, height - top))
        _hang_chart(rows, top, height)
        yield top, rows


def moving_parts(width: int, height: int, view: View) -> list[Patch]:
    """Return what moves, back to front, as far as it lies in the picture."""
    parts = (
        _balloon(width, height, view),
        _swift(width, height, view),
        _clock(width, height, view),
    )
    return [part for part in parts if part is not None]


# ---- the landscape ------------------------------------------------------------------------------


def _landscape(width: int, height: int, view: View, first: int, count: int) -> Light:
    x = CENTRE_X + (_centres(width) - CENTRE_X) / view.magnification
    y = CENTRE_Y + (_centres(height) - 0.5) * view.field_height / view.magnification
    y = y[first : first + count]
    rows = np.empty((count, width, 3), np.float32)
    down = np.clip(y / HORIZON, 0, 1)[:, None]
    rows[:] = _mix((0.10, 0.22, 0.55), (0.55, 0.62, 0.70), down)[:, None, :]
    sun_x, sun_y, radius = _SUN
    rows[np.hypot(x[None, :] - sun_x, y[:, None] - sun_y) < radius] = (4.0, 3.6, 2.6)
    hills = HORIZON - 0.03 - 0.03 * np.sin(x * 17) - 0.012 * np.sin(x * 53)
    rows[y[:, None] > hills[None, :]] = (0.05, 0.08, 0.10)
    ground = y > HORIZON
    # Furrows run towards the point where the horizon meets the middle.
    depth = np.maximum(y[ground] - HORIZON, 1e-4)[:, None]
    furrow = np.sin((x[None, :] - CENTRE_X) / depth * 12) > 0
    rows[ground] = np.where(furrow[:, :, None], (0.10, 0.16, 0.04), (0.17, 0.20, 0.07))
    return rows


def _balloon(width: int, height: int, view: View) -> Patch | None:
    """Return the balloon, red with a bright side, where it is by now."""
    along = view.seconds / BALLOON_SECONDS % 1
    across, down = width, height / view.field_height
    x = (CENTRE_X + (along - CENTRE_X) * view.magnification) * across
    y = _row_of(_BALLOON_Y, height, view)
    rx, ry = (_BALLOON_RADIUS * view.magnification * scale for scale in (across, down))
    left, right = _clip(x - rx, x + rx, width)
    top, bottom = _clip(y - ry, y + ry, height)
    if left >= right or top >= bottom:
        return None
    dx = ((np.arange(left, right) + 0.5 - x) / rx)[None, :]
    dy = ((np.arange(top, bottom) + 0.5 - y) / ry)[:, None]
    cover = (np.hypot(dx, dy) < 1).astype(np.float32)
    shade = np.clip(0.65 - 0.35 * (dx + dy), 0.2, 1)
    light = (shade[:, :, None] * np.array((0.75, 0.08, 0.06))).astype(np.float32)
    return Patch(left, top, light, cover)


def _swift(width: int, height: int, view: View) -> Patch | None:
    """Return the swift, a dark spot, while it crosses the sky."""
    along = ((view.seconds - SWIFT_FIRST) % SWIFT_SECONDS) / SWIFT_PASS
    if along >= 1:
        return None
    rx = _SWIFT_RADIUS * view.magnification * width
    ry = rx / width * height / view.field_height
    x = (CENTRE_X + (along - CENTRE_X) * view.magnification) * width
    y = _row_of(_SWIFT_Y, height, view)
    left, right = _clip(x - rx, x + rx, width)
    top, bottom = _clip(y - ry, y + ry, height)
    if left >= right or top >= bottom:
        return None
    dx = ((np.arange(left, right) + 0.5 - x) / rx)[None, :]
    dy = ((np.arange(top, bottom) + 0.5 - y) / ry)[:, None]
    cover = (np.hypot(dx, dy) < 1).astype(np.float32)
    return Patch(left, top, np.full((*cover.shape, 3), 0.02, np.float32), cover)


# ---- what hangs before the lens -----------------------------------------------------------------


def _hang_chart(picture: Light, top: int, height: int) -> None:
    """Draw as much of the chart as lies in rows of a picture, the first of which is `top`."""
    box = _box(CHART_BOX, picture.shape[1], height)
    if box[2] - box[0] < CHART_COLUMNS or box[3] - box[1] < CHART_ROWS:
        return
    _fill(picture, top, box, (0.02, 0.02, 0.02))
    columns = np.linspace(box[0], box[2], CHART_COLUMNS + 1).round().astype(int).tolist()
    rows = np.linspace(box[1], box[3], CHART_ROWS + 1).round().astype(int).tolist()
    gap_x, gap_y = (box[2] - box[0]) // 60, (box[3] - box[1]) // 40
    for row in range(CHART_ROWS):
        for column in range(CHART_COLUMNS):
            field = (
                columns[column] + gap_x,
                rows[row] + gap_y,
                columns[column + 1] - gap_x,
                rows[row + 1] - gap_y,
            )
            _fill(picture, top, field, chart_colour(row, column))


def _fill(
    picture: Light, top: int, box: tuple[int, int, int, int], colour: tuple[float, float, float]
) -> None:
    """Fill a box, as far as it lies in rows of a picture, the first of which is `top`."""
    first, last = max(box[1] - top, 0), max(box[3] - top, 0)
    picture[first:last, box[0] : box[2]] = colour


def chart_colour(row: int, column: int) -> tuple[float, float, float]:
    """Return the reflectance of a field of the chart: three rows of hues, and one of greys."""
    if row == CHART_ROWS - 1:
        grey = _GREYS[column]
        return grey, grey, grey
    import colorsys

    hue = (row * CHART_COLUMNS + column) / (CHART_COLUMNS * (CHART_ROWS - 1))
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.9, 0.7)
    return red, green, blue


def _clock(width: int, height: int, view: View) -> Patch | None:
    left, top, right, bottom = _box(CLOCK_BOX, width, height)
    if right - left < 8 or bottom - top < 4:
        return None
    shape = (CLOCK_BOX[3] - CLOCK_BOX[1]) / (CLOCK_BOX[2] - CLOCK_BOX[0]) * view.field_height
    return _board(view.clock, left, top, right, bottom, shape)


@lru_cache(maxsize=4)
def _board(text: str, left: int, top: int, right: int, bottom: int, shape: float) -> Patch:
    ink = _lettering(text, right - left, bottom - top, shape)[:, :, None]
    light = np.float32(0.85) + ink * (np.array((0.02, 0.02, 0.10), np.float32) - np.float32(0.85))
    return Patch(left, top, light, np.ones(light.shape[:2], np.float32))


def _lettering(text: str, width: int, height: int, shape: float) -> Light:
    """Return `text` in the middle of a board: 1 is ink, 0 is board. `shape` is height by width."""
    # Letters are drawn with square pixels, then squeezed to those of the picture.
    square = max(width, round(height / shape)), max(height, round(width * shape))
    image = Image.new("L", square)
    ImageDraw.Draw(image).text(
        (square[0] / 2, square[1] / 2),
        text,
        fill=255,
        anchor="mm",
        font=font(square[1] * 0.8),
    )
    return np.asarray(image.resize((width, height)), np.float32) / np.float32(255)


# ---- helpers ------------------------------------------------------------------------------------


def _centres(count: int) -> NDArray[np.float64]:
    """Return where the middles of `count` pixels lie, between 0 and 1."""
    return (np.arange(count) + 0.5) / count


def _row_of(y: float, height: int, view: View) -> float:
    """Return where the landscape's `y` lies in a picture of `height` rows."""
    return (0.5 + (y - CENTRE_Y) * view.magnification / view.field_height) * height


def _mix(
    first: tuple[float, float, float], last: tuple[float, float, float], part: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.array(first) * (1 - part) + np.array(last) * part


def _box(
    box: tuple[float, float, float, float], width: int, height: int
) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    return round(left * width), round(top * height), round(right * width), round(bottom * height)


def _clip(first: float, last: float, limit: int) -> tuple[int, int]:
    return max(int(first), 0), min(int(last) + 1, limit)
