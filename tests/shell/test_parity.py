"""The plain output is that of chdkptp: recorded sessions, block by block, both ways."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.emulated_usb.fixtures import UsbBus
from support.parity_cases import (
    Block,
    Client,
    Printed,
    difference,
    make_card,
    read_cases,
    run_host,
    unexpected,
)

from chdkshell.shell.compat import DIFFERENCES
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer

both_ways = pytest.mark.parametrize("compat", [True, False], ids=["as chdkptp", "by default"])


def play(session: str, blocks: list[Block], client: Client, folder: Path, compat: bool) -> str:
    """Run blocks in one process; return what is wrong with what they print."""
    differences = []
    for block in blocks:
        is_ours = block.kind == ">"
        printed = client.run(block.command) if is_ours else run_host(block.command, folder)
        differences.append(difference(block, printed))
    return unexpected(session, blocks, differences, compat)


@pytest.fixture
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this process, which holds the camera and its clock, be where the cases were recorded."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@contextmanager
def in_process(card: Path, folder: Path, compat: bool) -> Iterator[Client]:
    with Client(f"sim:card={card}", folder, compat) as client:
        yield client


@contextmanager
def over_tcp(card: Path, folder: Path, compat: bool) -> Iterator[Client]:
    camera = SimCamera(card)
    try:
        with IpServer(camera) as server, Client(server.address, folder, compat) as client:
            yield client
    finally:
        camera.close()


@contextmanager
def over_usb(bus: UsbBus, card: Path, folder: Path, compat: bool) -> Iterator[Client]:
    camera = SimCamera(card)
    try:
        bus.plug_sim(camera)
        with Client("usb:", folder, compat, **bus.bus.environment()) as client:
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


@both_ways
def test_scripts_and_messages(tmp_path: Path, compat: bool) -> None:
    blocks = all_blocks("script.txt")
    assert len(blocks) == 68
    card, folder = prepare(tmp_path)
    with in_process(card, folder, compat) as client:
        assert not play("script.txt", blocks, client, folder, compat)


@both_ways
@pytest.mark.parametrize(("name", "count"), [("files.txt", 64), ("images.txt", 8)])
@pytest.mark.parametrize("door", ["in process", "TCP", "USB"])
def test_files_and_images(
    tmp_path: Path,
    in_utc: None,
    request: pytest.FixtureRequest,
    name: str,
    count: int,
    door: str,
    compat: bool,
) -> None:
    blocks = all_blocks(name)
    assert len(blocks) == count
    card, folder = prepare(tmp_path)
    doors = {
        "in process": lambda: in_process(card, folder, compat),
        "TCP": lambda: over_tcp(card, folder, compat),
        "USB": lambda: over_usb(request.getfixturevalue("usb_bus"), card, folder, compat),
    }
    with doors[door]() as client:
        assert not play(name, blocks, client, folder, compat)


def test_every_named_block_is_recorded() -> None:
    for entry in DIFFERENCES:
        for block in entry.blocks:
            commands = [each.command for each in all_blocks(block.session)]
            assert commands.count(block.command) >= block.nth > 0, block


def test_the_comparison_sees_differences() -> None:
    recorded = Block(">", "ls A/NOPE", ["N:return:1", "ERROR: A/NOPE: errno 0xNN", "N:return:2"])
    result = ["17:return:1", "17:return:2"]
    error = "ERROR: A/NOPE: errno 0x2"

    def same(lines: list[str], errors: list[str] | None = None) -> bool:
        return not difference(recorded, Printed(lines, errors))

    assert same(result, [error])
    assert same(result, ["WARNING: well", f"{error}; try ls"])
    assert not same(result, [])
    assert not same(result, [error, error])
    assert not same(["WARNING: well", *result], [error])
    assert not same(result, ["ERROR: A/OTHER: errno 0x2"])
    assert not same(result, [f"{error} and more"])
    assert not same(["17:return:1", "17:return:20"], [error])
    assert not same(result[::-1], [error])
    assert same(["17:return:1", error, "17:return:2"])
    assert not same(["17:return:1", f"{error}; try ls", "17:return:2"])
    assert not same([*result, error])


def test_the_table_names_the_blocks_that_differ() -> None:
    rec = Block(">", "rec", [])
    assert not unexpected("shoot.txt", [rec, rec], ["", "differs"], compat=False)
    assert unexpected("shoot.txt", [rec, rec], ["", "differs"], compat=True) == "differs"
    assert unexpected("shoot.txt", [rec, rec], ["differs", "differs"], compat=False) == "differs"
    assert "named as different" in unexpected("shoot.txt", [rec, rec], ["", ""], compat=False)
