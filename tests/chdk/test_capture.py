"""Remote capture from a camera that plays back what was recorded, or misbehaves."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import tifffile
from support.capture_replay import recorded, recorded_dng_header
from support.chdk_replay import GENERAL_ERROR, Answer, Player, playing

from chdkshell.chdk import transfer
from chdkshell.chdk.constants import CaptureData
from chdkshell.chdk.imaging.dng import MAX_HEADER
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.shooting.capture import CaptureRequest, FileKind, ShotFetcher
from chdkshell.errors import (
    Cancelled,
    CaptureError,
    HostFileError,
    MissingPackageError,
    UsageError,
)
from chdkshell.flow import CancelToken

VERSION = Answer((2, 9))
NOT_READY = Answer((0, 0))
NOT_SET_UP = Answer((0x10000000, 0))
NOWHERE = 0xFFFFFFFF


def ready(bits: int, number: int = 7) -> Answer:
    return Answer((bits, number))


def piece(data: bytes, more: int = 0, position: int = NOWHERE) -> Answer:
    return Answer((len(data), more, position), data)


class Watch:
    """Counts its calls and raises what it is given."""

    def __init__(self, error: Exception | None = None) -> None:
        self.calls = 0
        self.error = error

    def __call__(self) -> None:
        self.calls += 1
        if self.error:
            raise self.error


def capturing(
    folder: Path, *answers: Answer, request: CaptureRequest | None = None, **options: Any
) -> tuple[ShotFetcher, Player]:
    """Return a capture into `folder` from a camera that gives `answers`, and the camera."""
    session, player = playing(VERSION, *answers)

    def path_for(kind: FileKind, number: int) -> Path:
        return folder / f"IMG_{number:04d}.{kind.suffix}"

    request = request or CaptureRequest()
    return ShotFetcher(ChdkProtocol(session), request, path_for, **options), player


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# ---- what was recorded ----


def test_the_recorded_jpeg(tmp_path: Path) -> None:
    capture, player = capturing(
        tmp_path,
        NOT_READY,
        recorded("jpeg capture: ready"),
        *(recorded(f"jpeg capture: chunk {n}") for n in (1, 2, 3)),
    )
    shot = capture.fetch_shot()
    assert player.left == 0
    assert [asked.params for asked in player.asked] == [
        (0,),
        (13,),
        (13,),
        (14, 1),
        (14, 1),
        (14, 1),
    ]
    assert names(tmp_path) == ["IMG_0001.jpg"]
    assert shot.image_number == 1
    (file,) = shot.files
    assert (file.path, file.kind, file.size) == (
        tmp_path / "IMG_0001.jpg",
        FileKind.JPG,
        2 * 131072 + 1826,
    )
    data = file.path.read_bytes()
    assert data[:4] == b"\xff\xd8\xff\xe0"
    assert data[131072 : 131072 + 4] == bytes.fromhex("0926de98")
    assert data[2 * 131072 :].startswith(bytes.fromhex("74a78eb4"))


RECORDED_RAW = (
    recorded("DNG header: ready"),
    recorded("DNG header: chunk 1"),
    recorded("raw lines: ready"),
    recorded("raw lines: chunk 1"),
)


def test_the_recorded_lines_as_a_dng(tmp_path: Path) -> None:
    request = CaptureRequest(dng=True, first_line=10, lines=20)
    capture, _ = capturing(tmp_path, *RECORDED_RAW, request=request)
    shot = capture.fetch_shot()
    assert names(tmp_path) == ["IMG_0002.dng"]
    assert (shot.files[0].size, shot.patched_pixels, shot.problem) == (24762448, 0, "")
    data = (tmp_path / "IMG_0002.dng").read_bytes()
    assert len(data) == 24762448
    assert data[:1360] == recorded_dng_header()
    start = 38224 + 10 * 7056
    assert data[38224:start] == b"\xff" * 70560
    assert data[start : start + 6] == bytes.fromhex("0c00c10c00c1")
    assert data[start + 20 * 7056 :] == b"\xff" * (24724224 - 30 * 7056)


def test_the_header_of_a_dng_is_parsed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[bytes] = []

    parse = tifffile.TiffFile

    def counted(file: io.BytesIO) -> tifffile.TiffFile:
        parsed.append(file.getvalue())
        return parse(file)

    monkeypatch.setattr(tifffile, "TiffFile", counted)
    request = CaptureRequest(dng=True, first_line=10, lines=20)
    capture, _ = capturing(tmp_path, *RECORDED_RAW, request=request)
    capture.fetch_shot()
    assert parsed == [recorded_dng_header()]


def test_the_recorded_lines_as_files_of_their_own(tmp_path: Path) -> None:
    request = CaptureRequest(raw=True, dng_header=True, first_line=10, lines=20)
    capture, _ = capturing(tmp_path, *RECORDED_RAW, request=request)
    shot = capture.fetch_shot()
    assert [(file.path.name, file.kind, file.size) for file in shot.files] == [
        ("IMG_0002.dng_hdr", FileKind.DNG_HEADER, 1360),
        ("IMG_0002.raw", FileKind.RAW, 141120),
    ]
    assert (tmp_path / "IMG_0002.dng_hdr").read_bytes() == recorded_dng_header()
    assert (tmp_path / "IMG_0002.raw").read_bytes()[:6] == bytes.fromhex("000c0cc1c100")


def test_several_shots(tmp_path: Path) -> None:
    answers = [answer for n in (3, 4) for answer in (ready(1, n), piece(b"jpeg%d" % n))]
    capture, _ = capturing(tmp_path, *answers)
    assert [capture.fetch_shot().image_number for _ in range(2)] == [3, 4]
    assert (tmp_path / "IMG_0003.jpg").read_bytes() == b"jpeg3"
    assert (tmp_path / "IMG_0004.jpg").read_bytes() == b"jpeg4"


# ---- pieces and their places ----


def test_pieces_go_where_they_belong(tmp_path: Path) -> None:
    capture, _ = capturing(
        tmp_path,
        ready(1),
        piece(b"....", 1),
        piece(b"end", 1, 8),
        piece(b"!", 1),
        piece(b"", 1),
        piece(b"head", 0, 0),
    )
    capture.fetch_shot()
    assert (tmp_path / "IMG_0007.jpg").read_bytes() == b"head\0\0\0\0end!"


@pytest.mark.parametrize("answer", [piece(b"abc", 1, 0xFFFFFFF0), piece(b"abc", 0, 1 << 30)])
def test_a_piece_far_away_is_refused(tmp_path: Path, answer: Answer) -> None:
    capture, _ = capturing(tmp_path, ready(1), answer)
    with pytest.raises(CaptureError, match=r"IMG_0007\.jpg is incomplete: a piece of it lies at"):
        capture.fetch_shot()
    assert names(tmp_path) == []


def test_pieces_without_end_are_refused(tmp_path: Path) -> None:
    capture, _ = capturing(tmp_path, ready(1), *[piece(b"xy", 1)] * 1000)
    with pytest.raises(CaptureError, match="1000 pieces and more"):
        capture.fetch_shot()
    assert names(tmp_path) == []


def test_a_dng_header_without_end_is_refused(tmp_path: Path) -> None:
    longest = piece(bytes(MAX_HEADER), 1)
    capture, player = capturing(
        tmp_path, ready(4), longest, longest, request=CaptureRequest(dng=True)
    )
    with pytest.raises(CaptureError, match="the DNG header is incomplete"):
        capture.fetch_shot()
    assert player.left == 0


# ---- never over another file ----


def test_a_file_that_exists_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "IMG_0007.jpg").write_bytes(b"mine")
    capture, _ = capturing(tmp_path, *[ready(1), piece(b"one"), ready(1), piece(b"two")])
    paths = [capture.fetch_shot().files[0].path.name for _ in range(2)]
    assert paths == ["IMG_0007_1.jpg", "IMG_0007_2.jpg"]
    assert (tmp_path / "IMG_0007.jpg").read_bytes() == b"mine"
    assert (tmp_path / "IMG_0007_2.jpg").read_bytes() == b"two"


# ---- what goes wrong ----


def test_a_capture_that_ends_in_the_middle_keeps_what_is_complete(tmp_path: Path) -> None:
    capture, _ = capturing(
        tmp_path,
        ready(2),
        piece(b"all of the raw"),
        NOT_READY,
        NOT_SET_UP,
        request=CaptureRequest(jpg=True, raw=True),
    )
    with pytest.raises(CaptureError) as caught:
        capture.fetch_shot()
    assert str(caught.value) == "jpg: the camera timed out or cancelled the capture"
    assert caught.value.saved == (str(tmp_path / "IMG_0007.raw"),)
    assert names(tmp_path) == ["IMG_0007.raw"]
    assert [file.path.name for file in capture.shot.files] == ["IMG_0007.raw"]


def test_a_capture_that_ends_within_a_file(tmp_path: Path) -> None:
    refused = Answer((0, 0, NOWHERE), b"\0", GENERAL_ERROR)
    capture, _ = capturing(tmp_path, ready(1), piece(b"begin", 1), refused)
    with pytest.raises(CaptureError) as caught:
        capture.fetch_shot()
    assert str(caught.value) == "IMG_0007.jpg is incomplete: the camera ended the capture"
    assert names(tmp_path) == []


def test_a_capture_that_is_not_set_up_yet(tmp_path: Path) -> None:
    running, idle = Answer((1,)), Answer((0,))
    capture, player = capturing(
        tmp_path, NOT_SET_UP, running, NOT_SET_UP, idle, NOT_READY, ready(1), piece(b"x1")
    )
    capture.fetch_shot()
    assert player.left == 0
    capture, player = capturing(tmp_path, NOT_SET_UP, running, NOT_SET_UP, idle, NOT_SET_UP)
    with pytest.raises(CaptureError, match="jpg: the script ended without setting a capture up"):
        capture.fetch_shot()
    assert player.left == 0


def test_data_that_was_not_asked_for(tmp_path: Path) -> None:
    capture, _ = capturing(tmp_path, ready(2))
    with pytest.raises(CaptureError, match="unexpected data"):
        capture.fetch_shot()


def test_a_camera_that_takes_too_long(tmp_path: Path) -> None:
    watch = Watch()
    capture, _ = capturing(tmp_path, *[NOT_READY] * 100, wait=0.03, watch=watch)
    with pytest.raises(CaptureError, match=r"nothing came from the camera in 0\.03 s"):
        capture.fetch_shot()
    assert 2 <= watch.calls < 20


def test_what_the_script_says_ends_the_wait(tmp_path: Path) -> None:
    watch = Watch(CaptureError("the script failed"))
    capture, player = capturing(tmp_path, NOT_READY, NOT_READY, watch=watch)
    with pytest.raises(CaptureError, match="the script failed"):
        capture.fetch_shot()
    assert player.left == 1


def test_cancelling(tmp_path: Path) -> None:
    cancel = CancelToken()
    capture, player = capturing(tmp_path, NOT_READY, ready(1), watch=cancel.set)
    with pytest.raises(Cancelled):
        capture.fetch_shot(cancel=cancel)
    assert player.left == 1
    assert names(tmp_path) == []


def test_raw_data_of_another_size_is_read_to_its_end(tmp_path: Path) -> None:
    request = CaptureRequest(dng=True, lines=20)
    short = piece(bytes(150_000))
    capture, player = capturing(tmp_path, *RECORDED_RAW[:3], short, ready(0), request=request)
    with pytest.raises(CaptureError) as caught:
        capture.fetch_shot()
    assert str(caught.value) == (
        "IMG_0002.dng is incomplete: the camera sent 150000 bytes of raw data instead of 141120"
    )
    assert names(tmp_path) == []
    assert player.left == 1


def test_a_header_that_makes_no_dng_loses_nothing(tmp_path: Path) -> None:
    request = CaptureRequest(dng=True)
    capture, _ = capturing(
        tmp_path, ready(4), piece(b"II*\0nothing"), ready(2), piece(b"raw data"), request=request
    )
    shot = capture.fetch_shot()
    assert names(tmp_path) == ["IMG_0007.dng_hdr", "IMG_0007.raw"]
    assert (tmp_path / "IMG_0007.raw").read_bytes() == b"raw data"
    assert shot.problem.startswith("no DNG file could be made: ")


def test_a_package_that_cannot_be_used_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = CaptureRequest(dng=True)
    header = recorded_dng_header()
    capture, _ = capturing(
        tmp_path, ready(4), piece(header), ready(2), piece(b"raw data"), request=request
    )
    monkeypatch.setitem(sys.modules, "tifffile", None)
    capture.prepare()
    shot = capture.fetch_shot()
    assert (tmp_path / "IMG_0007.dng_hdr").read_bytes() == header
    assert (tmp_path / "IMG_0007.raw").read_bytes() == b"raw data"
    assert shot.problem.startswith("no DNG file could be made: this needs the Python package")


def test_a_package_that_is_not_there_is_missed_before_the_shot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "tifffile", None)
    with pytest.raises(MissingPackageError):
        CaptureRequest(dng=True)


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    capture, _ = capturing(tmp_path / "file", ready(1))
    with pytest.raises(HostFileError):
        capture.fetch_shot()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk_leaves_the_connection_usable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = os.fdopen(os.open("/dev/full", os.O_RDWR), "r+b")
    monkeypatch.setattr(transfer, "open_own", lambda path: full)
    capture, player = capturing(tmp_path, ready(1), piece(bytes(1 << 20)), ready(0))
    with pytest.raises(HostFileError, match="No space left"):
        capture.fetch_shot()
    assert player.left == 1
    assert names(tmp_path) == []


# ---- what is asked for ----


@pytest.mark.parametrize(
    ("options", "bits"),
    [
        ({}, 1),
        ({"jpg": True}, 1),
        ({"raw": True}, 2),
        ({"dng_header": True}, 4),
        ({"raw": True, "dng_header": True}, 6),
        ({"dng": True}, 6),
        ({"dng": True, "dng_header": True, "jpg": True}, 7),
        ({"canon_raw": True}, 8),
        ({"canon_raw": True, "jpg": True}, 9),
    ],
)
def test_the_bits_of_a_request(options: dict[str, bool], bits: int) -> None:
    assert CaptureRequest(**options).data == CaptureData(bits)


@pytest.mark.parametrize(
    "options", [{"dng": True, "raw": True}, {"first_line": -1}, {"raw": True, "lines": -5}]
)
def test_requests_that_make_no_sense(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        CaptureRequest(**options)
