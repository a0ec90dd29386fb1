"""The simulated camera's display: frame buffers, and what GetDisplayData sends of them.

The layout is that of CHDK's trunk/core/live_view.c: header, descriptors, then palette, viewport,
bitmap and opacity as far as they were asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from chdkshell.chdk.constants import DisplayData
from chdkshell.chdk.imaging.framebuffers import (
    DESCRIPTOR,
    HEADER,
    VERSION,
    FrameBufferType,
    LcdAspect,
    PaletteType,
)
from chdkshell.errors import UsageError
from chdkshell.sim.console import ROWS
from chdkshell.sim.display import overlay
from chdkshell.sim.display.canvas import ScreenText
from chdkshell.sim.display.inks import Ink
from chdkshell.sim.properties import Prop
from chdkshell.streams import Buffer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from chdkshell.sim.display.playback import Playback
    from chdkshell.sim.display.viewport import Viewport
    from chdkshell.sim.imaging.scene import View
    from chdkshell.sim.state import CameraState

_EMPTY_MV, _FULL_MV = 3200, 4100
"""Voltages between which the battery symbol fills."""


class ScreenKind(StrEnum):
    """Which frame buffers the camera has: those of Digic 2 to 5, or the two of Digic 6."""

    YUV8 = "yuv8"
    YUV8B = "yuv8b"
    YUV8C = "yuv8c"

    @property
    def viewport_type(self) -> FrameBufferType:
        """How the viewport is stored."""
        return FrameBufferType[self.name]


@dataclass(frozen=True, slots=True)
class Margins:
    """Black borders of the LCD, in pixels of the viewport."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0


@dataclass(frozen=True, slots=True)
class ScreenSetup:
    """The kind of screen. Raises `UsageError` where the sizes cannot be.

    `buffer_width` is how wide the viewport's buffer is, of which 720 pixels less the margins are
    seen. `palette` counts for the kind yuv8 alone: the others have no palette.
    """

    kind: ScreenKind = ScreenKind.YUV8
    margins: Margins = Margins()
    buffer_width: int = 736
    palette: PaletteType = PaletteType.VUYA_256
    lcd_aspect: LcdAspect = LcdAspect.RATIO_4_3

    def __post_init__(self) -> None:
        margins = self.margins
        if min(margins.left, margins.top, margins.right, margins.bottom) < 0:
            raise UsageError("a screen's margins cannot be negative")
        if self.visible_width < 8 or self.visible_height < 8:
            raise UsageError("these margins leave nothing of the screen")
        if self.visible_width % 4 or self.buffer_width % 4:
            raise UsageError("the widths of a viewport are multiples of 4")
        if not self.visible_width <= self.buffer_width <= MAX_BUFFER_WIDTH:
            raise UsageError(
                f"the buffer has to be {self.visible_width} to {MAX_BUFFER_WIDTH} pixels wide"
            )

    @property
    def has_opacity(self) -> bool:
        """Whether the overlay is YUV with an opacity buffer, as on Digic 6."""
        return self.kind is not ScreenKind.YUV8

    @property
    def height(self) -> int:
        """Rows of the LCD."""
        return 480 if self.has_opacity else 240

    @property
    def visible_width(self) -> int:
        """Columns of the viewport that are seen."""
        return SCREEN_WIDTH - self.margins.left - self.margins.right

    @property
    def visible_height(self) -> int:
        """Rows of the viewport."""
        return self.height - self.margins.top - self.margins.bottom

    @property
    def bitmap_buffer_width(self) -> int:
        """Columns of the overlay's buffer, of which 720 are seen."""
        return 736 if self.has_opacity else 960

    @staticmethod
    def from_options(options: Mapping[str, str]) -> ScreenSetup:
        """Return the setup that texts describe: options by the names in `SCREEN_OPTIONS`.

        What is left out is as it is by default. Raises `UsageError`.
        """
        default = ScreenSetup()
        kind = _choice(options, "screen", {k.value: k for k in ScreenKind}, default.kind)
        margins = default.margins
        if text := options.get("margins"):
            numbers = [_number("margins", part) for part in text.split(":")]
            if len(numbers) != 4:
                raise UsageError(f"'{text}' are no margins", "write left:top:right:bottom")
            margins = Margins(*numbers)
        width = _number("buffer", options.get("buffer", str(default.buffer_width)))
        palettes = {str(k.value): k for k in PaletteType}
        palette = _choice(options, "palette", palettes, default.palette)
        aspect = _choice(options, "lcd", _ASPECTS, default.lcd_aspect)
        return ScreenSetup(kind, margins, width, palette, aspect)


