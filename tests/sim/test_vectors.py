"""The firmware's recorded answers (data/basic.jsonl), asked of the simulated camera over TCP.

The client here knows nothing but packets: it shares no code with the project. What may differ is
what no simulation can have alike: device info, times, memory contents, pictures, the number
in "errno 0x..", and which names exist.
"""

from __future__ import annotations

import os
import re
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.packet_client import BIG_UPLOAD, PacketClient, Step
from support.sim_scripts import STANDING, run_clock

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer

RECORDED = Path(__file__).parent.parent / "data" / "basic.jsonl"

AFTER_A_SCRIPT = re.compile(r".*: status when done|messages kept without flush flags: second")
"""Steps before which the recording waited until the script had ended. No other one waits, and the
scripts' own waits do not end before.
"""

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


STEPS = [Step.read(line) for line in RECORDED.read_text().splitlines()]


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[SimCamera]:
    for name, (size, when) in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((name.encode() + b"\n") * (size // (len(name) + 1) + 1))
        os.truncate(path, size)
        moment = time.mktime(time.strptime(when, "%Y-%m-%d %H:%M:%S"))
        os.utime(path, (moment, moment))
    (tmp_path / "EMPTY").mkdir()
    camera = SimCamera(card=tmp_path)
    yield camera
    camera.close()


@pytest.fixture
def port(camera: SimCamera) -> Iterator[int]:
    with IpServer(camera) as server:
        yield server.port


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


def test_the_camera_answers_as_the_firmware_did(camera: SimCamera, port: int) -> None:
    run_clock(camera.scripts, STANDING)
    client = PacketClient(port)
    different = []
    for step in STEPS:
        if AFTER_A_SCRIPT.fullmatch(step.name):
            run_clock(camera.scripts, 1)
            client.wait_until_done()
            run_clock(camera.scripts, STANDING)
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
def test_requests_are_understood_from_chdkptp(port: int, phase: int) -> None:
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
