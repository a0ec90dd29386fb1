"""`imls -thumbs`: pictures in rows, as half blocks, kitty's and sixel pictures."""

# needs: POSIX

from __future__ import annotations

import io
from contextlib import nullcontext
from pathlib import Path

import pytest
from support.exif_pictures import jpeg, with_thumbnail
from support.live_terminal import LiveTerminal
from support.pictures_on_screen import PixelScreen

from chdkshell.chdk.cardentry import CardEntry
from chdkshell.shell.output.textforms import without_colours
from chdkshell.shell.results.images import Thumbnails
from chdkshell.shell.terminal.fullscreen import Graphics, Window
from chdkshell.shell.terminal.pictures import MAX_PIXELS
from chdkshell.shell.terminal.sheets import Sheet, Thumbnail

CELL = (10, 20)
COLOURS = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}


def thumb(name: str, data: bytes | None) -> Thumbnail:
    return Thumbnail(CardEntry(f"A/DCIM/100CANON/{name}", 1), data)


PICTURES = [thumb(f"IMG_{n:04}.JPG", jpeg(colour, (160, 120))) for n, colour in enumerate(COLOURS)]


def close(seen: list[int], colour: str) -> bool:
    return all(abs(a - b) < 20 for a, b in zip(seen, COLOURS[colour], strict=True))


@pytest.mark.parametrize("graphics", [Graphics.KITTY, Graphics.SIXEL])
@pytest.mark.parametrize(("rows", "scrolled"), [(40, 0), (21, 3)])
def test_pictures_stand_side_by_side(graphics: Graphics, rows: int, scrolled: int) -> None:
    # 66 columns: three of 20 and two gaps of 2, 22 pixels spare; 200 by 150 pixels are 8 lines
    sheet = Sheet(graphics, Window(66, rows, CELL))
    assert (sheet.across, sheet.cell) == (3, Window(20, 8, CELL))
    screen = PixelScreen(66, rows, CELL)
    screen.feed("$ imls -thumbs\n" * 3)
    screen.feed("".join(sheet.rows(PICTURES, io.StringIO())))
    top = 3 - scrolled
    # a picture of 200 by 150 pixels is rounded to whole lines
    for row in (top, top + 6):
        assert [
            next((c for c in COLOURS if close(screen.at(column, row), c)), None)
            for column in (0, 19, 20, 22, 41, 42, 43, 44, 63)
        ] == ["red", "red", None, "lime", "lime", None, None, "blue", "blue"]
    assert screen.lines[top + 8].split() == ["IMG_0000.JPG", "IMG_0001.JPG", "IMG_0002.JPG"]
    assert [screen.lines[top + 8].index(f"IMG_000{n}") for n in range(3)] == [0, 22, 44]
    assert close(screen.at(10, top + 13), "white")
    assert screen.lines[top + 18] == "IMG_0003.JPG"
    assert screen.scrolled == scrolled


@pytest.mark.parametrize("graphics", list(Graphics))
def test_upright_and_missing_pictures(graphics: Graphics) -> None:
    sheet = Sheet(graphics, Window(66, 40, CELL))
    tall = thumb("TALL.JPG", jpeg("red", (120, 160)))
    broken = [thumb("NONE.JPG", None), thumb("BAD.JPG", b"\xff\xd8 no picture")]
    text = "".join(sheet.rows([tall, *broken], io.StringIO()))
    if graphics in (Graphics.ASCII, Graphics.BLOCKS):
        assert text.isascii() == (graphics is Graphics.ASCII)
        assert text.count("no thumbnail") == 2
        return
    screen = PixelScreen(66, 40, CELL)
    screen.feed(text)
    # 160 pixels high in 8 lines of 20: 120 wide, 12 columns in the middle of 20
    assert [close(screen.at(column, 7), "red") for column in (3, 4, 15, 16)] == [
        False, True, True, False
    ]  # fmt: skip
    assert screen.lines[0] == " " * 22 + "no thumbnail" + " " * 10 + "no thumbnail"
    assert screen.lines[8].split() == ["TALL.JPG", "NONE.JPG", "BAD.JPG"]


@pytest.mark.parametrize("graphics", list(Graphics))
def test_where_there_is_none_one_line_says_so(graphics: Graphics) -> None:
    sheet = Sheet(graphics, Window(66, 40, CELL))
    text = "".join(sheet.rows([thumb(f"IMG_000{n}.JPG", None) for n in range(4)], io.StringIO()))
    lines = [line.split() for line in text.splitlines() if line]
    assert lines[::2] == [["no", "thumbnail"] * len(names) for names in lines[1::2]]
    shown = [name for names in lines[1::2] for name in names]
    assert shown == [f"IMG_000{n}.JPG" for n in range(4)]


