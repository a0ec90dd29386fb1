"""Every parser of what a camera or a stranger made, and bytes that are bad for it.

Run as a program it gives each parser many mutations, and prints a table:
`PYTHONPATH=tests python -m support.hostile_bytes [--count N] [--seed N] [NAME...]`.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import random
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from chdkshell.chdk.card.listing import _Reader
from chdkshell.chdk.card.selection import Selection
from chdkshell.chdk.card.thumbnails import thumbnail
from chdkshell.chdk.constants import MessageType, ValueType
from chdkshell.chdk.imaging.composite import composite
from chdkshell.chdk.imaging.dng import read_header
from chdkshell.chdk.imaging.dngtools import DngImage
from chdkshell.chdk.imaging.dngwriter import DngWriter
from chdkshell.chdk.imaging.liveview import Frame
from chdkshell.chdk.imaging.lvdump import DumpWriter, read_dump
from chdkshell.chdk.imaging.rawimage import Area, Mosaic
from chdkshell.chdk.imaging.tiffdirs import read_directories
from chdkshell.chdk.imaging.whole import picture_problem
from chdkshell.chdk.messages import ScriptMessage, format_message
from chdkshell.errors import (
    CardError,
    ChdkShellError,
    DatasetError,
    DngError,
    FramingError,
    LiveViewError,
    LuaDataError,
)
from chdkshell.flow import NEVER
from chdkshell.ptp import container, packet
from chdkshell.ptp.datasets import DeviceInfo
from chdkshell.ptp.transaction import Event, Request, Response
from chdkshell.shell.results.dng import directory_lines
from chdkshell.shell.terminal.pictures import decoded
from chdkshell.sim.imaging.dng_header import ShotDetails, dng_header
from chdkshell.sim.imaging.pictures import canon_raw
from chdkshell.sim.imaging.sensor import Sensor
from support.capture_replay import recorded_dng_header
from support.exif_pictures import jpeg, with_thumbnail
from support.liveview_frames import Buffer, frame

ORDERS: tuple[Literal["little"], Literal["big"]] = ("little", "big")
EDGES = (0, 1, 2, 3, 4, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
"""Numbers that break a reader which trusts them."""

MEMORY_LIMIT = 64 << 20
"""Bytes that reading any of the samples may take: they are small, whatever they claim to be."""


@dataclass(frozen=True)
class Parser:
    """What reads bytes, files that are good, and the only errors that may come of bad ones."""

    name: str
    read: Callable[[bytes], object]
    samples: tuple[bytes, ...]
    errors: tuple[type[ChdkShellError], ...] = ()


def mutated(data: bytes, choice: random.Random) -> bytes:
    """Return `data` with one to eight changes: numbers, bits, bytes moved, left out, repeated."""
    out = bytearray(data)
    for _ in range(choice.choice((1, 1, 1, 2, 2, 3, 4, 8))):
        at = choice.randrange(len(out) + 1)
        if choice.random() < 0.4:
            at = min(at, choice.randrange(200))  # heads say more than bodies
        match choice.randrange(8):
            case 0 if at < len(out):
                out[at] ^= 1 << choice.randrange(8)
            case 1 if at < len(out):
                out[at] = choice.randrange(256)
            case 2 | 3:
                size = choice.choice((1, 2, 4, 4))
                number = choice.choice((*EDGES, len(data), choice.getrandbits(32)))
                order = choice.choice(ORDERS)
                out[at : at + size] = (number % (1 << 8 * size)).to_bytes(size, order)
            case 4:
                del out[at:]
            case 5:
                del out[at : at + choice.randrange(1, 17)]
            case 6:
                start = choice.randrange(len(out) + 1)
                out[at:at] = out[start : start + choice.randrange(1, 65)]
            case _:
                out[at:at] = choice.randbytes(choice.randrange(1, 9))
    return bytes(out)


# ---- the parsers --------------------------------------------------------------------------------

SENSOR = Sensor(
    Mosaic(320, 240, 12, Area(4, 8, 236, 312), black=127, white=4095), Area(0, 0, 232, 304)
)
SHOT = ShotDetails(
    tv=672,
    av=320,
    iso=111,
    date="2025:11:21 08:09:13",
    hundredths=9,
    white_balance=SENSOR.white_balance,
)


@functools.cache
def small_dng() -> bytes:
    """A whole DNG file."""
    file = io.BytesIO()
    writer = DngWriter(file, read_header(dng_header(SENSOR, SHOT)))
    writer.write(SENSOR.expose(np.full((4, 6, 3), 0.5)))
    writer.finish()
    return file.getvalue()


def use_dng(data: bytes) -> None:
    """All that can be done with a DNG file."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        image = DngImage(Path(file.name))
        image.summary()
        list(directory_lines(image.directories(), 20))
        image.thumbnail_ppm()
        image.patch()
        image.histogram(image.area())
        image.raw_bytes(8)
        image.develop()


