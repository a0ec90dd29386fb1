"""Motion detection and the histogram of the live view (modules/motion_detector.c)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chdkshell.sim.api.keys import KEY_MS
from chdkshell.sim.api.messages import deadline
from chdkshell.sim.lua.api import Api, Args, Caller, Wait
from chdkshell.sim.lua.values import Result

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOTION = Api()

MAX_CELLS = 1024

SIZE = (180, 120)
"""In how many pixels the live view is looked at."""

U, Y, V, R, G, B = range(6)
"""What is measured of a cell's pixels."""

INCLUDE, EXCLUDE = 1, 2
"""What is done with the region that is named."""

SHOOT, KEEP_PRESSED = 1, 8
"""Bits of the parameters: take a picture at once, and leave the key down."""


@dataclass(slots=True)
class Grid:
    """The cells of the detector, and what was measured last."""

    columns: int
    rows: int
    measured: int
    threshold: int
    region_mode: int
    region: tuple[int, int, int, int]
    values: list[int] = field(default_factory=list)
    differences: list[int] = field(default_factory=list)

    def look(self, cells: list[int]) -> int:
        """Take new values of the cells; return how many have changed by more than the threshold."""
        before = self.values or [0] * len(cells)
        found = []
        for index, value in enumerate(cells):
            watched = self._is_watched(index % self.columns + 1, index // self.columns + 1)
            found.append(abs(value - before[index]) if watched else 0)
        self.values, self.differences = cells, found
        return sum(difference > self.threshold for difference in found)

    def at(self, values: list[int], column: int, row: int) -> int:
        """Return the value of a cell, 0 outside the grid."""
        if not (1 <= column <= self.columns and 1 <= row <= self.rows) or not values:
            return 0
        return values[(row - 1) * self.columns + column - 1]

    def _is_watched(self, column: int, row: int) -> bool:
        left, top, right, bottom = self.region
        inside = left <= column <= right and top <= row <= bottom
        return {INCLUDE: inside, EXCLUDE: not inside}.get(self.region_mode, True)


def _live_view(script: Caller) -> NDArray[np.uint8]:
    """Return the live view as rows of RGB pixels. In play mode it stands still."""
    import numpy as np

    from chdkshell.sim.imaging.pictures import view_of
    from chdkshell.sim.imaging.scene import shown_bands

    state = script.state
    ticks, now = (state.clock.ticks(), state.clock.now()) if state.record_mode else (0, 0)
    view = view_of(state, ticks, now, state.zoom, 0.75)
    return np.concatenate(list(shown_bands(*SIZE, view)))


def _measure(rgb: NDArray[np.uint8], what: int) -> NDArray[np.float64]:
    """Return one number for each pixel: a colour, or what of YUV."""
    import numpy as np

    red, green, blue = (rgb[:, :, index].astype(np.float64) for index in range(3))
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    other = {U: (blue - luma) / 1.772, V: (red - luma) / 1.402, R: red, G: green, B: blue}
    return np.asarray(other.get(what, luma))


def _cells(script: Caller, grid: Grid) -> list[int]:
    """Return the mean of each cell of the grid, row by row."""
    pixels = _measure(_live_view(script), grid.measured)
    height, width = pixels.shape
    down, across = max(height // grid.rows, 1), max(width // grid.columns, 1)
    means = []
    for row in range(grid.rows):
        for column in range(grid.columns):
            top = min(row * height // grid.rows, height - 1)
            left = min(column * width // grid.columns, width - 1)
            means.append(int(pixels[top : top + down, left : left + across].mean()))
    return means


def _grid(args: Args) -> Grid:
    columns, rows = args.opt_integer(1, 6), args.opt_integer(2, 4)
    columns, rows = (count if count >= 1 else 3 for count in (columns, rows))
    columns, rows = min(columns, MAX_CELLS), min(rows, MAX_CELLS)
    while columns * rows > MAX_CELLS:
        if columns > rows:
            columns -= 1
        else:
            rows -= 1
    left, right = sorted((args.opt_integer(10, 0), args.opt_integer(12, 0)))
    top, bottom = sorted((args.opt_integer(11, 0), args.opt_integer(13, 0)))
    region = (left, top, right, bottom)
    threshold = max(args.opt_integer(6, 10), 0)
    return Grid(columns, rows, args.opt_integer(3, Y), threshold, args.opt_integer(9, 0), region)


@MOTION.function()
def md_detect_motion(script: Caller, args: Args) -> Result:
    """cells = md_detect_motion([columns, rows, measure, timeout, interval, threshold, draw,
    nothing, region mode, column 1, row 1, column 2, row 2, parameters, step, delay]): 0 for none
    """
    grid = _grid(args)
    timeout, interval = max(args.opt_integer(4, 10000), 0), max(args.opt_integer(5, 7), 0)
    args.opt_integer(7, 1)
    parameters, delay = args.opt_integer(14, SHOOT), max(args.opt_integer(16, 0), 0)
    args.opt_integer(15, 6)
    state = script.state
    script.motion = grid
    started = next_look = state.tick_count
    grid.values = _cells(script, grid)

    def look() -> Result | None:
        nonlocal next_look
        now = state.tick_count
        if now < next_look + interval:
            return None
        next_look = now
        moved = grid.look(_cells(script, grid))
        if not moved or now <= started + delay:
            return None
        return _shoot(script, parameters, moved) if parameters & SHOOT else moved

    return Wait(deadline(script, timeout), look, lambda: 0, polled=True)


def _shoot(script: Caller, parameters: int, moved: int) -> Result:
    """Press the shutter at once, and give the result when the key is up again."""
    keyboard = script.state.keyboard
    keyboard.press("shoot_full")

    def up() -> Result:
        if not parameters & KEEP_PRESSED:
            keyboard.release("shoot_full")
        return moved

    return Wait(deadline(script, KEY_MS), late=up)


@MOTION.function()
def md_get_cell_val(script: Caller, args: Args) -> Result:
    """value = md_get_cell_val(column, row)"""
    column, row, grid = args.integer(1), args.integer(2), script.motion
    return 0 if grid is None else grid.at(grid.values, column, row)


@MOTION.function()
def md_get_cell_diff(script: Caller, args: Args) -> Result:
    """difference = md_get_cell_diff(column, row)"""
    column, row, grid = args.integer(1), args.integer(2), script.motion
    return 0 if grid is None else grid.at(grid.differences, column, row)


@MOTION.function()
def get_live_histo(script: Caller, args: Args) -> Result:
    """counts, total = get_live_histo(): pixels by brightness, from 0 to 255"""
    import numpy as np

    luma = _measure(_live_view(script), Y).astype(np.uint8)
    counts = np.bincount(luma.ravel(), minlength=256)
    return {value: int(count) for value, count in enumerate(counts)}, int(luma.size)
