"""Several cameras in one terminal: their pictures side by side, and one that gets the keys."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chdkshell.errors import Cancelled, printable_name
from chdkshell.flow import CancelToken
from chdkshell.rig.members import Member
from chdkshell.rig.rig import Rig
from chdkshell.shell.results.liveview import LiveRun
from chdkshell.shell.terminal.fullscreen import FullScreen, Window
from chdkshell.shell.terminal.mouse import Mouse
from chdkshell.shell.terminal.pictures import Painter
from chdkshell.shell.viewing.camerahand import CameraHand
from chdkshell.shell.viewing.jointshot import JointShot
from chdkshell.shell.viewing.statusline import StatusLine
from chdkshell.shell.viewing.tile import Tile
from chdkshell.shell.viewing.tiling import TilePlace, most_tiles, places
from chdkshell.shell.viewing.viewfinderkeys import HELD_HINTS, LEAVE, TILED_HELP, TILED_HINTS

LOOK_SECONDS = 0.05
"""How often to look for new frames."""

ALL_FPS = 60.0
"""Frames a second that are fetched of all cameras together."""

HIDDEN_FPS = 1.0
"""Frames a second of a camera that is not shown: enough to know that it is there."""

_STATE_COLOUR = {"live": "", "frozen": "\x1b[33m", "gone": "\x1b[31m", "shooting": ""}

_DIM = 3
"""A picture that is not live is as much darker."""


@dataclass(frozen=True, slots=True)
class TileOptions:
    """How the cameras are shown, as the switches of `live` say."""

    overlay: bool
    fps: float
    asks_status: bool


class TiledView:
    """Shows cameras of a rig and gives keys to the one that is selected.

    `painter_of` makes what paints the n-th camera.
    """

    def __init__(
        self,
        rig: Rig,
        members: Sequence[Member],
        screen: FullScreen,
        painter_of: Callable[[int], Painter],
        options: TileOptions,
        cancel: CancelToken,
    ) -> None:
        self._screen = screen
        self._fps = options.fps
        self._cancel = cancel
        self._tiles = [
            Tile(
                rig,
                member,
                overlay=options.overlay,
                fps=options.fps,
                asks_status=options.asks_status,
            )
            for member in members
        ]
        self._painters = [painter_of(index) for index in range(len(members))]
        self._joint = JointShot(rig, self._tiles)
        self._at = 0
        self._is_large = False
        self._helps = False
        self._left = False
        self._window: Window | None = None
        self._places: dict[int, TilePlace] = {}
        self._drawn: dict[int, tuple[int, bool, tuple[int, ...]]] = {}
        self._texts: dict[tuple[int, int], str] = {}
        self._mouse = Mouse()
        self._status = StatusLine()
        self._keys: dict[str, Callable[[], None]] = {
            "c-i": lambda: self._select(self._at + 1),
            "s-tab": lambda: self._select(self._at - 1),
            "z": lambda: self._enlarge(not self._is_large),
            "escape": lambda: self._enlarge(False),
            "S": self._joint.begin,
            "g": lambda: self._tile.change_histogram(),
            "o": lambda: self._tile.toggle_overlay(),
            "s": lambda: self._tile.save(),
            "v": lambda: self._tile.toggle_recording(),
            "?": self._help,
        }

    def run(self) -> LiveRun:
        """Show the cameras until a key leaves the view, or the token is set."""
        start = time.monotonic()
        try:
            for tile in self._tiles:
                tile.start()
            with contextlib.suppress(Cancelled):
                self._show()
        finally:
            self._joint.stop()
            for tile in self._tiles:
                tile.stop()
            for tile in self._tiles:
                tile.wait_end()
        saved = tuple(name for tile in self._tiles for name in tile.saved)
        frames = sum(tile.frames for tile in self._tiles)
        return LiveRun(frames, time.monotonic() - start, saved)

    @property
    def _tile(self) -> Tile:
        return self._tiles[self._at]

    def _show(self) -> None:
        while not self._left:
            if not self._helps:
                self._lay_out()
                for index, place in self._places.items():
                    self._show_tile(index, place)
                self._show_status()
            for key in self._screen.keys(LOOK_SECONDS):
                self._press(key)

    # ---- what is shown ----

    def _lay_out(self) -> None:
        window = self._screen.window
        if self._is_large:
            shown = range(self._at, self._at + 1)
        else:
            most = most_tiles(window)
            first = self._at // most * most
            shown = range(first, min(first + most, len(self._tiles)))
        if window == self._window and list(self._places) == list(shown):
            return
        self._window = window
        self._places = dict(zip(shown, places(len(shown), window), strict=True))
        for index, tile in enumerate(self._tiles):
            tile.fps = min(self._fps, ALL_FPS / len(shown) if index in shown else HIDDEN_FPS)
        self._erase()

    def _erase(self) -> None:
        for painter in self._painters:
            painter.forget()
        self._drawn.clear()
        self._texts.clear()
        self._screen.write("\x1b[0m\x1b[2J")

    def _show_tile(self, index: int, place: TilePlace) -> None:
        tile, state = self._tiles[index], self._tiles[index].state
        label = tile.member.label
        number = tile.member.number
        name = label if label == str(number) else f"{number} {label}"
        rate = f"  {tile.rate:4.1f} fps" if state == "live" else ""
        caption = f" {printable_name(name)}  {state}{rate}"[: place.columns - 1]
        style = ("\x1b[7m" if index == self._at else "") + _STATE_COLOUR[state]
        self._put(place.left, place.top, f"{caption:{place.columns - 1}}", style)
        picture, is_live = tile.picture, state in ("live", "shooting")
        if picture is None:
            return
        key = (tile.frames, is_live, picture.shape)
        if self._drawn.get(index) == key:
            return
        if index in self._drawn and self._drawn[index][2] != picture.shape:
            self._erase()
        self._drawn[index] = key
        cell = self._screen.window.cell
        box = place.box(picture.shape[1], picture.shape[0], cell)
        shown = picture if is_live else picture // _DIM
        self._screen.write(self._painters[index].paint(shown, box, cell))

    def _show_status(self) -> None:
        window, tile = self._screen.window, self._tile
        # What happened comes first: all of it is to be seen in a narrow window, too.
        parts = (f"{printable_name(tile.member.label)}:", tile.message, *tile.states)
        hints = HELD_HINTS if tile.holds_half else TILED_HINTS
        line = self._status.compose(parts, hints, window.columns - 1)
        self._put(0, window.rows - 1, line, ends_line=True)

    def _put(
        self, column: int, row: int, text: str, style: str = "", *, ends_line: bool = False
    ) -> None:
        """Write a text where it is not there already."""
        shown = f"\x1b[0m{style}{text}\x1b[0m" + ("\x1b[K" if ends_line else "")
        if self._texts.get((column, row)) != shown:
            self._texts[column, row] = shown
            self._screen.write(f"\x1b[{row + 1};{column + 1}H{shown}")

    def _help(self) -> None:
        """Show what the keys do, until one is pressed."""
        self._erase()
        window = self._screen.window
        for row, line in enumerate(TILED_HELP[: max(window.rows - 1, 1)]):
            self._put(0, row, line[: window.columns - 1])
        self._helps = True

    # ---- keys ----

    def _press(self, key: str) -> None:
        if self._mouse.is_meant(key):
            self._do_mouse(key)
        elif self._helps:
            self._helps = False
            self._erase()
            self._left = key in LEAVE
        else:
            self._do(key, CameraHand.press)

    def _do(self, key: str, of_camera: Callable[[CameraHand, str], bool]) -> None:
        if key in LEAVE:
            self._left = True
        elif key in self._keys:
            self._keys[key]()
        elif key.isdecimal() and len(key) == 1:
            self._select_number(int(key))
        elif key:
            self._tile.do(lambda hand: of_camera(hand, key))

    def _do_mouse(self, report: str) -> None:
        act = self._mouse.take(report)
        if act is None:
            return
        if self._helps:
            if not act.wheel:
                self._press("")
            return
        if act.row == self._screen.window.rows - 1:
            if not act.wheel:
                self._do(self._status.key_at(act.column), CameraHand.click)
            return
        for index, place in self._places.items():
            if place.holds(act.column, act.row):
                if act.wheel:
                    self._tiles[index].do(lambda hand: hand.turn(act.wheel))
                else:
                    self._select(index)

    def _select(self, index: int) -> None:
        self._at = index % len(self._tiles)

    def _select_number(self, number: int) -> None:
        for index, tile in enumerate(self._tiles):
            if tile.member.number == number:
                self._select(index)

    def _enlarge(self, is_large: bool) -> None:
        self._is_large = is_large
