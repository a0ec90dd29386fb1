"""Pictures as control sequences: half blocks, kitty's protocol, sixel."""

from __future__ import annotations

import base64
import re
import zlib

import numpy as np
import pytest
from support.pictures_on_screen import decode_sixel

from chdkshell.api.screensource import RateMeter, rest_after
from chdkshell.shell.terminal.fullscreen import Abilities, Graphics, Window, read_answers
from chdkshell.shell.terminal.pictures import (
    BlankPainter,
    BlockPainter,
    Box,
    KittyPainter,
    SixelPainter,
    fit,
    sixel,
)

RED, GREEN, BLUE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)
CELL = (10, 20)


def picture(*rows: list[tuple[int, int, int]]) -> np.ndarray:
    return np.array(rows, np.uint8)


@pytest.mark.parametrize(
    ("shape", "window", "box"),
    [
        # 4:3 in a window of 800x480 pixels, the last row left free: 460 pixels high, 613 wide.
        ((720, 540), Window(80, 24), Box(9, 0, 61, 23)),
        # A narrow window: 400 pixels wide, 300 high.
        ((720, 540), Window(40, 30), Box(0, 7, 40, 15)),
        ((960, 540), Window(80, 24), Box(0, 0, 80, 22)),
        # Square characters.
        ((720, 540), Window(80, 24, (10, 10)), Box(24, 0, 31, 23)),
        ((720, 540), Window(1, 1), Box(0, 0, 1, 1)),
        ((4096, 1), Window(80, 24), Box(0, 11, 80, 1)),
    ],
)
def test_picture_keeps_its_shape(shape: tuple[int, int], window: Window, box: Box) -> None:
    assert fit(*shape, window) == box


def test_blocks_have_two_pixels_each() -> None:
    blocks = BlockPainter(true_colour=True)
    text = blocks.paint(picture([RED, RED], [GREEN, BLUE]), Box(3, 1, 2, 1), CELL)
    assert text == (
        "\x1b[2;4H\x1b[38;2;255;0;0;48;2;0;255;0m▀\x1b[38;2;255;0;0;48;2;0;0;255m▀\x1b[0m"
    )


def test_blocks_send_only_what_changed() -> None:
    blocks = BlockPainter(true_colour=True)
    box = Box(0, 0, 3, 1)
    row = [BLACK, BLACK, BLACK]
    blocks.paint(picture(row, row), box, CELL)
    assert blocks.paint(picture(row, row), box, CELL) == "\x1b[0m"
    changed = blocks.paint(picture(row, [BLACK, BLACK, RED]), box, CELL)
    assert changed == "\x1b[1;3H\x1b[38;2;0;0;0;48;2;255;0;0m▀\x1b[0m"
    blocks.forget()
    assert blocks.paint(picture(row, row), box, CELL).count("▀") == 3
    assert blocks.paint(picture(row, row), Box(1, 0, 3, 1), CELL).count("▀") == 3


def test_blocks_of_256_colours() -> None:
    blocks = BlockPainter(true_colour=False)
    text = blocks.paint(picture([RED], [(100, 140, 255)]), Box(0, 0, 1, 1), CELL)
    # The cube of 6 steps: red is 16 + 36 * 5, the other 16 + 36 * 1 + 6 * 2 + 5.
    assert text == "\x1b[1;1H\x1b[38;5;196;48;5;69m▀\x1b[0m"


def test_blanks_have_one_pixel_each() -> None:
    blanks = BlankPainter(true_colour=True)
    text = blanks.paint(picture([RED, RED, GREEN]), Box(3, 1, 3, 1), CELL)
    assert text == "\x1b[2;4H\x1b[48;2;255;0;0m  \x1b[48;2;0;255;0m \x1b[0m"
    changed = blanks.paint(picture([RED, RED, BLACK]), Box(3, 1, 3, 1), CELL)
    assert changed == "\x1b[2;6H\x1b[48;2;0;0;0m \x1b[0m"


