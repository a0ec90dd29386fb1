"""The simulated camera's display: the layout that the firmware sends, and a scene that moves."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from support.frames import bitmap_of, viewport_of

import chdkshell
from chdkshell.chdk.constants import DisplayData
from chdkshell.chdk.imaging.composite import composite
from chdkshell.chdk.imaging.framebuffers import LcdAspect, PaletteType
from chdkshell.chdk.imaging.liveview import Frame
from chdkshell.errors import UsageError
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.clock import Clock
from chdkshell.sim.display.screen import Margins, Screen, ScreenKind, ScreenSetup
from chdkshell.sim.imaging import scene
from chdkshell.sim.state import CameraState

VECTORS = Path(__file__).parent.parent / "data" / "basic.jsonl"
VIEWPORT, BITMAP, PALETTE, OPACITY = 1, 4, 8, 0x10
ALL = VIEWPORT | BITMAP | PALETTE | OPACITY


class StoppedClock(Clock):
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 5000

    def ticks(self) -> int:
        return self.time

    def now(self) -> int:
        return self.time // 1000


def camera_screen(
    setup: ScreenSetup | None = None, record: bool = True, clock: StoppedClock | None = None
) -> Screen:
    return Screen(CameraState(clock=clock or StoppedClock(), recording=record), setup)


def recorded(name: str) -> dict[str, Any]:
    for line in VECTORS.read_text().splitlines():
        step: dict[str, Any] = json.loads(line)
        if step["name"] == f"display data: {name}":
            return step
    raise AssertionError(f"no vector {name}")


@pytest.mark.parametrize("name", ["header only", "palette", "viewport", "all"])
def test_layout_is_the_firmwares(name: str) -> None:
    step = recorded(name)
    data = camera_screen().display_data(step["params"][1])
    assert len(data) == step["rparams"][0]
    answer = step["in"]
    head = bytes.fromhex(answer if isinstance(answer, str) else answer["head"])
    assert data[:104] == head[:104]


def test_bits_that_mean_nothing_are_ignored() -> None:
    assert camera_screen().display_data(0xFFFFFF02 & ~ALL) == camera_screen().display_data(0)


def test_header_and_palette_need_no_numpy() -> None:
    code = (
        "import sys; from chdkshell.sim.display.screen import Screen;"
        "from chdkshell.sim.state import CameraState;"
        "data = Screen(CameraState()).display_data(8);"
        "sys.exit(len(data) != 1128 or 'numpy' in sys.modules or 'PIL' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ---- every kind decodes -------------------------------------------------------------------------

SETUPS = [
    ScreenSetup(),
    ScreenSetup(buffer_width=720),
    ScreenSetup(margins=Margins(40, 20, 8, 12), buffer_width=800),
    ScreenSetup(lcd_aspect=LcdAspect.RATIO_16_9),
    *(ScreenSetup(kind) for kind in (ScreenKind.YUV8B, ScreenKind.YUV8C)),
    ScreenSetup(ScreenKind.YUV8B, Margins(8, 4, 16, 2), 1024, lcd_aspect=LcdAspect.RATIO_3_2),
]


@pytest.mark.parametrize("setup", SETUPS, ids=range(len(SETUPS)))
def test_chart_has_its_colours_in_every_viewport(setup: ScreenSetup) -> None:
    data = camera_screen(setup).display_data(VIEWPORT)
    parsed = Frame.parse(data)
    viewport = viewport_of(parsed)
    height, width, _ = viewport.shape
    assert (width, height) == (setup.visible_width, setup.visible_height)
    assert parsed.viewport is not None
    assert parsed.viewport.screen_width == 720
    left, top, right, bottom = scene.CHART_BOX
    for row in range(scene.CHART_ROWS):
        for column in range(scene.CHART_COLUMNS):
            x = (left + (right - left) * (column + 0.5) / scene.CHART_COLUMNS) * width
            y = (top + (bottom - top) * (row + 0.5) / scene.CHART_ROWS) * height
            light = np.array(scene.chart_colour(row, column))
            seen = viewport[int(y), int(x)].astype(int)
            # Y, U and V are rounded, which costs up to two steps.
            assert np.abs(seen - 255 * light ** (1 / 2.2)).max() <= 3


@pytest.mark.parametrize("aspect", LcdAspect)
def test_balloon_is_round_on_every_lcd(aspect: LcdAspect) -> None:
    setup = ScreenSetup(lcd_aspect=aspect, margins=Margins(80, 0, 80, 40))
    clock = StoppedClock()
    screen = camera_screen(setup, clock=clock)
    clock.time = 10_000
    parsed = Frame.parse(screen.display_data(VIEWPORT))
    shown = composite(parsed).astype(int)
    red = shown[:, :, 0] > shown[:, :, 1] + shown[:, :, 2]
    red[shown.shape[0] // 2 :] = False
    rows, columns = np.nonzero(red)
    assert np.ptp(columns) > 40
    assert np.ptp(rows) == pytest.approx(np.ptp(columns), abs=5)


@pytest.mark.parametrize("kind", ScreenKind)
def test_parts_come_only_when_asked_for(kind: ScreenKind) -> None:
    screen = camera_screen(ScreenSetup(kind))
    parsed = Frame.parse(screen.display_data(VIEWPORT))
    assert parsed.viewport_rgb() is not None
    assert parsed.bitmap_rgba() is None
    parsed = Frame.parse(screen.display_data(BITMAP))
    assert parsed.viewport_rgb() is None
    assert parsed.bitmap_rgba() is not None
    assert parsed.palette_offset == 0
    assert kind is ScreenKind.YUV8 or (parsed.opacity and parsed.opacity.offset == 0)


def overlay(setup: ScreenSetup, flags: int = ALL) -> NDArray[Any]:
    return bitmap_of(Frame.parse(camera_screen(setup).display_data(flags)))


CLEAR_SPOT, SHADE_SPOT, BATTERY_SPOT = (200, 360), (2, 4), (10, 650)
"""Row and column of places in an overlay of 240 rows."""


@pytest.mark.parametrize("kind", [1, 2, 3, 4, 5])
def test_overlay_looks_the_same_with_every_palette(kind: int) -> None:
    rgba = overlay(ScreenSetup(palette=PaletteType(kind))).astype(int)
    # Type 2 knows no index that is all transparent.
    assert rgba[CLEAR_SPOT].tolist() == [0, 0, 0, 128 if kind == 2 else 0]
    assert rgba[SHADE_SPOT].tolist() == [32, 32, 32, 128]
    red, green, blue, alpha = rgba[BATTERY_SPOT].tolist()
    assert alpha == 255
    assert green > 200 and max(red, blue) < 60


@pytest.mark.parametrize("kind", [ScreenKind.YUV8B, ScreenKind.YUV8C])
@pytest.mark.parametrize("flags", [ALL, BITMAP])
def test_overlay_of_digic_6_has_opacity_or_clear_pixels(kind: ScreenKind, flags: int) -> None:
    rgba = overlay(ScreenSetup(kind), flags).astype(int)[::2]
    assert rgba[CLEAR_SPOT].tolist()[3] == 0
    assert rgba[SHADE_SPOT].tolist() == [32, 32, 32, 128 if flags & OPACITY else 255]
    red, green, blue, alpha = rgba[BATTERY_SPOT].tolist()
    assert alpha == 255
    assert green > 200 and max(red, blue) < 60


# ---- the scene moves ----------------------------------------------------------------------------


def viewport(screen: Screen) -> NDArray[Any]:
    return viewport_of(Frame.parse(screen.display_data(VIEWPORT)))


def test_scene_moves_with_the_cameras_clock_alone() -> None:
    clock = StoppedClock()
    screen = camera_screen(clock=clock)
    first = viewport(screen)
    assert (viewport(screen) == first).all()
    clock.time += 100
    changed = (viewport(screen) != first).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert 100 < changed.sum() < changed.size / 5, "the clock and the balloon, nothing else"
    assert rows.max() < 120
    in_clock = columns > 0.58 * 720
    assert in_clock.any() and not in_clock.all()


def horizon(picture: np.ndarray) -> int:
    """The first row of the ground at the right edge: it is the first that is greener than blue."""
    column = picture[:, -4:].mean(axis=1)
    ground = column[:, 1] > column[:, 2]
    return int(np.nonzero(~ground)[0].max()) + 1


def test_horizon_follows_zoom() -> None:
    screen = camera_screen()
    rows = []
    for zoom in (0, 3, 7):
        screen._state.zoom = zoom
        rows.append(horizon(viewport(screen)))
    # 0.42 and 0.375 of the width; 10.64 and 21.85 by 6.2 mm; a height of 0.75 is 240 rows.
    expected = [(0.375 + 0.045 * mm / 6.2) / 0.75 * 240 for mm in (6.2, 10.64, 21.85)]
    assert rows == pytest.approx(expected, abs=1)


def test_picture_stands_still_in_play_mode() -> None:
    clock = StoppedClock()
    screen = camera_screen(clock=clock)
    viewport(screen)
    screen._state.recording = False
    still = viewport(screen)
    clock.time += 3000
    assert (viewport(screen) == still).all()
    screen._state.recording = True
    assert (viewport(screen) != still).any()


def test_last_picture_of_the_card_is_seen_in_play_mode(tmp_path: Path) -> None:
    folder = tmp_path / "DCIM" / "100CANON"
    folder.mkdir(parents=True)
    for name, colour in (("IMG_0007.JPG", "red"), ("IMG_0012.JPG", "blue")):
        Image.new("RGB", (1600, 900), colour).save(folder / name)
    with chdkshell.connect(f"sim:card={tmp_path}") as camera:
        protocol = camera.protocol
        seen = viewport_of(Frame.parse(protocol.get_display_data(DisplayData.VIEWPORT)))
        # 16:9 on a screen of 4:3: an eighth of the height is black above and below.
        assert not seen[:28].any()
        assert not seen[-28:].any()
        middle = seen[34:-34].reshape(-1, 3).astype(int)
        assert abs(middle - (0, 0, 255)).max() < 8
        camera.lua("switch_mode_usb(1) sleep(200) shoot() switch_mode_usb(0) sleep(200)")
        assert (tmp_path / "DCIM" / "100___11" / "IMG_0001.JPG").exists()
        taken = viewport_of(Frame.parse(protocol.get_display_data(DisplayData.VIEWPORT)))
        assert taken[5:20].mean() > 60, "a picture of 4:3 fills the screen"
        again = viewport_of(Frame.parse(protocol.get_display_data(DisplayData.VIEWPORT)))
        assert (again == taken).all()


@pytest.mark.parametrize("content", [None, b"", b"no picture", b"\xff\xd8\xff\xe0"])
def test_card_without_a_picture_does_no_harm(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "DCIM" / "100CANON").mkdir(parents=True)
        (tmp_path / "DCIM" / "100CANON" / "IMG_0001.JPG").write_bytes(content)
    camera = SimCamera(card=tmp_path)
    try:
        assert viewport(camera.screen).shape == (240, 720, 3)
    finally:
        camera.close()


def test_overlay_shows_the_mode() -> None:
    record = overlay(ScreenSetup())
    play = bitmap_of(Frame.parse(camera_screen(record=False).display_data(ALL)))
    in_focus_box = np.s_[85:155, 280:440]
    assert record[in_focus_box][..., 3].any()
    assert not play[in_focus_box][..., 3].any()
    assert not np.array_equal(record[:22, :100], play[:22, :100])


def test_frame_on_the_lcd() -> None:
    setup = ScreenSetup(margins=Margins(80, 20, 80, 20))
    screen = composite(Frame.parse(camera_screen(setup).display_data(ALL)))
    assert screen.shape == (540, 720, 3)
    assert not screen[60:, :70].any(), "the margin"
    assert screen[60:-60, 90:-90].any(axis=2).all()


def test_exposure_brightens_until_it_clips() -> None:
    light = np.array([[[0.02, 0.2, 0.8]]], np.float32)
    dark, right, bright = (scene.to_display(light, gain).astype(int) for gain in (0.5, 1, 4))
    assert (dark < right).all() and (right < bright).all()
    assert bright[0, 0, 2] == 255


def test_whole_picture_is_the_backdrop_with_the_moving_parts() -> None:
    view = scene.View(seconds=5, clock="12:34:56.7")
    whole = scene.render(160, 120, view)
    difference = (whole != scene.backdrop(160, 120, view)).any(axis=2)
    covered = np.zeros_like(difference)
    for part in scene.moving_parts(160, 120, view):
        covered[part.top : part.bottom, part.left : part.right] = True
    assert difference.any()
    assert not (difference & ~covered).any()


# ---- impossible screens -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        {"margins": Margins(left=-4)},
        {"margins": Margins(left=400, right=316)},
        {"margins": Margins(top=200, bottom=40)},
        {"margins": Margins(left=2)},
        {"buffer_width": 716},
        {"buffer_width": 738},
        {"buffer_width": 1 << 20},
    ],
)
def test_screen_that_cannot_be(arguments: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        ScreenSetup(**arguments)


def test_setup_from_texts() -> None:
    assert ScreenSetup.from_options({}) == ScreenSetup()
    options = {"screen": "yuv8b", "margins": "8:4:16:2", "buffer": "1024", "lcd": "3:2"}
    setup = ScreenSetup.from_options(options)
    expected = (ScreenKind.YUV8B, Margins(8, 4, 16, 2), 1024, LcdAspect.RATIO_3_2)
    assert (setup.kind, setup.margins, setup.buffer_width, setup.lcd_aspect) == expected
    assert ScreenSetup.from_options({"palette": "5"}).palette is PaletteType.VUYA_256_ALPHA6


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("screen", "yuv9"),
        ("margins", "1:2:3"),
        ("margins", "a:0:0:0"),
        ("margins", "-4:0:4:0"),
        ("buffer", "²"),
        ("buffer", "100000"),
        ("palette", "6"),
        ("lcd", "1:1"),
    ],
)
def test_texts_that_describe_no_screen(name: str, text: str) -> None:
    with pytest.raises(UsageError):
        ScreenSetup.from_options({name: text})
