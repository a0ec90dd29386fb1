"""What scripts draw, print and ask on the simulated camera's screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest
from numpy.typing import NDArray
from support.sim_camera import CameraRunner, power_on

from chdkshell.sim.display.canvas import ink_of
from chdkshell.sim.display.inks import Ink

WAIT = "write_usb_msg('drawn') read_usb_msg(-1) "


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[CameraRunner]:
    runner = power_on(tmp_path / "card")
    yield runner
    runner.camera.close()


def until(seen: Callable[[], object]) -> None:
    deadline = monotonic() + 60
    while not seen():
        assert monotonic() < deadline
        sleep(0.005)


def drawn(camera: CameraRunner, code: str) -> NDArray[np.uint8]:
    """Return the screen's inks, 240 rows of 360, while a script that drew waits."""
    camera.host.execute(f"{code} {WAIT}".encode(), 0x600)
    until(lambda: camera.host.outbox or not camera.host.running)
    assert [message.data for message in camera.host.outbox] == [b"drawn"]
    camera.host.outbox.clear()
    return inks(camera)


def inks(camera: CameraRunner) -> NDArray[np.uint8]:
    """Return the palette's indices of what lies over the picture, in the drawing's pixels."""
    data = camera.camera.screen.display_data(4)
    return np.frombuffer(data[-240 * 960 :], np.uint8).reshape(240, 960)[:, :720:2]


@pytest.mark.parametrize(
    ("code", "at", "ink", "beside"),
    [
        ("draw_pixel(100,100,259)", (100, 100), Ink.RED, (101, 100)),
        ("draw_line(100,100,120,100,262)", (110, 100), Ink.GREEN, (110, 102)),
        ("draw_rect(100,100,120,120,258)", (100, 110), Ink.WHITE, (110, 110)),
        ("draw_rect(100,100,120,120,258,5)", (103, 110), Ink.WHITE, (110, 110)),
        ("draw_rect_filled(120,120,100,100,265,271)", (110, 110), Ink.BLUE, (130, 110)),
        ("draw_rect_filled(100,100,120,120,265,271)", (100, 110), Ink.YELLOW, (99, 110)),
        ("draw_ellipse(110,110,10,10,275)", (100, 110), Ink.MAGENTA, (110, 110)),
        ("draw_ellipse_filled(110,110,10,10,268)", (110, 110), Ink.GREY, (101, 101)),
        ("draw_string(100,100,' ',258,257)", (103, 107), Ink.BLACK, (109, 107)),
        ("draw_string(100,100,' ',258,257,3)", (120, 140), Ink.BLACK, (125, 140)),
    ],
)
def test_shapes(
    camera: CameraRunner, code: str, at: tuple[int, int], ink: Ink, beside: tuple[int, int]
) -> None:
    screen = drawn(camera, code)
    assert screen[at[1], at[0]] == ink
    assert screen[beside[1], beside[0]] != ink


def test_letters_are_seen_and_cleared(camera: CameraRunner) -> None:
    code = "draw_string(100,100,'CHDK',258,257) "
    assert (drawn(camera, code)[100:116, 100:132] == Ink.WHITE).any()
    assert not drawn(camera, code + "draw_clear()")[100:116, 100:132].any()


def test_shapes_far_off_the_screen(camera: CameraRunner) -> None:
    code = "draw_line(-2147483648,-1,2147483647,-1,259) draw_rect(9999,9999,-9999,-9999,259,255) "
    assert not (drawn(camera, code)[30:80, 30:80] == Ink.RED).any()


def test_colours_of_scripts() -> None:
    assert [ink_of(number) for number in (256, 257, 258, 276, 400)] == [
        *(Ink.CLEAR, Ink.BLACK, Ink.WHITE, Ink.CLEAR, Ink.CLEAR)
    ]
    assert ink_of(0) == Ink.CLEAR
    assert all(ink_of(number) != Ink.CLEAR for number in range(1, 256))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("draw_line(1,2,3,4)", "bad argument #5 to 'draw_line' (number expected, got no value)"),
        ("draw_string(1,2)", "bad argument #3 to 'draw_string' (string expected, got no value)"),
        ("set_console_layout(1,2,3)", "bad argument #4 to 'set_console_layout' "
                                      "(number expected, got no value)"),
    ],
)  # fmt: skip
def test_arguments_are_checked(camera: CameraRunner, call: str, text: str) -> None:
    assert camera.error(call) == f":1: {text}"


