"""Programs of others that speak or read PTP/IP: gphoto2 and tshark."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.gphoto import Gphoto
from support.tcp_recorder import TcpRecorder

from chdkshell.errors import Cancelled, PtpError
from chdkshell.flow import CancelToken
from chdkshell.ptp.session import Session
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer
from chdkshell.streams import Buffer, BytesSink, BytesSource
from chdkshell.transport.ip import IpTransport

CHDK = 0x9999


@pytest.fixture
def server() -> Iterator[IpServer]:
    camera = SimCamera(model="Canon PowerShot PEER", serial="12345")
    with IpServer(camera) as server:
        yield server
    camera.close()


def test_gphoto2_prints_the_summary(
    peer: Callable[[str], str], server: IpServer, tmp_path: Path
) -> None:
    # gphoto2 takes the port of the event connection after that of the command connection.
    port = ("--port", f"ptpip:127.0.0.1:{server.port}:{server.port}")
    gphoto = Gphoto(peer("gphoto2"), port, dict(os.environ), tmp_path, server.camera)
    for _ in range(2):
        said = gphoto.run("--summary").splitlines()
        for line in (
            "Manufacturer: Canon Inc.",
            "Model: Canon PowerShot PEER",
            "  Serial Number: 12345",
            "Storage Devices Summary:",
            "\tAccess Capability: Read-Write",
        ):
            assert line in said, said


class StopsHalfway:
    """Cancels itself after the first bytes."""

    length = 5000

    def __init__(self, token: CancelToken) -> None:
        self._token = token

    def chunks(self) -> Iterator[Buffer]:
        yield bytes(1000)
        self._token.set()
        yield bytes(4000)


def talk(port: int) -> None:
    """One of everything: data in and out, small and large, a refusal, a cancelled transfer."""
    session = Session(IpTransport("127.0.0.1", port))
    session.open()
    session.get_device_info()
    session.transaction(CHDK, 0)
    head = (12).to_bytes(4, "little") + b"A/UPLOAD.BIN"
    session.transaction(CHDK, 5, source=BytesSource(head, bytes(50_000), bytes(40_000)))
    session.transaction(CHDK, 4, 0, source=BytesSource(b"A/UPLOAD.BIN"))
    session.transaction(CHDK, 1, 0x1900, 50_000, 0, sink=BytesSink())
    session.transaction(CHDK, 1, 0xF000, 20_000, 0, sink=BytesSink())
    with pytest.raises(PtpError):
        session.transaction(CHDK, 99)
    token = CancelToken()
    with pytest.raises(Cancelled):
        session.transaction(CHDK, 5, source=StopsHalfway(token), cancel=token)
    session.transaction(CHDK, 0)
    session.close()


def test_tshark_finds_nothing_malformed(
    peer: Callable[[str], str], server: IpServer, tmp_path: Path
) -> None:
    tshark = peer("tshark")
    pcap = tmp_path / "session.pcap"
    recorder = TcpRecorder(server.port, pcap)
    try:
        talk(recorder.port)
    finally:
        recorder.close()
    fields = ["_ws.malformed", "ptpip.pktType", "ptpip.opcode", "ptpip.respcode"]
    run = subprocess.run(
        [tshark, "-r", str(pcap), "-Y", "ptpip", "-T", "fields", "-E", "occurrence=a"]
        + [word for field in fields for word in ("-e", field)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "HOME": str(tmp_path)},
        check=True,
    )
    seen: dict[str, Counter[str]] = {field: Counter() for field in fields}
    for line in run.stdout.splitlines():
        for field, values in zip(fields, line.split("\t"), strict=True):
            seen[field].update(value for value in values.split(",") if value)
    assert not seen["_ws.malformed"]
    kinds = {int(kind, 0): count for kind, count in seen["ptpip.pktType"].items()}
    assert (kinds[1], kinds[2], kinds[3], kinds[4]) == (1, 1, 1, 1)
    assert kinds[6] == kinds[7] == 11
    assert kinds[9] == 6
    assert kinds[12] == 5
    assert kinds[10] == 3
    assert kinds[11] == 1
    assert kinds[8] == 1  # ObjectAdded for the uploaded file
    assert sum(kinds.values()) == 4 + 22 + 6 + 5 + 3 + 1 + 1
    # Some versions of tshark show a response's code in the field of the operation.
    codes = seen["ptpip.opcode"] + seen["ptpip.respcode"]
    operations = {0x1002: 1, 0x1001: 1, 0x1003: 1, CHDK: 8}
    answers = {0x2001: 9, 0x2006: 1, 0x201F: 1}
    assert {int(code, 0): count for code, count in codes.items()} == operations | answers
