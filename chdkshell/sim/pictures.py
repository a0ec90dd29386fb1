"""Pictures as the simulated camera takes them, and where on the card they go."""

from __future__ import annotations

import colorsys
import contextlib
import io
import re
import time
from typing import TYPE_CHECKING

from chdkshell.sim.card import CardFailure

if TYPE_CHECKING:
    from PIL.Image import Exif, Image

    from chdkshell.sim.card import Card

SIZE = (640, 480)
"""Width and height in pixels: PowerShots call it S, their smallest."""

_PATCHES = 12
_EXIF_IFD = 0x8769
_MAKE, _MODEL, _DATE_TIME = 0x010F, 0x0110, 0x0132
_EXPOSURE_TIME, _F_NUMBER, _ISO = 0x829A, 0x829D, 0x8827
_DATE_TIME_ORIGINAL, _DATE_TIME_DIGITIZED = 0x9003, 0x9004
"""Tags of EXIF 2.3, tables 3 to 8."""


_FOLDER = re.compile(r"[1-9][0-9]{2}[A-Z0-9_]{5}")
_FILE = re.compile(r"[A-Z_]{4}([0-9]{4})\.[A-Z0-9]{3}")
"""Names by the DCF standard (JEITA CP-3461, 3.2)."""


def last_picture(card: Card) -> tuple[int, str]:
    """Return the number of the last picture on the card, and the folder that takes the next."""
    folders = [name for name in _names(card, "A/DCIM") if _FOLDER.fullmatch(name.upper())]
    folder = f"A/DCIM/{max(folders, default='100CANON')}"
    matches = [
        match
        for name in folders
        for file in _names(card, f"A/DCIM/{name}")
        if (match := _FILE.fullmatch(file.upper()))
    ]
    return max((int(match[1]) for match in matches), default=0), folder


def _names(card: Card, folder: str) -> list[str]:
    try:
        return card.listdir(folder)
    except CardFailure:
        return []


def make_folders(card: Card, path: str) -> None:
    """Make the folder `path` on the card, and those above it, where they are not there."""
    parts = path.split("/")
    for count in range(2, len(parts) + 1):
        with contextlib.suppress(CardFailure):
            card.mkdir("/".join(parts[:count]))


def picture(number: int, taken: int, model: str) -> bytes:
    """Return the bytes of picture `number`, taken at a time of the camera's clock.

    It shows a sky whose colour depends on the number, a colour chart, a grey wedge and the number.
    """
    out = io.BytesIO()
    _draw(number).save(out, "JPEG", quality=75, exif=_exif(taken, model))
    return out.getvalue()


def _draw(number: int) -> Image:
    from PIL import Image, ImageDraw, ImageFont

    width, height = SIZE
    hue = number * 0.13 % 1
    sky = Image.linear_gradient("L").resize((width, height * 2 // 3))
    image = Image.new("RGB", SIZE, (40, 40, 40))
    image.paste(Image.merge("RGB", [sky.point(lambda v, c=c: int(v * c)) for c in _rgb(hue)]))
    draw = ImageDraw.Draw(image)
    step = width / _PATCHES
    for index in range(_PATCHES):
        left, right = index * step, (index + 1) * step
        patch = tuple(int(255 * c) for c in _rgb(index / _PATCHES, 0.8))
        grey = 255 * index // (_PATCHES - 1)
        draw.rectangle((left, height * 2 // 3, right, height * 5 // 6), patch)
        draw.rectangle((left, height * 5 // 6, right, height), (grey, grey, grey))
    draw.text(
        (width // 2, height // 3),
        f"{number:04d}",
        fill="white",
        anchor="mm",
        font=ImageFont.load_default(height // 3),
    )
    return image


def _rgb(hue: float, saturation: float = 0.6) -> tuple[float, float, float]:
    return colorsys.hsv_to_rgb(hue, saturation, 1)


def _exif(taken: int, model: str) -> Exif:
    from PIL import Image
    from PIL.TiffImagePlugin import IFDRational

    moment = time.strftime("%Y:%m:%d %H:%M:%S", time.gmtime(taken))
    exif = Image.Exif()
    exif[_MAKE] = "Canon"
    exif[_MODEL] = model
    exif[_DATE_TIME] = moment
    exif.get_ifd(_EXIF_IFD).update(
        {
            _EXPOSURE_TIME: IFDRational(1, 125),
            _F_NUMBER: IFDRational(28, 10),
            _ISO: 100,
            _DATE_TIME_ORIGINAL: moment,
            _DATE_TIME_DIGITIZED: moment,
        }
    )
    return exif
