"""What is done with DNG files on the host."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from support.capture_replay import recorded_dng_header

from chdkshell.chdk.imaging.dng import read_header
from chdkshell.chdk.imaging.dngtools import DngImage, DngSummary, bins
from chdkshell.chdk.imaging.dngwriter import DngWriter
from chdkshell.chdk.imaging.rawimage import Area, Mosaic, unpack
from chdkshell.chdk.imaging.tiffdirs import read_directories
from chdkshell.errors import DngError, HostFileError, UsageError
from chdkshell.sim.imaging.dng_header import ShotDetails, dng_header
from chdkshell.sim.imaging.sensor import Sensor

SENSOR = Sensor(
    Mosaic(320, 240, 12, Area(4, 8, 236, 312), black=127, white=4095),
    Area(0, 0, 232, 304),
    dead_pixels=((50, 60), (51, 61), (2, 3)),
)
SHOT = ShotDetails(672, 320, 111, "2025:11:21 08:09:13", 9, SENSOR.white_balance)


def light() -> NDArray[np.float64]:
    """Return four fields: red, green, blue and grey."""
    return np.array([[[0.8, 0.1, 0.1], [0.1, 0.6, 0.2]], [[0.1, 0.2, 0.7], [0.5, 0.5, 0.5]]])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = io.BytesIO()
    writer = DngWriter(file, read_header(dng_header(SENSOR, SHOT)))
    writer.write(SENSOR.expose(light()))
    writer.finish()
    path = tmp_path / "a.dng"
    path.write_bytes(file.getvalue() + b"after")
    return path


def test_a_file_comes_back_as_it_was(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.dng"
    DngImage(path).save(copy)
    assert copy.read_bytes() == path.read_bytes()
    assert not list(tmp_path.glob("*.part"))


def test_a_file_is_not_overwritten_unasked(path: Path) -> None:
    image = DngImage(path)
    before = path.read_bytes()
    with pytest.raises(HostFileError, match="file exists, use -over to overwrite"):
        image.save(path)
    assert path.read_bytes() == before
    image.patch()
    image.save(path, overwrite=True)
    assert path.read_bytes() != before
    with pytest.raises(HostFileError, match="can't overwrite non-file"):
        image.save(path.parent, overwrite=True)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(HostFileError, match="No such file"):
        DngImage(tmp_path / "none.dng")
    (tmp_path / "a.dng").write_bytes(b"no")
    with pytest.raises(DngError):
        DngImage(tmp_path / "a.dng")


def test_the_summary(path: Path) -> None:
    assert DngImage(path).summary() == DngSummary(
        320, 240, 12, "RGGB", "1.3.0.0", "1.1.0.0", "1.7.0 ver. 1.7.0-sim1", "Canon PowerShot SIM1"
    )


def test_the_directories_of_the_recorded_header(tmp_path: Path) -> None:
    path = tmp_path / "a.dng"
    with path.open("wb") as file:
        writer = DngWriter(file, read_header(recorded_dng_header()), lines=1)
        writer.write(bytes(7056))
        writer.finish()
    first, raw, exif = DngImage(path).directories()
    assert [(d.name, d.offset, len(d.tags)) for d in (first, raw, exif)] == [
        ("0", 8, 34),
        ("0.0", 422, 22),
        ("0.exif", 692, 17),
    ]
    tag = first.tags[8]
    assert (tag.number, tag.name, tag.kind, tag.count) == (0x110, "Model", "ASCII", 23)
    assert tag.values() == ["Canon PowerShot REFCAM"]
    by_name = {tag.name: tag.values() for tag in (*raw.tags, *exif.tags)}
    assert by_name["CFAPattern"] == [0, 1, 1, 2]
    assert by_name["ActiveArea"] == [20, 60, 3502, 4700]
    assert by_name["ExposureTime"] == [(7812, 1000000)]
    assert {tag.name: tag.number for tag in exif.tags}["ExposureTime"] == 0x829A


def test_the_histogram(path: Path) -> None:
    image = DngImage(path)
    active, everything = image.area(), image.area(everything=True)
    assert (active, everything) == (Area(4, 8, 236, 312), Area(0, 0, 240, 320))
    histogram = image.histogram(active)
    assert len(histogram) == 4096
    assert histogram.sum() == 232 * 304
    assert histogram[0] == 2
    border = image.histogram(everything)
    # All that is covered reads black, but for the dead pixel in it.
    assert (border[127], border[0]) == (240 * 320 - 232 * 304 - 1, 3)
    assert list(bins(border, 0, 4, 2)) == [(0, 1, 3), (2, 3, 0), (4, 5, int(border[4]))]
    assert sum(count for *_, count in bins(border, 0, 4095, 100)) == 240 * 320
    for wrong in ((0, 4, 0), (-1, 4, 1), (5, 4, 1)):
        with pytest.raises(UsageError):
            list(bins(border, *wrong))


def test_matching_pixels(path: Path) -> None:
    image = DngImage(path)
    assert list(image.matching(image.area(), 0, 0)) == [(60, 50), (61, 51)]
    assert list(image.matching(image.area(everything=True), 0, 126)) == [(3, 2), (60, 50), (61, 51)]


def test_patching(path: Path) -> None:
    image = DngImage(path)
    good = image.pixels[52, 60]
    assert image.patch() == 2
    assert image.pixels[50, 60] == good > 127
    assert image.patch() == 0
    assert image.pixels[2, 3] == 0  # lies outside the active area


def test_what_can_be_taken_out(path: Path) -> None:
    image = DngImage(path)
    data = path.read_bytes()[image.layout.raw_offset : -len("after")]
    assert image.raw_bytes() == data
    assert image.raw_bytes(order="<") == SENSOR.expose(light())
    assert (unpack(image.raw_bytes(10), 320, 10, ">") == image.pixels >> 2).all()
    assert (unpack(image.raw_bytes(14, "<"), 320, 14, "<") == image.pixels).all()
    assert image.raw_bytes(8) == (image.pixels >> 4).astype(np.uint8).tobytes()
    assert image.raw_bytes(16, "<") == image.pixels.astype("<u2").tobytes()
    with pytest.raises(UsageError, match="invalid format"):
        image.raw_bytes(9)


@pytest.mark.parametrize(("bits", "most"), [(8, 255), (16, 4095)])
def test_pgm_files_open_elsewhere(path: Path, bits: int, most: int) -> None:
    image = DngImage(path)
    data = image.pgm(bits)
    assert data.startswith(b"P5\n320\n240\n%d\n" % most)
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.size == (320, 240)
    with pytest.raises(UsageError, match="only 8 and 16 bpp"):
        image.pgm(12)


def test_the_thumbnail_opens_elsewhere(path: Path) -> None:
    with Image.open(io.BytesIO(DngImage(path).thumbnail_ppm())) as opened:
        assert opened.size == (128, 96)
        red, green, blue = opened.getpixel((20, 20))  # type: ignore[misc]
    assert red > max(green, blue) + 60


def test_a_developed_picture_has_the_colours_of_the_scene(path: Path, tmp_path: Path) -> None:
    DngImage(path).save_png(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as opened:
        assert opened.size == (152, 116)
        corners = [opened.getpixel(at) for at in ((30, 40), (120, 40), (30, 90), (120, 90))]
    # sRGB of 0.1, 0.2, 0.5, 0.6, 0.7 and 0.8: 89, 124, 188, 203, 218 and 231
    expected = [(231, 89, 89), (89, 203, 124), (89, 124, 218), (188, 188, 188)]
    assert np.abs(np.array(corners) - np.array(expected)).max() <= 2


def test_entries_that_are_broken_are_there_to_be_looked_at() -> None:
    header = bytearray(recorded_dng_header())
    (whole, *_) = read_directories(bytes(header))
    places = {tag.number: whole.offset + 2 + 12 * at for at, tag in enumerate(whole.tags)}
    header[places[0x010F] + 2] = 99  # the type of Make
    header[places[0x0110] + 8 : places[0x0110] + 12] = (1 << 20).to_bytes(4, "little")  # Model's
    (first, *_) = read_directories(bytes(header))
    assert [tag.number for tag in first.tags] == [tag.number for tag in whole.tags]
    make, model = first.tag(0x010F), first.tag(0x0110)
    assert make is not None
    assert model is not None
    assert (make.kind, make.name, make.values()) == ("unk", "Make", [])
    assert (model.kind, model.word, model.values()) == ("ASCII", 1 << 20, [""])
