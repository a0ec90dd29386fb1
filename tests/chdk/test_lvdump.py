"""The dump file of live view frames."""

from __future__ import annotations

import io

import pytest

from chdkshell.chdk.imaging import lvdump
from chdkshell.chdk.imaging.lvdump import DumpWriter, read_dump
from chdkshell.errors import AnswerTooLongError, LiveViewError
from chdkshell.streams import Sink

HEADER = b"chlv\x08\0\0\0\x01\0\0\0\0\0\0\0"
TWO_FRAMES = HEADER + b"\x03\0\0\0abc" + b"\x05\0\0\0defgh"


def test_writes_the_header_at_once_and_counts() -> None:
    file = io.BytesIO()
    writer = DumpWriter(file)
    assert file.getvalue() == HEADER
    writer.write(b"abc")
    writer.write(memoryview(b"defgh"))
    assert file.getvalue() == TWO_FRAMES
    assert (writer.size, writer.frames) == (len(TWO_FRAMES), 2)


@pytest.mark.parametrize("announced", [None, 2, 9])
def test_a_frame_has_the_size_that_came(announced: int | None) -> None:
    def grab(sink: Sink) -> int:
        sink.begin(announced)
        sink.write(b"ab")
        sink.write(b"c")
        return 3

    file = io.BytesIO()
    writer = DumpWriter(file)
    for receive in (grab, lambda sink: 0, grab):
        writer.receive(receive)
    assert list(read_dump(io.BytesIO(file.getvalue()))) == [b"abc", b"", b"abc"]
    assert (writer.size, writer.frames) == (len(file.getvalue()), 3)


def test_a_frame_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lvdump, "MAX_FRAME", 5)

    def announces(sink: Sink) -> int:
        sink.begin(6)
        return 6

    def sends(sink: Sink) -> int:
        sink.begin(5)
        sink.write(b"123456")
        return 5

    for grab in (announces, sends):
        with pytest.raises(AnswerTooLongError):
            DumpWriter(io.BytesIO()).receive(grab)


def test_reads_frames_one_at_a_time() -> None:
    file = io.BytesIO(TWO_FRAMES)
    frames = read_dump(file)
    assert next(frames) == b"abc"
    assert file.tell() == len(HEADER) + 7
    assert list(frames) == [b"defgh"]


def test_dump_without_frames() -> None:
    assert list(read_dump(io.BytesIO(HEADER))) == []


def test_longer_header_of_a_newer_minor_version_is_skipped() -> None:
    header = b"chlv\x0c\0\0\0\x01\0\0\0\x01\0\0\0more"
    assert list(read_dump(io.BytesIO(header + b"\x01\0\0\0x"))) == [b"x"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no dump"),
        (HEADER[:15], "no dump"),
        (b"RIFF" + HEADER[4:], "no dump"),
        (HEADER[:8] + b"\x02\0\0\0\0\0\0\0", "version 2.0"),
        (b"chlv\xff\xff\xff\xff\x01\0\0\0\0\0\0\0", "version"),
        (b"chlv\x04\0\0\0\x01\0\0\0\0\0\0\0", "version"),
        (HEADER + b"\xff\xff\xff\xff", "frame 1 claims 4294967295 bytes"),
        (HEADER + b"\x01\0", "ends inside frame 1"),
    ],
)
def test_file_that_is_no_whole_dump(data: bytes, says: str) -> None:
    with pytest.raises(LiveViewError, match=says):
        list(read_dump(io.BytesIO(data)))


def test_frames_before_the_cut_are_given() -> None:
    frames = read_dump(io.BytesIO(TWO_FRAMES[:-1]))
    assert next(frames) == b"abc"
    with pytest.raises(LiveViewError, match="ends inside frame 2"):
        next(frames)
