"""The firmware's recorded answers (data/basic.jsonl), asked of the simulated camera over TCP.

The client here knows nothing but packets: it shares no code with the project. What may differ is
what no simulation can have alike: device info, times, memory contents, pictures, the number
in "errno 0x..", and which names exist.
"""

from __future__ import annotations

import json
import os
import re
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.doors.ipserver import IpServer

RECORDED = Path(__file__).parent / "data" / "basic.jsonl"

CHDK = 0x9999
SCRIPT_STATUS = 8

WAITS = {
    "status: running": 0.05,
    "message to echo": 0.05,
    "input message 1": 0.05,
    "endless loop: status": 0.05,
    "killed by a new script: second": 0.05,
    "messages kept without flush flags: second": 0.1,
}
"""Seconds before a step, as the recording had them."""

BIG_UPLOAD = b"\x0c\0\0\0A/VECBIG.BIN" + bytes(i % 251 for i in range(100_000))
"""The one step whose data is recorded by its beginning only."""

SAME_FORM = {"device info", "globals: message 1", "os, io, string, table, math: message 1"}
"""Steps whose data may differ, and with it the length among the parameters."""

SAME_HEADER = {
    "display data: header only",
    "display data: palette",
    "display data: viewport",
    "display data: all",
}
"""Steps that send pictures: version, aspect and frame layout are the same."""

FILES = {
    "CHDK/CCHDK4.CFG": (812, "2025-10-31 09:00:00"),
    "CHDK/SCRIPTS/HELLO.LUA": (17, "2025-10-31 09:10:00"),
    "CHDK/SCRIPTS/EMPTY.LUA": (0, "2025-10-31 09:20:00"),
    "DCIM/100CANON/IMG_0001.JPG": (1001, "2025-11-01 10:00:00"),
    "DCIM/100CANON/IMG_0002.JPG": (2002, "2025-11-01 11:00:00"),
    "DCIM/100CANON/IMG_0003.JPG": (3003, "2025-11-01 12:00:00"),
    "DCIM/100CANON/CRW_0003.DNG": (65536, "2025-11-01 12:00:02"),
    "DCIM/100CANON/IMG_0004.JPG": (512, "2025-11-01 13:00:00"),
    "DCIM/100CANON/MVI_0005.MP4": (70000, "2025-11-01 14:00:00"),
}
"""Size and local time of what the recorded card held, as far as the steps look at it."""


@dataclass(frozen=True)
class Step:
    """One recorded transaction."""

    name: str
    op: int
    params: list[int]
    out: bytes | None
    rc: int
    rparams: list[int]
    data: bytes | None
    data_length: int

    @classmethod
    def read(cls, line: str) -> Step:
        record = json.loads(line)
        out, data = record["out"], record["in"]
        if isinstance(out, dict):
            assert len(BIG_UPLOAD) == out["len"]
            assert BIG_UPLOAD.startswith(bytes.fromhex(out["head"]))
            out = BIG_UPLOAD.hex()
        length = data["len"] if isinstance(data, dict) else len(data or "") // 2
        head = data["head"] if isinstance(data, dict) else data
        return cls(
            record["name"],
            record["op"],
            record["params"],
            None if out is None else bytes.fromhex(out),
            record["rc"],
            record["rparams"],
            None if head is None else bytes.fromhex(head),
            length,
        )

    @property
    def is_when_done(self) -> bool:
        return self.name.endswith(": status when done")


STEPS = [Step.read(line) for line in RECORDED.read_text().splitlines()]


