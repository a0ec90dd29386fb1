"""Pictures as the simulated camera takes them: the scene before its lens as JPEG, CR2 and DNG."""

from __future__ import annotations

import io
import struct
import time
from typing import TYPE_CHECKING

from chdkshell.sim.autoexposure import MARKET_OFFSET, ND_EV96, tv96_to_usec
from chdkshell.sim.imaging import thumbnail
from chdkshell.sim.imaging.made import MadeData

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image

    from chdkshell.sim.imaging.rawframe import RawFrame
    from chdkshell.sim.imaging.scene import View
    from chdkshell.sim.imaging.sensor import Sensor
    from chdkshell.sim.shot import Shot
    from chdkshell.sim.state import CameraState
    from chdkshell.streams import Buffer

SIZE = (640, 480)
"""Width and height of JPEG files in pixels: PowerShots call it S, their smallest."""

MOVIE_SIZE, MOVIE_FRAMES = (320, 240), 60
"""Width and height of movies, and how many frames they have at most."""

RAW_LIGHT = (1200, 900)
"""In how many pixels the scene is drawn for the sensor, which has more."""

QUALITY = 75

_JFIF_SEGMENT = bytes.fromhex("ffe0 0010 4a46494600 0101 00 0001 0001 0000")

_EXIF_IFD = 0x8769
_MAKE, _MODEL, _ORIENTATION, _SOFTWARE, _DATE_TIME = 0x010F, 0x0110, 0x0112, 0x0131, 0x0132
_EXPOSURE_TIME, _F_NUMBER, _ISO = 0x829A, 0x829D, 0x8827
_DATE_TIME_ORIGINAL, _DATE_TIME_DIGITIZED = 0x9003, 0x9004
_SHUTTER_SPEED, _APERTURE, _SUBJECT_DISTANCE, _FOCAL_LENGTH = 0x9201, 0x9202, 0x9206, 0x920A
_SUBSECOND, _SUBSECOND_ORIGINAL = 0x9290, 0x9291
"""Tags of EXIF 2.3, tables 3 to 8."""

_SOFTWARE_NAME = "1.7.0 ver. 1.7.0-sim1.0"
_ARTIST = "simulator"


MAX_GAIN96 = 32 * 96
"""More stops than the light of a scene has, in 96ths: what is beyond is white, or black."""


def exposure_gain(shot: Shot) -> float:
    """Return how bright a shot is, by APEX: 1 where white paper comes out white."""
    gain96 = shot.bv96 + shot.sv96 - shot.tv96 - shot.av96 - shot.nd * ND_EV96
    return float(2 ** (max(-MAX_GAIN96, min(MAX_GAIN96, gain96)) / 96))


def view_of(state: CameraState, ticks: int, now: int, zoom: int, field_height: float) -> View:
    """Return what the camera sees at a tick count and a local time, through the lens at `zoom`."""
    from chdkshell.sim.imaging.scene import View

    hours, minutes, seconds = now // 3600 % 24, now // 60 % 60, now % 60
    return View(
        magnification=state.focal_lengths[zoom] / state.focal_lengths[0],
        seconds=ticks / 1000,
        clock=f"{hours:02d}:{minutes:02d}:{seconds:02d}.{ticks // 100 % 10}",
        field_height=field_height,
    )


def view_of_shot(state: CameraState, shot: Shot) -> View:
    """Return what was before the lens when a shot was taken, in 4:3."""
    return view_of(state, shot.ticks, shot.taken, shot.zoom, 0.75)


def shown(state: CameraState, shot: Shot, width: int, height: int) -> Image.Image:
    """Return the picture of a shot."""
    import numpy as np
    from PIL import Image

    from chdkshell.sim.imaging.scene import shown_bands

    bands = shown_bands(width, height, view_of_shot(state, shot), exposure_gain(shot))
    return Image.fromarray(np.concatenate(list(bands)))


def jpeg(state: CameraState, shot: Shot) -> bytes:
    """Return the JPEG file of a shot."""
    image, small, out = shown(state, shot, *SIZE), io.BytesIO(), io.BytesIO()
    image.resize(thumbnail.SIZE).save(small, "JPEG", quality=QUALITY)
    exif = thumbnail.with_thumbnail(_exif(state, shot).tobytes(), small.getvalue())
    image.save(out, "JPEG", quality=QUALITY, exif=exif)
    # A camera's file has its EXIF data at once (EXIF 2.3, 4.7.1), Pillow's a JFIF segment before.
    return out.getvalue().replace(_JFIF_SEGMENT, b"", 1)


