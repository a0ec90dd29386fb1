"""Cameras of other makers on USB: shown when asked for, and connected by number or address."""

# needs: POSIX

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.emulated_usb.camera import FaultySim
from support.emulated_usb.fixtures import UsbBus
from support.file_cases import CARD, write
from support.usb_table import Table

from chdkshell.sim.camera import SimCamera

NIKON = 0x04B0


@pytest.fixture
def table(usb_bus: UsbBus, tmp_path: Path) -> Iterator[Table]:
    made = Table(usb_bus, "system", tmp_path)
    yield made
    made.close()


def plug_other(table: Table, tmp_path: Path, address: int) -> None:
    """Plug a PTP camera in that is no Canon, with files and without CHDK."""
    write(tmp_path / "other", CARD)
    sim = SimCamera(tmp_path / "other", "NIKON D90", "NNN3", chdk=False)
    table.sims.append(sim)

    def make(changed: object) -> FaultySim:
        camera = FaultySim(sim, changed)  # type: ignore[arg-type]
        before, after = camera.device_descriptor[:8], camera.device_descriptor[10:]
        camera.device_descriptor = before + struct.pack("<H", NIKON) + after
        return camera

    table.usb.bus.plug(make, address)


def test_other_makers_come_when_asked_for(table: Table, tmp_path: Path) -> None:
    table.plug(table.sim("Canon PowerShot ONE", "AAA1"), 5)
    plug_other(table, tmp_path, 4)
    shell = table.shell()
    assert [row["model"] for row in shell.run("list").result] == ["Canon PowerShot ONE"]
    rows = shell.run("list -all").result
    assert [(row["number"], row["model"], row["vendor_id"], row["status"]) for row in rows] == [
        (1, "Canon PowerShot ONE", 0x4A9, "free"),
        (2, "NIKON D90", NIKON, "free"),
    ]
    answer = shell.run("connect")
    assert answer.result["serial"] == "AAA1", "a camera of another maker is never taken unasked"
    for line in ("connect 2", f"connect {rows[1]['address']}", "connect usb:vid=any,dev=4"):
        answer = shell.run(line)
        assert answer.ok, answer
        assert answer.result["serial"] == "NNN3"
        assert "KEEP.TXT" in str(shell.run("ls").result)
    rows = shell.run("list -all").result
    assert [(row["serial"], row["status"]) for row in rows] == [
        ("AAA1", "free"),
        ("NNN3", "current"),
    ]
    shell.close()


def test_it_is_found_again(table: Table, tmp_path: Path) -> None:
    plug_other(table, tmp_path, 4)
    shell = table.shell()
    assert shell.run("connect 1").ok
    assert shell.run("disconnect").ok
    assert shell.run("reconnect").ok
    assert shell.run("cat KEEP.TXT").ok
    shell.close()
