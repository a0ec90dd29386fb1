"""Thumbnails in files of all kinds that cameras make, from their beginnings alone."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from PIL import Image
from support.exif_pictures import jpeg, with_thumbnail

from chdkshell.camera import connect
from chdkshell.chdk.card.thumbnails import HEAD, MOST, read_thumbnail, thumbnail
from chdkshell.chdk.cardentry import CardEntry

SMALL = jpeg("red", (16, 12))


def segment(kind: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, kind, len(content) + 2) + content


def directory(*entries: tuple[int, int, int], order: str = "<", following: int = 0) -> bytes:
    """Return a directory of entries with a tag, a type (3 short, 4 long) and a value."""
    data = struct.pack(order + "H", len(entries))
    for tag, kind, value in entries:
        word = struct.pack(
            order + ("HH" if kind == 3 else "I"), *((value, 0) if kind == 3 else (value,))
        )
        data += struct.pack(order + "HHI", tag, kind, 1) + word
    return data + struct.pack(order + "I", following)


def cr2(order: str = "<", gap: int = 40_000) -> bytes:
    """Return what a CR2 file begins with: its thumbnail lies far behind the directories."""
    first = directory((0x0103, 3, 6), order=order, following=8 + 18)
    second = directory((0x0201, 4, gap), (0x0202, 4, len(SMALL)), order=order)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    return (head + first + second).ljust(gap, b"\0") + SMALL


def dng(width: int = 128, height: int = 96) -> bytes:
    """Return what a DNG file of CHDK begins with: the pixels follow the header."""
    entries = (
        (256, 3, width), (257, 3, height), (259, 3, 1), (262, 3, 2),
        (273, 4, 1360), (279, 4, width * height * 3),
    )  # fmt: skip
    head = b"II*\0" + struct.pack("<I", 8) + directory(*entries)
    return head.ljust(1360, b"\0") + bytes((255, 0, 0)) * (width * height)


def long_exif() -> bytes:
    """Return a JPEG file whose EXIF data has the thumbnail beyond 32 KB."""
    first = directory(following=8 + 6)
    second = directory((0x0201, 4, 50_000), (0x0202, 4, len(SMALL)))
    block = (b"II*\0" + struct.pack("<I", 8) + first + second).ljust(50_000, b"\0") + SMALL
    whole = jpeg("white", (64, 48))
    return whole[:2] + segment(0xE1, b"Exif\0\0" + block) + whole[2:]


def jfxx() -> bytes:
    whole = jpeg("white", (64, 48))
    return whole[:20] + segment(0xE0, b"JFXX\0\x10" + SMALL) + whole[20:]


KINDS = {
    "EXIF": with_thumbnail(SMALL),
    "long EXIF": long_exif(),
    "JFXX": jfxx(),
    "CR2": cr2(),
    "CR2, big-endian": cr2(">"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind(kind: str) -> None:
    assert thumbnail(KINDS[kind]) == SMALL


def test_the_pixels_of_a_dng_become_a_picture() -> None:
    found = thumbnail(dng())
    assert found
    with Image.open(io.BytesIO(found)) as image:
        assert (image.format, image.size) == ("JPEG", (128, 96))
        red, green, _ = image.convert("RGB").getpixel((5, 5))  # type: ignore[misc]
        assert red > 200 > 50 > green


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"II*\0",
        b"II*\0\x08\0\0\0",
        b"II*\0" + struct.pack("<I", 0xFFFFFFF0),
        b"II*\0" + struct.pack("<IH", 8, 60_000) + bytes(100),
        dng()[:5000],
        dng(5000, 2),
        cr2()[:-1],
        b"\xff\xd8" + segment(0xE0, b"JFXX\0\x10") * 100,
        b"\xff\xd8\xff\xe1\0\0",
        cr2(gap=MOST),
        jpeg("white", (8, 8)),
    ],
)
def test_what_has_none(broken: bytes) -> None:
    assert thumbnail(broken) is None


def test_the_camera_is_asked_for_the_beginning_alone(tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    for number, data in enumerate([*KINDS.values(), dng()]):
        (tmp_path / "card" / f"F{number}").write_bytes(data + bytes(3 << 20))
    with connect(f"sim:card={tmp_path}/card") as camera:
        for number in range(len(KINDS) + 1):
            before = camera.session.bytes_read
            found = read_thumbnail(camera.scripts, CardEntry(f"A/F{number}"))
            assert found
            assert found == SMALL or number == len(KINDS)
            assert camera.session.bytes_read - before < 3 * HEAD
