"""Lines of pipes as they are read where no signal ends the reading."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from chdkshell import waits
from chdkshell.shell.linesource import PipeLines


class Pipe:
    """A pipe, and what reads lines of it."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        self.lines = PipeLines(self.reader, "surrogateescape")

    def write(self, data: bytes) -> None:
        os.write(self.writer, data)

    def end(self) -> None:
        os.close(self.writer)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    os.close(made.reader)


def test_lines_have_their_ends_and_the_last_may_have_none(pipe: Pipe) -> None:
    pipe.write(b"one\r\ntwo\n\nlast")
    pipe.end()
    read = [pipe.lines.readline() for _ in range(6)]
    assert read == ["one\n", "two\n", "\n", "last", "", ""]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_is_no_text(pipe: Pipe, mark: bytes) -> None:
    pipe.write(mark + "\u00fc\ufeff\n".encode())
    pipe.end()
    assert pipe.lines.readline() == "\u00fc\ufeff\n"


def test_bytes_that_are_no_text_pass_through(pipe: Pipe) -> None:
    pipe.write(b"a\xffb\n")
    pipe.end()
    assert os.fsencode(pipe.lines.readline()) == b"a\xffb\n"


def test_a_line_without_an_end_comes_in_pieces(pipe: Pipe) -> None:
    pipe.write(b"123456")
    assert [pipe.lines.readline(4), pipe.lines.readline(2)] == ["1234", "56"]
    pipe.end()


def test_what_an_interrupted_wait_was_for_is_not_lost(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(waits, "ended", interrupted)
        with pytest.raises(KeyboardInterrupt):
            pipe.lines.readline()
    pipe.write(b"it is here\n")
    pipe.end()
    assert pipe.lines.readline() == "it is here\n"
