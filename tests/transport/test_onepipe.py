"""Both connections of PTP/IP in one pipe."""

from __future__ import annotations

import os
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from chdkshell.errors import FramingError
from chdkshell.ptp.packet import PacketType, pack, pack_data_header
from chdkshell.transport.greeting import greeting, version_in
from chdkshell.transport.onepipe import OnePipe, Splitter


@contextmanager
def two_ends() -> Iterator[tuple[OnePipe, OnePipe]]:
    """Two ends of a pipe each way."""
    there, back = os.pipe(), os.pipe()
    one, other = OnePipe(there[0], back[1]), OnePipe(back[0], there[1])
    try:
        yield one, other
    finally:
        for end in (one, other):
            for sock in (end.command, end.event):
                sock.close()


EVENT = pack(PacketType.EVENT, bytes(10))
PING = pack(PacketType.PROBE_REQUEST)
CANCEL = pack(PacketType.CANCEL, bytes(4))
DATA = pack_data_header(1, 3_000_000, is_end=True) + bytes(3_000_000)


def received(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count and (part := sock.recv(count - len(data))):
        data += part
    return data


@pytest.mark.parametrize("kind", [3, 4, 8])
def test_packets_of_the_event_connection_come_out_there(kind: int) -> None:
    packet = pack(PacketType(kind), b"abcd")
    with two_ends() as (one, other):
        one.event.sendall(packet)
        assert received(other.event, len(packet)) == packet
        one.command.sendall(PING)
        assert received(other.command, len(PING)) == PING


def test_a_cancel_comes_out_on_both_from_either() -> None:
    with two_ends() as (one, other):
        for sock in (one.command, one.event):
            sock.sendall(CANCEL)
            assert received(other.command, len(CANCEL)) == CANCEL
            assert received(other.event, len(CANCEL)) == CANCEL


def test_an_event_does_not_tear_a_packet_of_data() -> None:
    with two_ends() as (one, other):
        one.command.sendall(DATA[:100])
        one.event.sendall(EVENT)
        rest = threading.Thread(target=one.command.sendall, args=(DATA[100:],))
        rest.start()
        assert received(other.command, len(DATA)) == DATA
        assert received(other.event, len(EVENT)) == EVENT
        rest.join()


def test_the_end_of_one_is_the_end_of_the_other() -> None:
    with two_ends() as (one, other):
        one.command.close()
        one.event.close()
        assert other.command.recv(1) == b""
        assert other.event.recv(1) == b""


def test_what_is_no_packet_ends_both() -> None:
    with two_ends() as (one, other):
        with suppress(OSError):
            one.command.sendall(bytes(64))
        assert other.command.recv(1) == b""


@pytest.mark.parametrize("seed", [1, 2])
def test_packets_are_found_however_they_arrive(seed: int) -> None:
    chance = random.Random(seed)
    packets = [
        pack(PacketType(chance.randint(1, 14)), bytes(chance.randint(0, 40))) for _ in "a" * 99
    ]
    stream, at, splitter = b"".join(packets), 0, Splitter()
    found, whole = b"", []
    while at < len(stream):
        size = chance.randint(1, 60)
        for part in splitter.feed(memoryview(stream)[at : at + size]):
            found += part.data
            if part.is_end:
                whole.append(found)
                found = b""
        at += size
    assert whole == packets
    assert splitter.is_between


def test_a_length_that_cannot_be() -> None:
    with pytest.raises(FramingError):
        list(Splitter().feed(memoryview(bytes.fromhex("0700000001000000"))))


@pytest.mark.parametrize(
    ("line", "version"),
    [
        (greeting(), 1),
        (b"chdkshell share 2 0.9\r\n", 2),
        (b"\x1b[2J no newline before chdkshell share 1 0.1.0\n", 1),
        (b"chdkshell shares nothing\n", None),
        (b"Welcome to pi1\n", None),
    ],
)
def test_the_greeting(line: bytes, version: int | None) -> None:
    assert version_in(line) == version