class PacketClient:
    """A PTP/IP client of its own."""

    def __init__(self, port: int) -> None:
        self._command = socket.create_connection(("127.0.0.1", port), 20)
        name = "vectors\0".encode("utf-16-le")
        self._send(1, bytes(range(16)) + name + struct.pack("<I", 0x10000))
        kind, body = self._packet(self._command)
        assert kind == 2
        self._event = socket.create_connection(("127.0.0.1", port), 20)
        self._event.sendall(struct.pack("<II", 12, 3) + body[:4])
        assert self._packet(self._event)[0] == 4
        self._id = 0

    def close(self) -> None:
        self._command.close()
        self._event.close()

    def transact(
        self, op: int, params: list[int], out: bytes | None
    ) -> tuple[int, list[int], bytes | None]:
        """Run one transaction: response code, response parameters, data in or None."""
        phase = 1 if out is None else 2
        head = struct.pack("<IHI", phase, op, self._id)
        self._send(6, head + struct.pack(f"<{len(params)}I", *params))
        if out is not None:
            self._send(9, struct.pack("<IQ", self._id, len(out)))
            self._send(12, struct.pack("<I", self._id) + out)
        data, total = None, None
        while True:
            kind, body = self._packet(self._command)
            if kind == 9:
                data, total = b"", struct.unpack_from("<Q", body, 4)[0]
            elif kind in (10, 12):
                assert data is not None
                data += body[4:]
            else:
                assert kind == 7
                assert total == (None if data is None else len(data))
                code, transaction = struct.unpack_from("<HI", body)
                assert transaction == self._id
                self._id += 1
                return code, list(struct.unpack(f"<{(len(body) - 6) // 4}I", body[6:])), data

    def wait_until_done(self) -> None:
        """Poll the script status until no script runs."""
        deadline = time.monotonic() + 60
        while self.transact(CHDK, [SCRIPT_STATUS], None)[1][0] & 1:
            assert time.monotonic() < deadline
            time.sleep(0.005)

    def _send(self, kind: int, body: bytes) -> None:
        self._command.sendall(struct.pack("<II", len(body) + 8, kind) + body)

    def _packet(self, sock: socket.socket) -> tuple[int, bytes]:
        length, kind = struct.unpack("<II", self._read(sock, 8))
        return kind, self._read(sock, length - 8)

    def _read(self, sock: socket.socket, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            part = sock.recv(count - len(data))
            assert part
            data += part
        return bytes(data)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    for name, (size, when) in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((name.encode() + b"\n") * (size // (len(name) + 1) + 1))
        os.truncate(path, size)
        moment = time.mktime(time.strptime(when, "%Y-%m-%d %H:%M:%S"))
        os.utime(path, (moment, moment))
    (tmp_path / "EMPTY").mkdir()
    camera = SimCamera(card=tmp_path)
    with IpServer(camera) as server:
        yield server.port
    camera.close()


def comparable(step: Step, rc: int, rparams: list[int], data: bytes | None) -> Any:
    """Return an answer without what may differ from the recorded one."""
    if step.name in SAME_FORM:
        return rc, rparams[:3], data is not None
    if step.name in SAME_HEADER:
        assert data is not None
        head = struct.unpack("<26i", data[:104])
        kept = [value for at, value in enumerate(head) if at not in (3, 4, 9, 18)]
        return rc, len(rparams), kept
    if data is not None and rc == 0x2001:
        errno_free = re.sub(rb"errno 0x[0-9a-fA-F]+", b"errno 0x", data)
        if errno_free != data:
            return rc, rparams[:3], errno_free
    if step.name == "mkdir and rmdir: message 6":
        return rc, rparams, data is not None
    return rc, rparams, None if data is None else data[:256]


def test_the_camera_answers_as_the_firmware_did(port: int) -> None:
    client = PacketClient(port)
    different = []
    for step in STEPS:
        if step.is_when_done:
            client.wait_until_done()
        time.sleep(WAITS.get(step.name, 0))
        rc, rparams, data = client.transact(step.op, step.params, step.out)
        expected = comparable(step, step.rc, step.rparams, step.data)
        answered = comparable(step, rc, rparams, data)
        if answered != expected:
            different.append((step.name, expected, answered))
        if step.name == "download 100000 bytes":
            assert data == BIG_UPLOAD[16:]
    client.close()
    assert different == []
    assert len(STEPS) > 250


@pytest.mark.parametrize("phase", [0, 1])
def test_requests_are_understood_from_the_established_client(port: int, phase: int) -> None:
    """Data phase info 0 always, Data with transaction id 0, an empty End_Data."""
    client = PacketClient(port)
    command = client._command
    command.sendall(bytes.fromhex("16000000 06000000 00000000 0210 00000000 01000000"))
    assert client._packet(command) == (7, bytes.fromhex("0120 00000000"))
    command.sendall(
        bytes.fromhex("1a000000 06000000 00000000 9999 01000000 04000000 00000000")
        + bytes.fromhex("14000000 09000000 01000000 0300000000000000")
        + bytes.fromhex("0f000000 0a000000 00000000")
        + b"abc"
        + bytes.fromhex("0c000000 0c000000 01000000")
    )
    assert client._packet(command) == (7, bytes.fromhex("0120 01000000"))
    command.sendall(
        bytes.fromhex(f"1a000000 06000000 0{phase}000000 9999 02000000 04000000 01000000")
    )
    assert client._packet(command) == (9, bytes.fromhex("02000000 0300000000000000"))
    assert client._packet(command) == (12, bytes.fromhex("02000000") + b"abc")
    assert client._packet(command) == (7, bytes.fromhex("0120 02000000"))
    client.close()
