"""What a fresh simulated card holds: a few pictures, scripts, and CHDK's own files."""

from __future__ import annotations

import contextlib
import os
import shutil
import struct
import time
from pathlib import Path

from chdkshell.sim.card import Card, CardFailure
from chdkshell.sim.lualib import modules
from chdkshell.sim.settings import MAGIC

TEMPLATE = Path(__file__).parent / "card_template"
"""The files of a fresh card."""

TAKEN = {
    "DCIM/100CANON/IMG_0001.JPG": (2026, 6, 20, 10, 15, 0),
    "DCIM/100CANON/IMG_0002.JPG": (2026, 6, 20, 10, 15, 30),
    "DCIM/100CANON/IMG_0003.JPG": (2026, 6, 21, 18, 42, 10),
    "DCIM/101CANON/IMG_0101.JPG": (2026, 7, 4, 9, 30, 0),
}
"""When each picture was taken by the camera's clock, as its EXIF data says too."""

FIRST_FOLDER = "100CANON"
"""The first folder of those pictures."""

_CORE_CONFIG = 4
"""How a CHDK configuration file starts (trunk/include/conf.h); no entry means all defaults."""


FOLDERS = (
    *("LOGS", "DATA", "MODULES", "MODULES/CFG", "FONTS", "SYMBOLS", "LANG", "BOOKS", "GRIDS"),
    *("CURVES", "EDGE", "LUALIB", "LUALIB/GEN", "SCRIPTS"),
)
"""The folders that CHDK makes on a card, or brings along, in A/CHDK (core/main.c)."""


def boot_card(root: Path) -> None:
    """Make what CHDK wants in A/CHDK on the card in `root`, where it is missing: its folders, and
    modules for scripts. Where the card takes none, it stays as it is.
    """
    card = Card(root)
    for name in ("A/CHDK", *(f"A/CHDK/{name}" for name in FOLDERS)):
        with contextlib.suppress(CardFailure):
            card.mkdir(name)
    for name, text in modules().items():
        path = f"A/CHDK/LUALIB/{name}"
        if not _has(card, path):
            with contextlib.suppress(CardFailure), card.open(path, "w") as file:
                file.write(text)


def _has(card: Card, path: str) -> bool:
    try:
        card.stat(path)
    except CardFailure:
        return False
    return True


def is_empty(root: Path) -> bool:
    """Whether there is nothing on the card in `root`."""
    return next(root.iterdir(), None) is None


def fill_card(root: Path, chdk: bool = True) -> None:
    """Copy the files of a fresh card into the folder `root`: pictures, and CHDK with its scripts.

    Without `chdk` there are the pictures only.
    """
    source, target = (TEMPLATE, root) if chdk else (TEMPLATE / "DCIM", root / "DCIM")
    shutil.copytree(source, target, dirs_exist_ok=True, copy_function=shutil.copyfile)
    if chdk:
        boot_card(root)
        (root / "CHDK/CCHDK4.CFG").write_bytes(struct.pack("<II", MAGIC, _CORE_CONFIG))
    for name, taken in TAKEN.items():
        moment = time.mktime((*taken, 0, 0, -1))
        os.utime(root / name, (moment, moment))