def write_dng(data: bytes) -> None:
    """A header as a remote capture brings it, with the frame that follows it."""
    DngWriter(io.BytesIO(), read_header(data)).write(bytes(1000))


def look_whether_whole(data: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        picture_problem(file.name)


def use_directories(data: bytes) -> None:
    list(directory_lines(read_directories(data), 100_000))


def frames() -> tuple[bytes, ...]:
    yuv8 = Buffer(0, 8, 6, bytes(range(72)))
    yuv8b = Buffer(2, 8, 6, bytes(range(96)), margins=(1, 2, 3, 4))
    return (
        frame(yuv8, Buffer(1, 8, 6, bytes(48)), palette_type=3, palette=bytes(1024)),
        frame(yuv8, Buffer(1, 8, 6, bytes(48)), palette_type=1, palette=bytes(64), aspect=1),
        frame(yuv8b, yuv8b, Buffer(4, 8, 6, bytes(48))),
        frame(Buffer(3, 8, 6, bytes(96)), Buffer(1, 8, 6), version=(2, 1)),
    )


def use_frame(data: bytes) -> None:
    """All that is shown of a live view frame."""
    found = Frame.parse(data)
    for show in (found.viewport_rgb, found.bitmap_rgba, lambda: composite(found)):
        try:
            show()
        except LiveViewError:
            continue


def dump() -> bytes:
    file = io.BytesIO()
    writer = DumpWriter(file)
    for number in range(3):
        writer.write(bytes([number]) * 50)
    return file.getvalue()


def use_container(data: bytes) -> None:
    header = container.unpack_header(data)
    payload = data[container.HEADER_SIZE :][: header.payload_length]
    if header.type is not container.ContainerType.DATA and len(payload) == header.payload_length:
        container.unpack_params(payload)


def use_packets(data: bytes) -> None:
    """All packets in a stream that comes in pieces, each read as what it may be."""
    readers = (
        packet.unpack_init_command_request,
        packet.unpack_init_command_ack,
        packet.unpack_u32,
        packet.unpack_request,
        packet.unpack_response,
        packet.unpack_event,
        packet.unpack_start_data,
    )
    parser = packet.PacketParser()
    for at in range(0, len(data), 13):
        for found in parser.feed(memoryview(data)[at : at + 13]):
            if not isinstance(found, packet.Packet):
                continue
            for read in readers:
                with contextlib.suppress(FramingError):
                    read(found.payload)


def packets() -> bytes:
    peer = packet.Peer(bytes(range(16)), "camera")
    return b"".join(
        (
            packet.pack_init_command_request(peer),
            packet.pack_init_command_ack(1, peer),
            packet.pack_request(Request(0x9999, 7, (1, 2)), packet.DataPhase.OUT),
            packet.pack_start_data(7, 5),
            packet.pack_data_header(7, 5, is_end=True) + b"hello",
            packet.pack_response(Response(0x2001, 7, (3, 4, 5))),
            packet.pack_event(Event(0x4002, 7, (1,))),
        )
    )


LISTING = (
    b'{"A/DCIM",0,1,1,"IMG_0001.JPG",1000,1700000000,0,"IMG_0002.JPG",2,1700000000,0,'
    b'"A/DCIM/100CANON",1700000000,1,2,"A/DCIM/100CANON",1,1,1,"x",-1,-1,0}'
)


def use_listing(data: bytes) -> None:
    reader = _Reader(["A/DCIM"], Selection(), None, None, cancel=NEVER)
    reader.receive(ScriptMessage(MessageType.USER, ValueType.TABLE, 1, data))


def use_message(data: bytes) -> None:
    """A message of each kind; the first byte is the kind of its value."""
    kind = data[0] if data else 0
    for sent in (MessageType.RETURN, MessageType.ERROR):
        message = ScriptMessage(sent, kind, 1, data[1:])
        format_message(message)
        _ = message.value


PARSERS = (
    Parser(
        "thumbnail in a JPEG",
        thumbnail,
        (with_thumbnail(jpeg("red", (16, 12))), jpeg("white", (30000, 8000))[:2000]),
    ),
    Parser("thumbnail", decoded, (jpeg("red", (160, 120)),)),
    Parser(
        "DNG header", read_header, (recorded_dng_header(), dng_header(SENSOR, SHOT)), (DngError,)
    ),
    Parser("DNG from a capture", write_dng, (dng_header(SENSOR, SHOT),), (DngError,)),
    Parser("DNG file", use_dng, (small_dng(),), (DngError,)),
    Parser("TIFF directories", use_directories, (recorded_dng_header(),), (DngError,)),
    Parser(
        "is the picture whole",
        look_whether_whole,
        (small_dng(), jpeg("red", (160, 120)), canon_raw(jpeg("red", (16, 12)))),
    ),
    Parser("live view frame", use_frame, frames(), (LiveViewError,)),
    Parser("lvdump", lambda data: list(read_dump(io.BytesIO(data))), (dump(),), (LiveViewError,)),
    Parser(
        "DeviceInfo",
        DeviceInfo.unpack,
        (DeviceInfo("Canon Inc.", "Canon PowerShot", "1-1", "S1", (0x1001, 0x9999)).pack(),),
        (DatasetError,),
    ),
    Parser(
        "USB container",
        use_container,
        (container.pack_response(Response(0x2001, 7, (1, 2))),),
        (FramingError,),
    ),
    Parser(
        "USB event",
        container.unpack_event,
        (container.pack_event(Event(0x4002, 7, (1, 2, 3))),),
        (FramingError,),
    ),
    Parser("PTP/IP packets", use_packets, (packets(),), (FramingError,)),
    Parser("listing of the card", use_listing, (LISTING,), (CardError, LuaDataError)),
    Parser(
        "message of a script",
        use_message,
        (b"\2\1\0\0\0", b"\3abcd", b"\4text", b"\5{1,{a=2}}", b"\7userdata"),
        (LuaDataError,),
    ),
)


def attack(parser: Parser, data: bytes) -> bool:
    """Give `data` to a parser; return whether it was taken. Any other error goes through."""
    try:
        parser.read(data)
    except parser.errors:
        return False
    return True


def main() -> None:
    """Attack each parser, and say what came of it."""
    options = argparse.ArgumentParser()
    options.add_argument("--count", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("names", nargs="*")
    chosen = options.parse_args()
    warnings.simplefilter("error")
    print(f"{'parser':22} {'mutations':>10} {'taken':>8} {'refused':>8} {'slowest':>10} {'s':>6}")
    for parser in PARSERS:
        if chosen.names and parser.name not in chosen.names:
            continue
        choice = random.Random(f"{chosen.seed} {parser.name}")
        taken, slowest, begun = 0, 0.0, time.monotonic()
        for number in range(chosen.count):
            data = mutated(choice.choice(parser.samples), choice)
            before = time.perf_counter()
            try:
                taken += attack(parser, data)
            except BaseException:
                Path(f"{tempfile.gettempdir()}/hostile.bin").write_bytes(data)
                print(
                    f"{parser.name}: mutation {number} of seed {chosen.seed}, kept as hostile.bin"
                )
                raise
            slowest = max(slowest, time.perf_counter() - before)
        refused = chosen.count - taken
        seconds = time.monotonic() - begun
        print(
            f"{parser.name:22} {chosen.count:10} {taken:8} {refused:8} {slowest * 1000:7.1f} ms"
            f" {seconds:6.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
