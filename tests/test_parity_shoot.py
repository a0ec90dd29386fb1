"""Shooting and remote capture print and leave what the established client does (shoot.txt)."""

from __future__ import annotations

import re
from pathlib import Path

from parity_cases import Block, Client, difference, make_card, read_cases, run_host

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.clock import Clock
from chdkshell.sim.doors.ipserver import IpServer

JPEG_SIZE = re.compile(r"(\.jpg|\.JPG) [0-9]{4,}$")


def shown(block: Block, printed: list[str]) -> list[str]:
    """Return what was printed with the sizes of JPEG files, which may differ, made alike."""
    if not block.command.startswith("find "):
        return printed
    return [JPEG_SIZE.sub(r"\1 <jpeg>", line) for line in printed]


def test_shooting_as_the_established_client(tmp_path: Path) -> None:
    card, folder = make_card(tmp_path / "card"), tmp_path / "work"
    folder.mkdir()
    sections = read_cases("shoot.txt")
    blocks = [block for section in sections.values() for block in section]
    assert len(blocks) == 29
    differences = []
    camera = SimCamera(card=card, clock=Clock(speed=20))
    with IpServer(camera) as server, Client(server.address, folder) as client:
        for block in blocks:
            if block.kind == ">":
                printed = client.run(block.command)
            else:
                printed = shown(block, run_host(block.command, folder))
            differences.append(difference(block, printed))
    camera.close()
    assert not [text for text in differences if text]