def test_kitty_gets_the_pixels_in_chunks_and_two_pictures_take_turns() -> None:
    kitty = KittyPainter()
    noise = np.random.default_rng(1).integers(0, 256, (60, 80, 3), np.uint8)
    first = kitty.paint(noise, Box(2, 1, 8, 3), CELL)
    assert first.startswith("\x1b[2;3H\x1b_Ga=T,q=2,f=24,o=z,s=80,v=60,i=2,C=1,c=8,r=3,m=1;")
    sequences = re.findall(r"\x1b_G([^;\x1b]*);([^\x1b]*)\x1b\\", first)
    assert [keys[-3:] for keys, _ in sequences] == ["m=1"] * (len(sequences) - 1) + ["m=0"]
    assert all(len(data) == 4096 for _, data in sequences[:-1])
    pixels = zlib.decompress(base64.b64decode("".join(data for _, data in sequences)))
    assert pixels == noise.tobytes()
    assert first.endswith("\x1b_Ga=d,d=I,i=1,q=2\x1b\\")
    second = kitty.paint(noise, Box(2, 1, 8, 3), CELL)
    assert ",i=1,C=1," in second
    assert second.endswith("\x1b_Ga=d,d=I,i=2,q=2\x1b\\")


def test_kitty_gets_no_more_pixels_than_it_shows() -> None:
    wide = np.zeros((540, 720, 3), np.uint8)
    assert ",s=100,v=75," in KittyPainter().paint(wide, Box(0, 0, 10, 4), CELL)


def test_sixel_by_hand() -> None:
    # Two columns: red over black, and green over black. 252 colours: red is 5 * 42, green 6 * 6.
    text = sixel(picture([RED, GREEN], [BLACK, BLACK]))
    palette = re.findall(r"#(\d+);2;(\d+);(\d+);(\d+)", text)
    assert len(palette) == 252
    assert ("210", "100", "0", "0") in palette
    assert ("36", "0", "100", "0") in palette
    # "B" is the second row of a band, "@" the first, "?" none.
    assert text.startswith('\x1bP0;1;0q"1;1;2;2#0;2;0;0;0')
    assert text.endswith("#0AA$#36?@$#210@$-\x1b\\")


def test_sixel_shows_each_pixel_in_its_colour() -> None:
    rng = np.random.default_rng(2)
    shades = np.array([0, 51, 102, 153, 204, 255], np.uint8)
    wanted = shades[rng.integers(0, 6, (20, 33, 3))]
    wanted[:, :, 1] = np.where(wanted[:, :, 1] > 100, 255, 0)
    wanted[8:16] = wanted[8, 0]
    seen = decode_sixel(sixel(wanted))
    assert np.array_equal(seen, wanted)


def test_wide_sixel_pictures_have_larger_pixels() -> None:
    text = SixelPainter().paint(np.zeros((540, 720, 3), np.uint8), Box(1, 2, 100, 37), CELL)
    assert text.startswith('\x1b[3;2H\x1bP0;1;0q"1;1;999;738')


@pytest.mark.parametrize(
    ("answer", "abilities", "rest"),
    [
        ("\x1b[?62;22c", Abilities(), ""),
        ("\x1b[?62;4;22c", Abilities(Graphics.SIXEL), ""),
        ("\x1b[6;18;9t\x1b[?62;4c", Abilities(Graphics.SIXEL, (9, 18)), ""),
        ("\x1b_Gi=1;OK\x1b\\\x1b[6;0;0t\x1b[?62c", Abilities(Graphics.KITTY), ""),
        ("\x1b_Gi=1;ENOTSUP\x1b\\\x1b[?64;1c", Abilities(), ""),
        ("q\x1b[?62;4ch", Abilities(Graphics.SIXEL), "qh"),
        ("", Abilities(), ""),
        ("\x1b[A", Abilities(), "\x1b[A"),
    ],
)
def test_answers_of_terminals(answer: str, abilities: Abilities, rest: str) -> None:
    assert read_answers(answer) == (abilities, rest)


def test_rate_follows_the_link() -> None:
    assert rest_after(0.005, 25) == pytest.approx(0.035)
    # 200 ms a frame: a fifth of the time is left to others.
    assert rest_after(0.2, 25) == pytest.approx(0.05)


def test_rate_is_that_of_the_last_two_seconds() -> None:
    meter = RateMeter()
    assert meter.rate == 0
    for number in range(40):
        meter.count(number * 0.1)
    assert meter.rate == pytest.approx(10)
    for number in range(5):
        meter.count(10 + number * 0.5)
    assert meter.rate == pytest.approx(2)
