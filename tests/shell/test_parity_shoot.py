"""Shooting and remote capture print and leave what chdkptp does (shoot.txt)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
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

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.clock import Clock
from chdkshell.sim.interfaces.ipserver import IpServer

JPEG_SIZE = re.compile(r"(\.jpg|\.JPG) [0-9]{4,}$")


def shown(block: Block, printed: Printed) -> Printed:
    """Return what was printed with the sizes of JPEG files, which may differ, made alike."""
    if not block.command.startswith("find "):
        return printed
    return Printed([JPEG_SIZE.sub(r"\1 <jpeg>", line) for line in printed.stdout])


@pytest.mark.parametrize("compat", [True, False], ids=["as chdkptp", "by default"])
def test_shooting_as_chdkptp(tmp_path: Path, compat: bool) -> None:
    card, folder = make_card(tmp_path / "card"), tmp_path / "work"
    folder.mkdir()
    sections = read_cases("shoot.txt")
    blocks = [block for section in sections.values() for block in section]
    assert len(blocks) == 29
    differences = []
    camera = SimCamera(card=card, clock=Clock(speed=5))
    with IpServer(camera) as server, Client(server.address, folder, compat) as client:
        for block in blocks:
            if block.kind == ">":
                printed = client.run(block.command)
            else:
                printed = shown(block, run_host(block.command, folder))
            differences.append(difference(block, printed))
    camera.close()
    assert not unexpected("shoot.txt", blocks, differences, compat)
