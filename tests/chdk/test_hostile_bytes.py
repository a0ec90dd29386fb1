"""What reads bytes of a camera or a stranger gives a value or its own error, whatever they are."""

from __future__ import annotations

import io
import random
import struct
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.hostile_bytes import MEMORY_LIMIT, PARSERS, SENSOR, SHOT, Parser, attack, mutated

from chdkshell.chdk.imaging.dng import MAX_HEADER, read_header
from chdkshell.chdk.imaging.lvdump import DumpWriter, read_dump
from chdkshell.chdk.imaging.whole import picture_problem
from chdkshell.errors import DngError, LiveViewError
from chdkshell.shell.prompt.userfiles import CAMERAS_FILE, KnownCameras
from chdkshell.sim.imaging.dng_header import dng_header

SLOW = {"DNG header": 60, "DNG from a capture": 40, "DNG file": 25}
"""Examples for the parsers that take milliseconds."""


@contextmanager
def memory(limit: int) -> Iterator[None]:
    """Fail where more than `limit` bytes are taken at a time."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_the_samples_are_good(parser: Parser) -> None:
    assert all(attack(parser, sample) for sample in parser.samples)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_mutations_give_a_value_or_the_error(parser: Parser) -> None:
    @settings(max_examples=SLOW.get(parser.name, 200), suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(parser.samples), st.integers(0, 1 << 32))
    def check(sample: bytes, seed: int) -> None:
        attack(parser, mutated(sample, random.Random(seed)))

    check()


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_mutations_take_no_more_memory_than_makes_sense(parser: Parser) -> None:
    choice = random.Random(parser.name)
    for sample in parser.samples:
        attack(parser, sample)  # modules are loaded and tables made
    with memory(MEMORY_LIMIT):
        for _ in range(SLOW.get(parser.name, 100) // 2):
            attack(parser, mutated(choice.choice(parser.samples), choice))


# ---- lies about lengths -------------------------------------------------------------------------


def test_a_dump_that_claims_a_long_frame_takes_no_memory_for_it() -> None:
    file = io.BytesIO()
    DumpWriter(file)
    file.write(struct.pack("<I", 60 << 20) + b"ten bytes.")
    file.seek(0)
    with memory(4 << 20), pytest.raises(LiveViewError, match="the file ends inside frame 1"):
        list(read_dump(file))


def test_entries_that_share_their_bytes_are_refused() -> None:
    """Thousands of entries that all have the whole header as their values."""
    size, count = MAX_HEADER, 4000
    head = b"II*\0" + struct.pack("<IH", 8, count)
    head += b"".join(struct.pack("<HHII", n, 4, size // 4, 8) for n in range(count))
    header = head.ljust(size, b"\0")
    with memory(MEMORY_LIMIT), pytest.raises(DngError, match="the values of the directories"):
        read_header(header)


def test_whether_a_picture_is_whole_is_known_soon(tmp_path: Path) -> None:
    """Of a file whose entries all have the same megabytes as offsets of its data."""
    count, size = 60_000, 4 << 20
    head = b"II*\0" + struct.pack("<IH", 8, count)
    head += struct.pack("<HHII", 0x0111, 4, size // 4 - 2, 8) * count
    path = tmp_path / "X.DNG"
    path.write_bytes(head.ljust(size, b"\0"))
    with memory(MEMORY_LIMIT):
        assert picture_problem(path) == "its directories make no sense"


def test_a_header_cannot_ask_for_a_huge_thumbnail_or_frame() -> None:
    """Its width and height lie in entries 0x100 and 0x101: first of the thumbnail, then frame."""
    header = bytearray(dng_header(SENSOR, SHOT))
    for number, value in ((0x100, 20_000), (0x101, 20_000)):
        entry = struct.pack("<HHI", number, 4, 1)
        at = header.index(entry)
        while at >= 0:
            header[at + 8 : at + 12] = struct.pack("<I", value)
            at = header.find(entry, at + 1)
    with memory(MEMORY_LIMIT), pytest.raises(DngError, match="20000x20000"):
        read_header(bytes(header))


def test_a_broken_list_of_known_cameras_is_no_list(tmp_path: Path) -> None:
    folder = str(tmp_path)
    lines = ("5", "[1,2,3]", "[" * 100_000, '{"a":1}', "null", '["ip:h",null,null]')
    with open(f"{folder}/{CAMERAS_FILE}", "w", encoding="utf-8") as file:
        file.write("\n".join(lines))
    assert [device.address for device in KnownCameras(folder).devices] == ["ip:h"]