def test_a_picture_that_is_too_large_is_none() -> None:
    huge = jpeg("red", (1025, 1024))
    assert MAX_PIXELS < 1025 * 1024
    text = "".join(
        Sheet(Graphics.KITTY, Window(80, 24, CELL)).rows([thumb("X.JPG", huge)], io.StringIO())
    )
    assert "no thumbnail" in text


@pytest.mark.parametrize(("columns", "across"), [(1, 1), (19, 1), (41, 1), (42, 2), (220, 10)])
def test_as_many_as_fit(columns: int, across: int) -> None:
    sheet = Sheet(Graphics.KITTY, Window(columns, 24, CELL))
    assert sheet.across == across
    PixelScreen(columns, 60, CELL).feed("".join(sheet.rows(PICTURES, io.StringIO())))


def test_half_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "62")
    jpegs = {PICTURES[0].entry: PICTURES[0].jpeg, thumb("IMG_0009.JPG", None).entry: None}
    shown = Thumbnails(tuple(jpegs), jpegs.__getitem__, nullcontext)
    text = "".join(shown.screens(io.StringIO()))
    # room for 30 by 22 pixels: 11 lines, and 29 columns at 4:3
    assert text.count("\u2580") == 29 * 11
    assert "38;2;254;0;0;48;2;254;0;0" in text
    assert "no thumbnail" in text
    lines = without_colours(text).splitlines()
    assert lines[11].split() == ["IMG_0000.JPG", "IMG_0009.JPG"]


def test_a_copy_of_the_output_has_no_pictures() -> None:
    for graphics in (Graphics.KITTY, Graphics.SIXEL):
        sheet = Sheet(graphics, Window(66, 24, CELL))
        text = without_colours("".join(sheet.rows(PICTURES[:3], io.StringIO())))
        assert text.split() == ["IMG_0000.JPG", "IMG_0001.JPG", "IMG_0002.JPG"]


@pytest.mark.parametrize(
    ("kind", "sign"),
    [("kitty", "\x1b_Ga=T,"), ("sixel", "\x1bP0;1;0q"), ("plain", "\u2580"), ("mute", "\u2580")],
)
@pytest.mark.parametrize("chdk", ["", ",chdk=0"], ids=["with CHDK", "without"])
def test_the_terminal_is_asked(tmp_path: Path, kind: str, sign: str, chdk: str) -> None:
    folder = tmp_path / "card/DCIM/100CANON"
    folder.mkdir(parents=True)
    for number, colour in enumerate(COLOURS):
        picture = with_thumbnail(jpeg(colour, (160, 120)))
        (folder / f"IMG_{number:04}.JPG").write_bytes(picture)
    device = f"sim:card={tmp_path / 'card'}{chdk}"
    arguments = ("-r", "--device", device, "-e", "imls -thumbs -sort=name")
    with LiveTerminal(*arguments, home=tmp_path, kind=kind) as terminal:
        assert terminal.wait_end() == 0
    assert terminal.raw.count("\x1b[c") == 1
    shown = terminal.raw.rpartition("\x1b[c")[2].partition("\r\x1b[K")[2]
    assert sign in shown
    if kind in ("kitty", "sixel"):
        screen = PixelScreen(80, 24, CELL)
        screen.feed(shown.replace("\r\n", "\n"))
        # three of 25 columns; 187 pixels are 9 lines of 20 high
        colours = zip(COLOURS, (12, 39, 66), strict=False)
        assert all(close(screen.at(column, 0), colour) for colour, column in colours)
        assert close(screen.at(12, 12), "white")
    else:
        assert terminal.text.count("IMG_") >= 2


def test_one_odd_picture_leaves_the_others(tmp_path: Path) -> None:
    """One that claims 30000x8000 pixels, headers that end anywhere, and no picture at all."""
    folder = tmp_path / "card/DCIM/100CANON"
    folder.mkdir(parents=True)
    good = with_thumbnail(jpeg("red", (160, 120)))
    size = bytes.fromhex("0030 0040")  # of the whole picture: 48 high, 64 wide
    assert good.count(size) == 1
    odd = (
        good.replace(size, (8000).to_bytes(2, "big") + (30000).to_bytes(2, "big")),
        good[:40],
        good.replace(b"II*\0\x08", b"II*\0\xff"),
        good.replace(b"\x01\x02\x04\0\x01", b"\x01\x02\x0c\0\xff"),
        b"no picture",
        b"",
    )
    for number, data in enumerate((*odd, good)):
        (folder / f"IMG_{number:04}.JPG").write_bytes(data)
    device = f"sim:card={tmp_path / 'card'}"
    arguments = ("-r", "--device", device, "-e", "imls -thumbs -sort=name")
    with LiveTerminal(*arguments, home=tmp_path, kind="plain") as terminal:
        assert terminal.wait_end() == 0
    # the size of the picture and the kind of an entry say nothing of the thumbnail's bytes
    assert terminal.raw.count("no thumbnail") == len(odd) - 2
    assert "\u2580" in terminal.raw
    assert "Warning" not in terminal.raw
