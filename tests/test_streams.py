"""Sources and sinks, and the texts of errors."""

from __future__ import annotations

import io

import pytest

from chdkshell.errors import AnswerTooLongError, Cancelled, printable
from chdkshell.flow import NEVER, CancelToken
from chdkshell.streams import BytesSink, BytesSource, FileSink, FileSource


def joined(source: BytesSource | FileSource) -> bytes:
    return b"".join(bytes(chunk) for chunk in source.chunks())


def test_buffers_go_out_in_order_and_empty_ones_do_not() -> None:
    source = BytesSource(b"ab", b"", memoryview(b"cd"))
    assert source.length == 4
    assert [bytes(c) for c in source.chunks()] == [b"ab", b"cd"]


def test_a_file_that_shrinks_keeps_the_announced_length_and_says_so() -> None:
    source = FileSource(io.BytesIO(b"abc"), 10)
    assert joined(source) == b"abc" + bytes(7)
    assert source.short == 7


def test_a_file_that_grows_is_cut_at_the_announced_length() -> None:
    assert joined(FileSource(io.BytesIO(b"abcdef"), 4)) == b"abcd"


def test_a_source_starts_over_when_it_is_asked_again() -> None:
    file = io.BytesIO(b"..contents")
    file.seek(2)
    source = FileSource(file, 9)
    for _ in range(2):
        assert joined(source) == b"contents\0"
        assert source.short == 1


def test_no_data_phase_is_not_an_empty_one() -> None:
    sink = BytesSink()
    assert sink.data is None
    sink.begin(0)
    assert sink.data == b""


def test_a_peer_cannot_fill_the_memory() -> None:
    with pytest.raises(AnswerTooLongError, match="announced 4294967295 bytes"):
        BytesSink(limit=10).begin(0xFFFFFFFF)
    sink = BytesSink(limit=10)
    sink.begin(None)
    sink.write(b"0123456789")
    with pytest.raises(AnswerTooLongError, match="more than 10 bytes"):
        sink.write(b"x")


def test_a_file_sink_counts() -> None:
    file = io.BytesIO()
    sink = FileSink(file)
    sink.begin(5)
    sink.write(b"ab")
    sink.write(memoryview(b"cde"))
    assert (file.getvalue(), sink.count) == (b"abcde", 5)


def test_text_from_a_camera_cannot_drive_the_terminal() -> None:
    assert printable("plain ünïcode") == "plain ünïcode"
    assert printable("\x1b[2J\x07\x9b1m") == "\\x1b[2J\\x07\\x9b1m"
    assert printable("a\tb\nc") == "a\tb\nc"
    assert printable("\u202egnp.exe") == "\\u202egnp.exe"
    assert printable("caf\udce9") == "caf\\xe9", "a byte of a file name that is not UTF-8"


def test_waiting_ends_at_once_when_the_token_is_set() -> None:
    token = CancelToken()
    token.set()
    with pytest.raises(Cancelled):
        token.wait(60)
    token.clear()
    token.wait(0)


def test_the_default_token_is_shared_and_cannot_be_set() -> None:
    with pytest.raises(RuntimeError):
        NEVER.set()
