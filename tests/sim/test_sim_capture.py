"""The simulated camera takes pictures: the firmware's recorded answers to a capture."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.packet_client import CHDK, PacketClient, Step
from support.parity_cases import make_card

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer

RECORDED = Path(__file__).parent.parent / "data" / "capture.jsonl"
STEPS = [Step.read(line) for line in RECORDED.read_text().splitlines()]
SCRIPTS_BEFORE = 38
"""How many scripts had been run before the recording."""


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[SimCamera]:
    camera = SimCamera(card=make_card(tmp_path / "card"))
    yield camera
    camera.close()


@pytest.fixture
def client(camera: SimCamera) -> Iterator[PacketClient]:
    with IpServer(camera) as server:
        client = PacketClient(server.port)
        client.transact(0x1002, [1], None)
        yield client
        client.close()


def wait_ready(client: PacketClient, bit: int) -> None:
    deadline = time.monotonic() + 60
    while not client.transact(CHDK, [13], None)[1][0] & bit:
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_the_camera_captures_as_the_firmware_did(camera: SimCamera, client: PacketClient) -> None:
    camera.scripts.last_id = SCRIPTS_BEFORE
    jpeg = b""
    more = 1
    for step in STEPS:
        if step.name.endswith(": message 1"):
            client.wait_until_done()
        if step.name in ("jpeg capture: ready", "DNG header: ready", "raw lines: ready"):
            wait_ready(client, step.rparams[0])
        if step.name == "jpeg capture: message 1":
            assert (more, jpeg[:3], jpeg[-2:]) == (0, b"\xff\xd8\xff", b"\xff\xd9")
        if step.name.startswith("jpeg capture: chunk"):
            if more:
                rc, (length, more, position), data = client.transact(step.op, step.params, step.out)
                assert (rc, position) == (step.rc, step.rparams[2])
                assert data is not None
                assert length == len(data)
                jpeg += data
            while step.rparams[1] == 0 and more:
                _, (_, more, _), data = client.transact(step.op, step.params, step.out)
                jpeg += data or b""
            continue
        rc, rparams, data = client.transact(step.op, step.params, step.out)
        assert (step.name, rc, rparams) == (step.name, step.rc, step.rparams)
        if step.name == "DNG header: chunk 1":
            assert data is not None
            assert step.data is not None
            assert data[:8] == step.data[:8]
            assert len(data) == len(step.data)
        elif step.name == "raw lines: chunk 1":
            assert data is not None
            assert len(data) == step.data_length
        else:
            assert (step.name, data) == (step.name, step.data)
