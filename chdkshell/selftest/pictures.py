"""Pictures, to the card and straight to this computer."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from chdkshell import disk
from chdkshell.chdk import versions
from chdkshell.chdk.shooting.capture import CapturedFile, CaptureRequest, FileKind
from chdkshell.chdk.shooting.cardpictures import CardShotSettings, wait_written
from chdkshell.errors import ChdkError
from chdkshell.reasons import Reason
from chdkshell.selftest.bench import Bench
from chdkshell.selftest.checks import Kind, Trial
from chdkshell.selftest.outcomes import AbsentError, require

_NOT_ON_MODEL = (Reason.NO_REMOTE_CAPTURE, Reason.CAPTURE_FORMAT, Reason.NO_CANON_RAW)


def to_card(settings: CardShotSettings, wanted: set[str]) -> Callable[[Bench], str]:
    """Return what takes a picture to the card, looks at its files, and deletes them."""

    def run(bench: Bench) -> str:
        start = time.monotonic()
        taken = bench.take_picture(settings)
        seconds = time.monotonic() - start
        kinds = {picture.image_format for picture in taken.pictures}
        require(wanted <= kinds, f"files of the kinds {sorted(kinds)}", f"{sorted(wanted)}")
        sizes = []
        for picture in taken.pictures:
            wait_written(bench.camera.scripts, picture.path, bench.cancel)
            copy = bench.camera.files.download(
                picture.path, bench.local / "CARD", is_new=True, cancel=bench.cancel
            )
            sizes.append(f"{picture.image_format} of {copy.size >> 10} KB")
            disk.remove(str(copy.local))
        bench.delete_pictures()
        bench.measured["shot_s"] = round(seconds, 2)
        return f"{', '.join(sizes)}; shot in {seconds:.1f} s"

    return run


def to_computer(
    request: CaptureRequest, look: Callable[[list[CapturedFile]], None] = lambda files: None
) -> Callable[[Bench], str]:
    """Return what takes a picture straight to this computer and looks at its files."""

    def run(bench: Bench) -> str:
        folder = bench.local / "captured"
        start = time.monotonic()
        try:
            with bench.shooting(CardShotSettings()):  # what is called off may go to the card
                (shot,) = bench.camera.capture(f"{folder}/", files=request, cancel=bench.cancel)
        except ChdkError as error:
            if error.reason in _NOT_ON_MODEL:
                raise AbsentError(str(error)) from error
            raise
        seconds = time.monotonic() - start
        require(not shot.problem, shot.problem, "whole files")
        look(shot.files)
        sizes = ", ".join(f"{file.kind.name} of {file.size >> 10} KB" for file in shot.files)
        for file in shot.files:
            disk.remove(str(file.path))
        bench.measured["seconds"] = round(seconds, 2)
        return f"{sizes}, in {seconds:.1f} s"

    return run


def starts_with(*beginnings: bytes) -> Callable[[list[CapturedFile]], None]:
    """Return what requires of each file that it begins as one of its kind."""

    def look(files: list[CapturedFile]) -> None:
        require(bool(files), "no file", "one")
        for file in files:
            begin = head(file.path)
            require(begin in beginnings, f"the file begins {begin!r}", f"{beginnings[0]!r}")

    return look


def head(path: Path) -> bytes:
    """Return the first bytes of a file."""
    with path.open("rb") as file:
        return file.read(2)


def raw_fits_header(files: list[CapturedFile]) -> None:
    """Require that the frame is as large as the DNG header says."""
    from chdkshell.chdk.imaging.dng import read_header

    found = {file.kind: file for file in files}
    require(len(found) == 2, f"{len(found)} files", "a header and a frame")
    layout = read_header(found[FileKind.DNG_HEADER].path.read_bytes()).layout
    mosaic = layout.mosaic
    require(
        found[FileKind.RAW].size == layout.raw_size,
        f"a frame of {found[FileKind.RAW].size} bytes",
        f"{layout.raw_size}: {mosaic.width}x{mosaic.height} pixels of {mosaic.bits} bits",
    )


CAPTURE, CANON_RAW = versions.REMOTE_CAPTURE, versions.CANON_RAW_CAPTURE
JPEG, TIFF = b"\xff\xd8", (b"II", b"MM")

CHECKS = (
    Trial(
        "picture to card",
        "its file is whole",
        to_card(CardShotSettings(raw=False), {"JPG"}),
        records=True,
        kind=Kind.SHOOTS,
    ),
    Trial(
        "DNG to card",
        "its files are whole",
        to_card(CardShotSettings(dng=True), {"JPG", "DNG"}),
        records=True,
        kind=Kind.SHOOTS,
    ),
    Trial(
        "JPEG capture",
        "its file is whole",
        to_computer(CaptureRequest(jpg=True), starts_with(JPEG)),
        CAPTURE,
        records=True,
        kind=Kind.SHOOTS,
    ),
    Trial(
        "DNG header capture",
        "its file begins as one",
        to_computer(CaptureRequest(dng_header=True), starts_with(*TIFF)),
        CAPTURE,
        records=True,
        kind=Kind.SHOOTS,
    ),
    Trial(
        "raw capture",
        "the frame is as large as its header says",
        to_computer(CaptureRequest(raw=True, dng_header=True), raw_fits_header),
        CAPTURE,
        records=True,
        kind=Kind.SHOOTS,
    ),
    Trial(
        "Canon raw capture",
        "its file is whole",
        to_computer(CaptureRequest(canon_raw=True), starts_with(*TIFF)),
        CANON_RAW,
        records=True,
        kind=Kind.SHOOTS,
    ),
)
