"""What becomes of a shot: files on the card, or data for the host."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from chdkshell.chdk.constants import CaptureData
from chdkshell.sim.card import CardFailure
from chdkshell.sim.imaging import pictures
from chdkshell.sim.settings import DNG, DNG_SUFFIX, RAW_FOLDER, RAW_PREFIX, RAW_SUFFIX
from chdkshell.streams import BytesSource, Source

if TYPE_CHECKING:
    from chdkshell.sim.card import Card
    from chdkshell.sim.imaging.sensor import Sensor
    from chdkshell.sim.shot import Shot
    from chdkshell.sim.state import CameraState

JPEG_PIECE = 1 << 14
"""Bytes of a JPEG that are sent at a time. A camera's buffers and its pictures are larger."""

_RAW_PREFIXES = ("IMG_", "CRW_", "SND_")
_RAW_SUFFIXES = ("JPG", "CRW", "CR2", "THM", "WAV")

_LAST_NUMBER, _LAST_FOLDER = 9999, 999

FIRST_FOLDER = "100___11"
"""What takes the first picture on a card: this camera names folders by the month."""

_FOLDER = re.compile(r"([1-9][0-9]{2})([A-Z0-9_]{5})")
_FILE = re.compile(r"[A-Z_]{4}([0-9]{4})\.[A-Z0-9]{3}")
"""Names by the DCF standard (JEITA CP-3461, 3.2)."""


class Darkroom:
    """Makes the files of each shot. The shutter's thread calls `develop`."""

    def __init__(self, card: Card, state: CameraState) -> None:
        self._card = card
        self._state = state

    def develop(self, shot: Shot) -> None:
        """Write the files of a shot, or offer them to the host where a capture is set up."""
        self._roll_over(shot)
        self._count_pixels()
        if self._state.capture.target:
            self._offer(shot)
        else:
            self._store(shot)
        self._state.raw_frame = None

    def open_raw(self, shot: Shot) -> None:
        """Let scripts in the raw hook have the frame of a shot."""
        self._state.raw_frame = pictures.raw_frame(self._state, shot, self._sensor)

    def _count_pixels(self) -> None:
        """Make the shot's histogram, where a script wants one."""
        state = self._state
        if state.shot_histogram is not None and state.raw_frame is not None:
            state.shot_histogram = state.raw_frame.histogram()

    def store_movie(self, began: int, ended: int) -> None:
        """Write the file of a movie that was recorded from one tick count to another."""
        state = self._state
        with state.lock:
            state.exposure_count = state.exposure_count % _LAST_NUMBER + 1
            path = f"{state.image_dir}/MVI_{state.exposure_count:04d}.AVI"
        with contextlib.suppress(OSError):
            make_folders(self._card, state.image_dir)
            with self._card.open(path, "w") as file:
                file.write(pictures.movie(state, began, ended))

    @property
    def _sensor(self) -> Sensor:
        from chdkshell.sim.imaging.sensor import camera_sensor

        return camera_sensor(self._state.identity.sensor, self._state.sensor_bits)

    # ---- for the host -------------------------------------------------------------------------

    def _offer(self, shot: Shot) -> None:
        """Offer what the target asks for. A capture that ends meanwhile still costs the picture."""
        state, capture = self._state, self._state.capture
        if capture.target & CaptureData.DNG_HEADER:
            header = pictures.header_of(state, shot, self._sensor)
            capture.offer(CaptureData.DNG_HEADER, shot.number, [BytesSource(header)], state.clock)
        if capture.target & CaptureData.RAW:
            lines = capture.first_line, capture.lines
            frame = pictures.raw_data(state, shot, self._sensor, *lines)
            capture.offer(CaptureData.RAW, shot.number, [frame], state.clock)
        if not capture.target & (CaptureData.JPEG | CaptureData.CANON_RAW):
            return
        file = pictures.jpeg(state, shot)
        if capture.target & CaptureData.CANON_RAW:
            raw = pictures.canon_raw(file)
            capture.offer(CaptureData.CANON_RAW, shot.number, _pieces(raw), state.clock)
        if capture.target & CaptureData.JPEG:
            capture.offer(CaptureData.JPEG, shot.number, _pieces(file), state.clock)

    # ---- for the card -------------------------------------------------------------------------

    def _store(self, shot: Shot) -> None:
        # A card that is full or read-only costs the picture, on a camera too.
        with contextlib.suppress(OSError):
            for path, data in self._files(shot):
                make_folders(self._card, path.rpartition("/")[0])
                with self._card.open(path, "w") as file:
                    for part in data.chunks():
                        file.write(part)
                self._card.utime(path, shot.taken, shot.taken)

    def _roll_over(self, shot: Shot) -> None:
        """Begin the next folder where the numbers start over in one that is in use."""
        state = self._state
        parent, _, name = state.image_dir.rpartition("/")
        match = _FOLDER.fullmatch(name)
        if shot.number == 1 and match and _numbers(self._card, state.image_dir):
            number = min(int(match[1]) + 1, _LAST_FOLDER)
            state.image_dir = f"{parent}/{number}{match[2]}"

    def _files(self, shot: Shot) -> Iterator[tuple[str, Source]]:
        state = self._state
        if state.raw:
            yield self._raw_path(shot), self._raw_file(shot)
        file = pictures.jpeg(state, shot)
        base = f"{state.image_dir}/IMG_{shot.number:04d}"
        if state.image_format & 2:
            yield f"{base}.CR2", BytesSource(pictures.canon_raw(file))
        if state.image_format & 1:
            yield f"{base}.JPG", BytesSource(file)

    def _raw_file(self, shot: Shot) -> Source:
        if self._state.config.number(DNG):
            return pictures.dng(self._state, shot, self._sensor)
        return pictures.raw_data(self._state, shot, self._sensor)

    def _raw_path(self, shot: Shot) -> str:
        """Return where a raw file goes, and its name: as the settings of CHDK say."""
        folder, place = self._state.image_dir, self._state.config.number(RAW_FOLDER)
        if place == 2:
            folder = folder.replace("A/DCIM", "A/RAW", 1)
        elif place != 1:
            dated = re.match(r"A/DCIM/[0-9]{3}_", folder)
            folder = "A/DCIM/101___01" if dated else "A/DCIM/100CANON"
        prefix = _choice(_RAW_PREFIXES, self._state.config.number(RAW_PREFIX), "RAW_")
        suffix = _choice(_RAW_SUFFIXES, self._state.config.number(RAW_SUFFIX), "RAW")
        if self._state.config.number(DNG) and self._state.config.number(DNG_SUFFIX):
            suffix = "DNG"
        return f"{folder}/{prefix}{shot.number:04d}.{suffix}"


