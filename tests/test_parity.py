"""The plain output is that of the established client: recorded sessions, block by block."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from emulated_usb.fixtures import UsbBus
from parity_cases import Block, Client, difference, make_card, read_cases, run_host

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.doors.ipserver import IpServer


def play(blocks: list[Block], client: Client, folder: Path) -> list[str]:
    """Run blocks in one process; return where the output differs."""
    differences = []
    for block in blocks:
        if block.kind == ">":
            printed = client.run(block.command)
        else:
            printed = run_host(block.command, folder)
        differences.append(difference(block, printed))
    return [text for text in differences if text]


@pytest.fixture
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this process, which holds the camera and its clock, be where the cases were recorded."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@contextmanager
def in_process(card: Path, folder: Path) -> Iterator[Client]:
    with Client(f"sim:card={card}", folder) as client:
        yield client


@contextmanager
def over_tcp(card: Path, folder: Path) -> Iterator[Client]:
    camera = SimCamera(card)
    try:
        with IpServer(camera) as server, Client(server.address, folder) as client:
            yield client
    finally:
        camera.close()


@contextmanager
def over_usb(bus: UsbBus, card: Path, folder: Path) -> Iterator[Client]:
    camera = SimCamera(card)
    try:
        bus.plug_sim(camera)
        with Client("usb:", folder, **bus.bus.environment()) as client:
            yield client
    finally:
        camera.close()


def all_blocks(name: str) -> list[Block]:
    return [block for section in read_cases(name).values() for block in section]


def prepare(tmp_path: Path) -> tuple[Path, Path]:
    """Return a fresh card and an empty folder to work in."""
    folder = tmp_path / "work"
    folder.mkdir()
    return make_card(tmp_path / "card"), folder


def test_scripts_and_messages(tmp_path: Path) -> None:
    blocks = all_blocks("script.txt")
    assert len(blocks) == 68
    card, folder = prepare(tmp_path)
    with in_process(card, folder) as client:
        assert not play(blocks, client, folder)


@pytest.mark.parametrize(("name", "count"), [("files.txt", 64), ("images.txt", 8)])
@pytest.mark.parametrize("door", ["in process", "TCP", "USB"])
def test_files_and_images(
    tmp_path: Path, in_utc: None, request: pytest.FixtureRequest, name: str, count: int, door: str
) -> None:
    blocks = all_blocks(name)
    assert len(blocks) == count
    card, folder = prepare(tmp_path)
    doors = {
        "in process": lambda: in_process(card, folder),
        "TCP": lambda: over_tcp(card, folder),
        "USB": lambda: over_usb(request.getfixturevalue("usb_bus"), card, folder),
    }
    with doors[door]() as client:
        assert not play(blocks, client, folder)


def test_the_comparison_sees_differences() -> None:
    recorded = Block(">", "ls A/NOPE", ["ERROR: A/NOPE: errno 0xNN", "N:return:1"])
    assert not difference(recorded, ["ERROR: A/NOPE: errno 0x2; try ls", "17:return:1"])
    assert difference(recorded, ["ERROR: A/NOPE: errno 0x2"])
    assert difference(recorded, ["ERROR: A/OTHER: errno 0x2", "17:return:1"])
    assert difference(recorded, ["ERROR: A/NOPE: errno 0x2 and more", "17:return:1"])
    assert difference(recorded, ["ERROR: A/NOPE: errno 0x2", "17:return:10"])
    assert difference(recorded, ["17:return:1", "ERROR: A/NOPE: errno 0x2"])
