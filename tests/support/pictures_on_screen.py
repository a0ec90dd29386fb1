"""A terminal with pixels: draws kitty's and sixel pictures where the cursor is."""

from __future__ import annotations

import base64
import re
import zlib

import numpy as np

SEQUENCE = re.compile(
    r"\x1b_G(?P<keys>[^;\x1b]*);(?P<data>[^\x1b]*)\x1b\\"
    r"|(?P<sixel>\x1bP[^\x1b]*\x1b\\)"
    r"|\x1b\[(?P<count>\d*)(?P<move>[ABC])"
    r"|\x1b(?P<saved>[78])"
    r"|(?P<line>\n)"
    r"|(?P<text>[^\x1b\n]+)"
)


def decode_sixel(text: str) -> np.ndarray:
    """Draw a sixel picture as a terminal does."""
    size = re.match(r'\x1bP[\d;]*q"1;1;(\d+);(\d+)', text)
    assert size
    assert text.endswith("\x1b\\")
    width, height = int(size[1]), int(size[2])
    pixels = np.full((height, width, 3), 7, np.uint8)
    colours: dict[str, list[int]] = {}
    x = top = 0
    pen = [0, 0, 0]
    body = text[size.end() : -2]
    token = re.compile(r"#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|(\$)|(-)|(?:!(\d+))?([?-~])")
    at = 0
    while at < len(body):
        match = token.match(body, at)
        assert match, body[at : at + 20]
        at = match.end()
        if match[1]:
            colours[match[1]] = [round(int(match[i]) * 2.55) for i in (2, 3, 4)]
        elif match[5]:
            pen = colours[match[5]]
        elif match[6]:
            x = 0
        elif match[7]:
            x, top = 0, top + 6
        else:
            bits = ord(match[9]) - 0x3F
            run = int(match[8] or 1)
            for row in range(6):
                if bits >> row & 1:
                    pixels[top + row, x : x + run] = pen
            x += run
    return pixels


class PixelScreen:
    """What is on a screen of characters of `cell` pixels: `pixels`, and `lines` of text.

    `scrolled` is how many lines went out at the top.
    """

    def __init__(self, columns: int, rows: int, cell: tuple[int, int]) -> None:
        self.cell = cell
        self.pixels = np.zeros((rows * cell[1], columns * cell[0], 3), np.uint8)
        self.lines = [""] * rows
        self.scrolled = 0
        self._columns, self._rows = columns, rows
        self._x = self._y = 0
        self._saved = (0, 0)
        self._payload = ""
        self._keys: dict[str, str] = {}

    def feed(self, text: str) -> None:
        """Draw what a program writes."""
        at = 0
        while at < len(text):
            match = SEQUENCE.match(text, at)
            assert match, repr(text[at : at + 40])
            at = match.end()
            self._do(match)

    def at(self, column: int, row: int) -> list[int]:
        """Return the colour in the middle of a character."""
        x, y = column * self.cell[0] + self.cell[0] // 2, row * self.cell[1] + self.cell[1] // 2
        return [int(channel) for channel in self.pixels[y, x]]

    def _do(self, match: re.Match[str]) -> None:
        count = int(match["count"] or 1)
        if match["keys"] is not None:
            self._kitty(match["keys"], match["data"])
        elif match["sixel"]:
            self._draw(decode_sixel(match["sixel"]))
            self._y = min(self._y + 1, self._rows - 1)  # where terminals leave it differs
        elif match["move"]:
            self._x = min(self._x + count * (match["move"] == "C"), self._columns - 1)
            down = {"A": -count, "B": count, "C": 0}[match["move"]]
            self._y = min(max(self._y + down, 0), self._rows - 1)
        elif match["saved"] == "7":
            self._saved = self._x, self._y
        elif match["saved"] == "8":
            self._x, self._y = self._saved
        elif match["line"]:
            self._x = 0
            self._line_feed()
        else:
            line = self.lines[self._y].ljust(self._x)
            end = self._x + len(match["text"])
            assert end <= self._columns, "text is wider than the terminal"
            self.lines[self._y] = line[: self._x] + match["text"] + line[end:]
            self._x = end

    def _line_feed(self) -> None:
        if self._y < self._rows - 1:
            self._y += 1
            return
        self.scrolled += 1
        self.lines = [*self.lines[1:], ""]
        height = self.cell[1]
        self.pixels[:-height] = self.pixels[height:].copy()
        self.pixels[-height:] = 0

    def _kitty(self, keys: str, data: str) -> None:
        given = dict(key.split("=") for key in keys.split(","))
        self._keys = {**self._keys, **given}
        self._payload += data
        if given["m"] == "1":
            return
        width, height = int(self._keys["s"]), int(self._keys["v"])
        assert self._keys["f"] == "24"
        assert self._keys["C"] == "1"
        raw = zlib.decompress(base64.b64decode(self._payload))
        picture = np.frombuffer(raw, np.uint8).reshape(height, width, 3)
        wide, high = int(self._keys["c"]) * self.cell[0], int(self._keys["r"]) * self.cell[1]
        across = np.arange(wide) * width // wide
        down = np.arange(high) * height // high
        self._draw(picture[down][:, across])
        self._keys, self._payload = {}, ""

    def _draw(self, picture: np.ndarray) -> None:
        height, width, _ = picture.shape
        x, y = self._x * self.cell[0], self._y * self.cell[1]
        assert x + width <= self.pixels.shape[1], "the picture is wider than the terminal"
        assert y + height <= self.pixels.shape[0], "the picture is higher than the terminal"
        self.pixels[y : y + height, x : x + width] = picture