def last_picture(card: Card, first_folder: str = FIRST_FOLDER) -> tuple[int, str]:
    """Return the number of this camera's last picture, and the folder that takes the next.

    Its folders on the card are `first_folder` and those numbered on from it without a gap. Others
    are another camera's: the count is in the camera, and does not go on from theirs.
    """
    there = {name.upper() for name in _names(card, "A/DCIM")}
    number, kind = int(first_folder[:3]), first_folder[3:]
    folders = [first_folder]
    while f"{number + len(folders)}{kind}" in there:
        folders.append(f"{number + len(folders)}{kind}")
    newest = f"A/DCIM/{folders[-1]}"
    last = max((n for name in folders for n in _numbers(card, f"A/DCIM/{name}")), default=0)
    if last == _LAST_NUMBER:  # the numbers started over: what counts is the newest folder
        last = max(_numbers(card, newest), default=0)
    return last, newest


def _numbers(card: Card, folder: str) -> list[int]:
    """Return the numbers of the pictures in a folder."""
    matches = [_FILE.fullmatch(name.upper()) for name in _names(card, folder)]
    return [int(match[1]) for match in matches if match]


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


def _pieces(file: bytes) -> list[BytesSource]:
    return [BytesSource(file[at : at + JPEG_PIECE]) for at in range(0, len(file), JPEG_PIECE)]


def _choice(names: tuple[str, ...], index: int, other: str) -> str:
    return names[index] if 0 <= index < len(names) else other
