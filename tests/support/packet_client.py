"""A PTP/IP client that knows nothing but packets, and the recorded steps that it replays."""

from __future__ import annotations

import json
import socket
import struct
import time
from dataclasses import dataclass

from support.timeouts import TIMEOUT

CHDK = 0x9999
SCRIPT_STATUS = 8

BIG_UPLOAD = b"\x0c\0\0\0A/VECBIG.BIN" + bytes(i % 251 for i in range(100_000))
"""The one step whose data is recorded by its beginning only."""


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


class PacketClient:
    """A PTP/IP client of its own."""

    def __init__(self, port: int) -> None:
        self._command = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        name = "vectors\0".encode("utf-16-le")
        self._send(1, bytes(range(16)) + name + struct.pack("<I", 0x10000))
        kind, body = self._packet(self._command)
        assert kind == 2
        self._event = socket.create_connection(("127.0.0.1", port), TIMEOUT)
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
