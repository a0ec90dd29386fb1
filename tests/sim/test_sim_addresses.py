"""Addresses of simulated cameras in this process, and what they mean."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from chdkshell.errors import DisconnectedError, UsageError
from chdkshell.ptp.transaction import Request
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces import transport as sim_transport
from chdkshell.sim.interfaces.transport import SimTransport, list_devices
from chdkshell.transport.base import open_transport

CHDK = 0x9999


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[SimCamera]:
    (tmp_path / "SUB").mkdir()
    camera = SimCamera(card=tmp_path)
    yield camera
    camera.close()


@pytest.fixture
def no_cameras(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, SimCamera]]:
    cameras: dict[str, SimCamera] = {}
    monkeypatch.setattr(sim_transport, "_cameras", cameras)
    yield cameras
    for camera in cameras.values():
        camera.close()


def test_an_address_means_one_camera(no_cameras: dict[str, SimCamera], tmp_path: Path) -> None:
    assert list_devices() == []
    first = open_transport("sim:")
    assert isinstance(first, SimTransport)
    root = first.camera.card.root
    assert root.is_dir()
    first.close()
    again = open_transport("sim:")
    assert isinstance(again, SimTransport)
    assert again.camera is first.camera
    other = open_transport(f"sim:serial=X9,card={tmp_path},model=Canon PowerShot Z")
    assert other.address == f"sim:card={tmp_path},model=Canon PowerShot Z,serial=X9"
    assert [(d.address, d.model, d.serial) for d in list_devices()] == [
        ("sim:", "Canon PowerShot SIM1", "SIM0001"),
        (other.address, "Canon PowerShot Z", "X9"),
    ]
    no_cameras["sim:"].close()
    assert not root.exists()
    no_cameras[other.address].close()
    assert tmp_path.is_dir()


@pytest.mark.parametrize("rest", ["colour=red", "card", "card=/no/such/folder"])
def test_addresses_that_mean_none(no_cameras: dict[str, SimCamera], rest: str) -> None:
    with pytest.raises(UsageError):
        open_transport("sim:" + rest)
    assert list_devices() == []


def test_a_closed_link_is_closed(camera: SimCamera) -> None:
    transport = SimTransport(camera)
    transport.close()
    transport.close()
    with pytest.raises(DisconnectedError):
        transport.transact(Request(0x1001, 0))
    del transport
    gc.collect()
    assert SimTransport(camera).transact(Request(0x1001, 0)).code == 0x2001