SCREEN_OPTIONS = ("screen", "margins", "buffer", "palette", "lcd")
"""Kind of frame buffers, margins, width of the viewport's buffer, palette type, and LCD."""

_ASPECTS = {
    "4:3": LcdAspect.RATIO_4_3,
    "16:9": LcdAspect.RATIO_16_9,
    "3:2": LcdAspect.RATIO_3_2,
}

_Chosen = TypeVar("_Chosen")


def _choice(
    options: Mapping[str, str], name: str, choices: Mapping[str, _Chosen], default: _Chosen
) -> _Chosen:
    text = options.get(name)
    if text is None:
        return default
    if text not in choices:
        raise UsageError(f"no {name} is called '{text}'", f"there are: {', '.join(choices)}")
    return choices[text]


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise UsageError(f"'{text}' is no number of pixels for {name}")
    return int(text)


SCREEN_WIDTH = 720
"""Columns of the LCD, in pixels of the frame buffers."""

DIALOG_COLUMNS = 36
"""How wide a question is on the screen, in letters."""

MAGNIFYING = 1.25
"""What one step of the zoom key enlarges a picture by in play mode."""

MAX_BUFFER_WIDTH = 4096
"""No camera's frame buffer is that wide."""


class Screen:
    """The display of one camera. Its calls must not overlap: the responder's lock sees to that.

    `playback` has the picture that is seen in play mode. Without one, the scene stands still.
    """

    def __init__(
        self,
        state: CameraState,
        setup: ScreenSetup | None = None,
        playback: Playback | None = None,
    ) -> None:
        self._state = state
        self._playback = playback
        self._played: tuple[bytes, int, Buffer] = (b"", 0, b"")
        self.setup = setup or ScreenSetup()
        self._viewport: Viewport | None = None
        self._still: View | None = None
        self._drawn: dict[DisplayData, tuple[overlay.Labels, Buffer]] = {}

    def display_data(self, flags: int) -> bytes:
        """Return the answer to GetDisplayData. `flags` are those of `DisplayData`."""
        setup = self.setup
        wanted = DisplayData(flags & _ALL)
        palette = b""
        if DisplayData.PALETTE in wanted and not setup.has_opacity:
            palette = overlay.palette(setup.palette)
        viewport = self._viewport_data() if DisplayData.VIEWPORT in wanted else b""
        bitmap = self._overlay(DisplayData.BITMAP) if DisplayData.BITMAP in wanted else b""
        opacity: Buffer = b""
        if DisplayData.BITMAP_OPACITY in wanted and setup.has_opacity:
            opacity = self._overlay(DisplayData.BITMAP_OPACITY)
        return b"".join(
            (self._head(palette, viewport, bitmap, opacity), palette, viewport, bitmap, opacity)
        )

    def _head(self, palette: bytes, viewport: Buffer, bitmap: Buffer, opacity: Buffer) -> bytes:
        """Return header and descriptors. A part that is not sent has the offset 0."""
        setup = self.setup
        first = HEADER.size
        starts = [first, first + DESCRIPTOR.size, 0]
        if setup.has_opacity:
            starts[2] = first + 2 * DESCRIPTOR.size
        offset = first + (3 if setup.has_opacity else 2) * DESCRIPTOR.size
        offsets = []
        for part in (palette, viewport, bitmap, opacity):
            offsets.append(offset if part else 0)
            offset += len(part)
        margins = setup.margins
        bitmap_type = FrameBufferType.YUV8B if setup.has_opacity else FrameBufferType.PAL8
        bitmap_size = (setup.bitmap_buffer_width, SCREEN_WIDTH, setup.height)
        head = HEADER.pack(
            *VERSION, setup.lcd_aspect, setup.palette if palette else 0, offsets[0], *starts
        )
        head += DESCRIPTOR.pack(
            setup.kind.viewport_type,
            offsets[1],
            setup.buffer_width,
            setup.visible_width,
            setup.visible_height,
            margins.left,
            margins.top,
            margins.right,
            margins.bottom,
        )
        head += DESCRIPTOR.pack(bitmap_type, offsets[2], *bitmap_size, 0, 0, 0, 0)
        if setup.has_opacity:
            head += DESCRIPTOR.pack(FrameBufferType.OPACITY8, offsets[3], *bitmap_size, 0, 0, 0, 0)
        return head

    def _viewport_data(self) -> Buffer:
        from chdkshell.sim.display.viewport import Viewport

        if self._viewport is None:
            setup = self.setup
            self._viewport = Viewport(
                setup.kind.viewport_type,
                setup.buffer_width,
                setup.visible_width,
                setup.visible_height,
            )
        if self._playback is not None and not self._state.record_mode:
            picture = self._play(self._playback, self._viewport)
            if picture:
                return picture
        return self._viewport.frame(self._view())

    def _play(self, playback: Playback, viewport: Viewport) -> Buffer:
        """Return the viewport with a picture in it, or with the index; b"" where there is none."""
        shown = self._state.shown
        jpeg = playback.file()
        if jpeg is not self._played[0] or shown.magnified != self._played[1]:
            from chdkshell.sim.display import playback as pictures

            setup = self.setup
            shape = setup.visible_width, setup.visible_height, self._field_height()
            drawn: NDArray[np.uint8] | None
            if shown.magnified < 0:
                count = pictures.INDEX_COLUMNS * pictures.INDEX_ROWS
                drawn = pictures.index_on_screen(playback.files(shown.picture, count), *shape)
            else:
                drawn = pictures.on_screen(jpeg, *shape, MAGNIFYING**shown.magnified)
            buffer: Buffer = b"" if drawn is None else viewport.picture(drawn)
            self._played = (jpeg, shown.magnified, buffer)
        return self._played[2]

    def _field_height(self) -> float:
        """Return the height of what is seen, in units of its width."""
        setup = self.setup
        shape = (setup.visible_height / setup.height) / (setup.visible_width / SCREEN_WIDTH)
        return _HEIGHT_BY_WIDTH[setup.lcd_aspect] * shape

    def _view(self) -> View:
        """Return what the screen shows: the scene now, or in play mode a picture of it."""
        from chdkshell.sim.imaging.pictures import view_of

        state = self._state
        if self._still is not None and not state.record_mode:
            return self._still
        now = state.clock.now()
        view = view_of(state, state.clock.ticks(), now, state.zoom, self._field_height())
        self._still = view
        return view

    def _magnification(self) -> float:
        focal_lengths = self._state.focal_lengths
        return focal_lengths[self._state.zoom] / focal_lengths[0]

    def _labels(self) -> overlay.Labels:
        state = self._state
        playing = not state.record_mode
        shown = state.prop(Prop.DISPLAY_MODE)
        name = self._playback.name if self._playback and playing and shown == 1 else ""
        return overlay.Labels(
            mode="PLAY" if playing else "REC",
            battery=round((state.battery_mv - _EMPTY_MV) / (_FULL_MV - _EMPTY_MV), 1),
            zoom=round(self._magnification() * 10),
            shots=state.shots,
            focus_box=state.record_mode,
            data=shown != (2 if playing else 1),
            name=name,
            filming=state.filming,
            menu=state.shown.menu,
            shapes=tuple(state.shown.shapes),
            written=tuple(self._written()),
        )

    def _written(self) -> Iterator[ScreenText]:
        """Yield what CHDK has written on the screen: the console's lines, and a question."""
        state, console = self._state, self._state.console
        lines = console.shown(state.clock.ticks(), state.script_running)
        if lines:
            row = ROWS - console.bottom - len(lines)
            yield ScreenText(tuple(lines), console.left, row, console.columns)
        dialog = state.shown.dialog
        if dialog is not None:
            yield ScreenText(tuple(dialog.lines()), 4, 2, DIALOG_COLUMNS)

    def _overlay(self, part: DisplayData) -> Buffer:
        """Return the overlay's colours or its opacity. They are the same while nothing changes."""
        labels = self._labels()
        if part not in self._drawn or self._drawn[part][0] != labels:
            self._drawn[part] = labels, self._draw(part, labels)
        return self._drawn[part][1]

    def _draw(self, part: DisplayData, labels: overlay.Labels) -> Buffer:
        from chdkshell.sim.display import viewport

        inks = overlay.draw(labels, SCREEN_WIDTH, self.setup.height)
        width = self.setup.bitmap_buffer_width
        if part is DisplayData.BITMAP_OPACITY:
            opacity = bytes(overlay.ALPHA.get(ink, 255) for ink in Ink)
            return viewport.coloured(inks, opacity, width)
        if self.setup.has_opacity:
            return viewport.yuv_overlay(inks, width)
        return viewport.coloured(inks, overlay.pixel_values(self.setup.palette), width)


_ALL = DisplayData.VIEWPORT | DisplayData.BITMAP | DisplayData.PALETTE | DisplayData.BITMAP_OPACITY

_HEIGHT_BY_WIDTH = {
    LcdAspect.RATIO_4_3: 3 / 4,
    LcdAspect.RATIO_16_9: 9 / 16,
    LcdAspect.RATIO_3_2: 2 / 3,
}