# ---- the console --------------------------------------------------------------------------------


def console_area(screen: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return screen[140:, :200]


def test_what_is_printed_is_on_the_screen(camera: CameraRunner) -> None:
    assert (console_area(drawn(camera, "print('hello')")) == Ink.SHADE).any()
    assert not (console_area(drawn(camera, "print('hello') cls()")) == Ink.SHADE).any()


def test_the_console_is_gone_a_while_after_the_script(camera: CameraRunner) -> None:
    camera.values("print('hello')")
    camera.state.clock.advance(4000)
    assert not (console_area(inks(camera)) == Ink.SHADE).any()


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("for i=1,9 do print(i) end", ["5", "6", "7", "8", "9"]),
        ("set_console_layout(0,0,10,2) print('0123456789abc')", ["0123456789", "abc"]),
        ("set_console_layout(10,2,0,0) print('a') print('b') print('c')", ["b", "c"]),
        ("set_console_layout(0,0,0,0) print('a')", []),
        ("set_console_autoredraw(0) print('a')", []),
        ("set_console_autoredraw(0) print('a') console_redraw() print('b')", ["a"]),
        ("print('a') set_console_autoredraw(-1) print('b')", ["a"]),
    ],
)
def test_layouts_and_redrawing(camera: CameraRunner, code: str, lines: list[str]) -> None:
    drawn(camera, code)
    assert camera.state.console.shown(camera.state.clock.ticks(), True) == lines


def test_the_log_has_what_the_screen_has_not(camera: CameraRunner) -> None:
    (camera.root / "CHDK/LOGS").mkdir(parents=True)
    camera.values("print_screen(7) set_console_autoredraw(-1) print('kept') print_screen(false)")
    assert (camera.root / "CHDK/LOGS/LOG_0007.TXT").read_text() == "kept\n"


# ---- questions ----------------------------------------------------------------------------------


def answer(camera: CameraRunner, code: str, *lines: str) -> list[bytes]:
    """Return what a script returns after hands did what the lines say."""
    camera.host.execute(code.encode(), 0x600)
    until(lambda: camera.state.shown.dialog)
    for line in lines:
        camera.camera.hands.do(line)
    assert camera.host.wait_ended(60)
    found = [message.data for message in camera.host.outbox]
    camera.host.outbox.clear()
    return found


NIL = bytes(4)


@pytest.mark.parametrize(
    ("arguments", "lines", "expected"),
    [
        ("", ["type hello", "press set 1"], b"hello"),
        ("'T','P','old'", ["type !", "press set 1"], b"old!"),
        ("'T','P','old',4", ["type er", "press set 1"], b"olde"),
        ("'T','P','old'", ["press erase 1", "press set 1"], b"ol"),
        ("", ["press set 1"], NIL),
        ("'T','P','old'", ["press menu 1"], NIL),
    ],
)
def test_a_text_box(
    camera: CameraRunner, arguments: str, lines: list[str], expected: bytes
) -> None:
    assert answer(camera, f"return textbox({arguments})", *lines) == [expected]
    assert camera.state.shown.dialog is None


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("set set", b"A/SUB/B.TXT"),
        ("down set", b"A/X.TXT"),
        ("up set", b"A/X.TXT"),
        ("set left down set", b"A/X.TXT"),
        ("down right menu", NIL),
        ("menu", NIL),
    ],
)
def test_a_file_browser(camera: CameraRunner, keys: str, expected: bytes) -> None:
    (camera.root / "SUB").mkdir()
    (camera.root / "SUB/B.TXT").touch()
    (camera.root / "X.TXT").touch()
    lines = [f"press {key} 1" for key in keys.split()]
    assert answer(camera, "return file_browser()", *lines) == [expected]


def test_a_question_is_on_the_screen_and_has_the_keys(camera: CameraRunner) -> None:
    camera.host.execute(b"textbox()", 0x600)
    until(lambda: camera.state.shown.dialog)
    assert (inks(camera)[32:80, 32:300] == Ink.SHADE).any()
    camera.camera.hands.do("press shoot_full 1")
    assert camera.host.running
    camera.host.kill()
    assert not (inks(camera)[32:80, 32:300] == Ink.SHADE).any()