def movie(state: CameraState, began: int, ended: int) -> bytes:
    """Return the file of a movie from one tick count to another: a frame a second, at most."""
    import numpy as np

    from chdkshell.sim.imaging.avi import avi_file

    count = max(1, min((ended - began) // 1000, MOVIE_FRAMES))
    moments = np.linspace(began, ended, count, endpoint=False).astype(int)
    now = state.clock.now()
    frames = []
    for moment in moments.tolist():
        frames.append(_frame(state, moment, now - (ended - moment) // 1000))
    return avi_file(frames, *MOVIE_SIZE, (ended - began) * 1000 // count)


def viewfinder(state: CameraState) -> bytes:
    """Return what the camera sees now, as a small JPEG."""
    return _frame(state, state.clock.ticks(), state.clock.now())


def _frame(state: CameraState, moment: int, now: int) -> bytes:
    """Return a frame of a movie: what the camera sees at a tick count and a local time."""
    import numpy as np
    from PIL import Image

    from chdkshell.sim.imaging.scene import shown_bands

    view = view_of(state, moment, now, state.zoom, 0.75)
    out = io.BytesIO()
    frame = np.concatenate(list(shown_bands(*MOVIE_SIZE, view)))
    Image.fromarray(frame).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def canon_raw(jpeg_file: bytes) -> bytes:
    """Return a file in the frame of a CR2: its header, and a directory with the JPEG as preview.

    The sensor's data are left out, which only Canon's own compression could hold.
    """
    start = 16 + 2 + 12 * 4 + 4
    entries = ((0x103, 3, 6), (0x111, 4, start), (0x112, 3, 1), (0x117, 4, len(jpeg_file)))
    head = struct.pack("<2sHI2sBBI", b"II", 42, 16, b"CR", 2, 0, 0)
    directory = struct.pack("<H", len(entries))
    for tag, kind, value in entries:
        directory += struct.pack("<HHII", tag, kind, 1, value)
    return head + directory + bytes(4) + jpeg_file


def raw_frame(state: CameraState, shot: Shot, sensor: Sensor) -> RawFrame:
    """Return the raw frame of a shot, for scripts."""
    from chdkshell.sim.imaging.rawframe import RawFrame
    from chdkshell.sim.imaging.scene import bands

    view, gain = view_of_shot(state, shot), exposure_gain(shot)
    return RawFrame(sensor, lambda: sensor.pixels(bands(*RAW_LIGHT, view), RAW_LIGHT[1], gain))


def raw_data(
    state: CameraState, shot: Shot, sensor: Sensor, first_line: int = 0, lines: int = 0
) -> MadeData:
    """Return the frame buffer of a shot, or some lines of it, as a script has left it."""
    from chdkshell.sim.imaging.scene import bands

    frame, view, gain = state.raw_frame, view_of_shot(state, shot), exposure_gain(shot)
    length = sensor.row_bytes * (lines or sensor.mosaic.height - first_line)
    if frame is not None and frame.changed:
        return MadeData(length, lambda: frame.lines(first_line, lines))
    return MadeData(
        length,
        lambda: sensor.packed(bands(*RAW_LIGHT, view), RAW_LIGHT[1], gain, first_line, lines),
    )


def header_of(state: CameraState, shot: Shot, sensor: Sensor) -> bytes:
    """Return the DNG header of a shot."""
    from chdkshell.sim.imaging.dng_header import ShotDetails, dng_header

    return dng_header(
        sensor,
        ShotDetails(
            tv=shot.tv96,
            av=shot.av96,
            iso=round(_market_iso(shot)),
            date=_date(shot),
            hundredths=shot.ticks // 10 % 100,
            white_balance=sensor.white_balance,
            model=state.model,
            software=_SOFTWARE_NAME,
            artist=_ARTIST,
            subject_distance=shot.focus,
            focal_length=state.focal_lengths[shot.zoom],
        ),
    )


def dng(state: CameraState, shot: Shot, sensor: Sensor) -> MadeData:
    """Return a DNG file as CHDK writes it to the card."""
    import numpy as np

    from chdkshell.sim.imaging.dng_header import THUMBNAIL_HEIGHT, THUMBNAIL_WIDTH

    head = header_of(state, shot, sensor)
    head += shown(state, shot, THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT).tobytes()
    raw = raw_data(state, shot, sensor)

    def make() -> Iterator[Buffer]:
        yield head
        for part in raw.chunks():
            yield np.frombuffer(part, "<u2").astype(">u2").tobytes()

    return MadeData(len(head) + raw.length, make)


def _market_iso(shot: Shot) -> float:
    return float(2 ** ((shot.sv96 + MARKET_OFFSET) / 96) * 3.125)


def _date(shot: Shot) -> str:
    return time.strftime("%Y:%m:%d %H:%M:%S", time.gmtime(shot.taken))


def _exif(state: CameraState, shot: Shot) -> Image.Exif:
    from PIL import Image
    from PIL.TiffImagePlugin import IFDRational

    moment, fraction = _date(shot), f"{shot.ticks // 10 % 100:02d}"
    exif = Image.Exif()
    exif[_MAKE] = "Canon"
    exif[_MODEL] = state.model
    exif[_ORIENTATION] = 1
    exif[_SOFTWARE] = _SOFTWARE_NAME
    exif[_DATE_TIME] = moment
    exif.get_ifd(_EXIF_IFD).update(
        {
            _EXPOSURE_TIME: IFDRational(tv96_to_usec(shot.tv96), 1_000_000),
            _F_NUMBER: IFDRational(round(10 * 2 ** (shot.av96 / 192)), 10),
            _ISO: min(round(_market_iso(shot)), 0xFFFF),
            _DATE_TIME_ORIGINAL: moment,
            _DATE_TIME_DIGITIZED: moment,
            _SHUTTER_SPEED: IFDRational(shot.tv96, 96),
            _APERTURE: IFDRational(shot.av96, 96),
            _SUBJECT_DISTANCE: IFDRational(shot.focus, 1000),
            _FOCAL_LENGTH: IFDRational(state.focal_lengths[shot.zoom], 1000),
            _SUBSECOND: fraction,
            _SUBSECOND_ORIGINAL: fraction,
        }
    )
    return exif
