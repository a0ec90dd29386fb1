"""Cameras without serial numbers: after an unplug no command goes on with another camera."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.desk import Desk
from support.emulated_usb.fixtures import UsbBus
from support.emulated_usb.shell import Shell
from support.emulated_usb.usbfs import Node

from chdkshell.camera import Camera, connect
from chdkshell.chdk.transfer import PartFile
from chdkshell.errors import DisconnectedError
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer

MODEL = "Canon PowerShot TWIN"


class Twins:
    """Two cameras of one model on a USB bus, each on a port of its own, and the program."""

    def __init__(self, usb: UsbBus, folder: Path, serials: tuple[str, str]) -> None:
        self.usb = usb
        self.sims = [self._sim(folder / f"card{n}", serial) for n, serial in enumerate(serials)]
        self.nodes = [self.plug(0, 4, "2"), self.plug(1, 5, "3")]
        self.shell = Shell(usb.environment())

    def _sim(self, card: Path, serial: str) -> SimCamera:
        (card / "DCIM/100CANON").mkdir(parents=True)
        (card / "DCIM/100CANON/IMG_0001.JPG").write_bytes(b"\xff\xd8 a picture")
        return SimCamera(card, MODEL, serial)

    def plug(self, which: int, address: int, port: str) -> Node:
        return self.usb.plug_sim(self.sims[which], address, port=port)

    def unplug(self, which: int) -> None:
        self.usb.bus.unplug(self.nodes[which])

    def pictures(self, which: int) -> int:
        """How many pictures are on a camera's card."""
        return len(list((self.sims[which].card.root / "DCIM").rglob("*.JPG")))

    def close(self) -> None:
        self.shell.kill()
        for sim in self.sims:
            sim.close()


@pytest.fixture
def serials() -> tuple[str, str]:
    return "", ""


@pytest.fixture
def twins(usb_bus: UsbBus, tmp_path: Path, serials: tuple[str, str]) -> Iterator[Twins]:
    made = Twins(usb_bus, tmp_path, serials)
    yield made
    made.close()


COMMANDS = (
    "rm DCIM/100CANON/IMG_0001.JPG",
    "rm DCIM",
    "imdl -rm -d={}/",
    "imrm",
    "mdl DCIM {}",
    "mv DCIM/100CANON/IMG_0001.JPG A/X.JPG",
    "sync -delete DCIM {}/kept",
    "upload {}/note.txt NOTE.TXT",
    "rec",
    "shoot",
    "rs -shots=2 {}/shot",
    "luar shoot()",
    "lua shoot()",
    "reboot",
    "reconnect -wait=0",
)


def test_no_command_goes_on_with_the_twin(twins: Twins, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("new")
    assert twins.shell.run("connect 1").result["serial"] == ""
    twins.unplug(0)
    assert not twins.shell.run("luar return 1").ok
    refused = [twins.shell.run("reconnect -wait=0")]
    refused += [twins.shell.run(line.format(tmp_path)) for line in COMMANDS]
    for line, answer in zip(("", *COMMANDS), refused, strict=True):
        assert not answer.ok, line
        assert answer.error == (
            f"{MODEL} (USB port 1-2) is not there; the one at usb:001:005 (USB port 1-3)"
            " may be another camera, since it has no serial number"
        )
        assert answer.hint == (
            "plug it into that port, or `connect usb:001:005` if that is the one you want"
        )
        assert answer.reason == "not-at-its-port"
    assert twins.pictures(1) == 1
    assert not (twins.sims[1].card.root / "NOTE.TXT").exists()
    assert not twins.sims[1].state.recording

    # at its port it is taken, whatever its address is now
    twins.nodes[0] = twins.plug(0, 9, "2")
    assert twins.shell.run("rm DCIM/100CANON/IMG_0001.JPG").ok
    assert f"connected again: {MODEL} (usb:001:009, known by USB port 1-2)" in (
        twins.shell.notices()
    )
    assert [twins.pictures(0), twins.pictures(1)] == [0, 1]


def test_the_only_one_at_another_port_is_not_taken(twins: Twins) -> None:
    twins.unplug(1)
    assert twins.shell.run("connect").ok
    twins.unplug(0)
    assert not twins.shell.run("luar return 1").ok
    twins.plug(0, 6, "4")
    answer = twins.shell.run("reconnect -wait=0")
    assert "the one at usb:001:006 (USB port 1-4) may be another camera" in answer.error
    assert twins.shell.run("connect usb:port=1-4").result["model"] == MODEL
    assert twins.shell.run("rm DCIM/100CANON/IMG_0001.JPG").ok


def test_a_row_of_shots_waits_for_its_own_camera(twins: Twins) -> None:
    assert twins.shell.run("connect 1").ok
    assert twins.shell.run("rec").ok
    taken = [sim.state.exposure_count for sim in twins.sims]
    develop = twins.sims[0].state.on_shoot
    assert develop is not None

    def pull_and_put_back() -> None:
        twins.unplug(0)
        twins.sims[0].state.recording = True
        twins.nodes[0] = twins.plug(0, 11, "2")

    def shoot(*arguments: Any) -> object:
        if twins.sims[0].state.exposure_count == taken[0] + 1:
            threading.Thread(target=pull_and_put_back).start()
        return develop(*arguments)

    twins.sims[0].state.on_shoot = shoot  # type: ignore[assignment]
    answer = twins.shell.run("shoot -shots=3 -int=0.5")
    assert answer.ok, answer
    assert twins.sims[1].state.exposure_count == taken[1]
    assert twins.sims[0].state.exposure_count >= taken[0] + 3


@pytest.mark.parametrize("serials", [("AAA1", "BBB2")])
def test_a_serial_number_proves_it_at_any_port(twins: Twins) -> None:
    assert twins.shell.run("connect aaa").ok
    twins.unplug(0)
    twins.unplug(1)
    assert not twins.shell.run("luar return 1").ok
    twins.plug(1, 7, "2")
    answer = twins.shell.run("reconnect -wait=0")
    assert answer.error == (
        f"another camera answered: {MODEL} (serial BBB2) instead of {MODEL} (serial AAA1)"
    )
    twins.plug(0, 8, "3")
    assert twins.shell.run("rm DCIM/100CANON/IMG_0001.JPG").ok
    assert [twins.pictures(0), twins.pictures(1)] == [0, 1]
    # where it was the other one is now, and is meant by that address
    assert twins.shell.run("connect -nodis usb:001:007").result["serial"] == "BBB2"


@pytest.mark.parametrize("serials", [("SAME", "SAME")])
def test_a_serial_number_that_two_have_proves_nothing_elsewhere(twins: Twins) -> None:
    assert twins.shell.run("connect 2").ok
    twins.unplug(1)
    assert not twins.shell.run("luar return 1").ok
    twins.plug(1, 7, "4")
    answer = twins.shell.run("reconnect -wait=0")
    assert answer.error == (
        f"2 cameras are {MODEL} (serial SAME), and none is at the port where it was"
    )
    assert answer.reason == "twins"
    assert twins.shell.run("connect usb:port=1-4").ok


def test_the_list_tells_them_by_their_ports(twins: Twins) -> None:
    rows = twins.shell.run("list").result
    assert [(row["serial"], row["place"]) for row in rows] == [
        (None, "USB port 1-2"),
        (None, "USB port 1-3"),
    ]
    assert twins.shell.run("connect").error == (
        f"2 cameras fit: 1 ({MODEL}, USB port 1-2, usb:001:004),"
        f" 2 ({MODEL}, USB port 1-3, usb:001:005)"
    )
    assert (
        "usb:001:005 (Canon PowerShot TWIN, USB port 1-3)" in twins.shell.run("connect usb:").error
    )


# ---- PTP/IP -------------------------------------------------------------------------------------


@pytest.fixture
def sims() -> Iterator[list[SimCamera]]:
    made = [SimCamera(None, MODEL, ""), SimCamera(None, MODEL, "")]
    yield made
    for sim in made:
        sim.close()


def test_another_camera_at_the_same_network_address(sims: list[SimCamera], tmp_path: Path) -> None:
    first = IpServer(sims[0])
    port = first.port
    desk = Desk()
    desk.run(f"connect {first.address}")
    pictures = len(desk.run("imls"))
    first.close()
    assert pictures
    with IpServer(sims[1], port=port):
        desk.fail("luar return 1")
        refused = desk.fail("reconnect -wait=0")
        assert refused.startswith(f"another camera answered: {MODEL} (127.0.0.1:{port}, GUID ")
        for line in ("imrm", f"imdl -rm -d={tmp_path}/", "rm DCIM"):
            assert desk.fail(line).startswith("another camera answered: ")
    with IpServer(sims[0], port=port):
        assert desk.shell.run("imls")
    assert "known by 127.0.0.1" in desk.err.getvalue()
    assert len(desk.out.getvalue().splitlines()) == pictures
    assert len(list((sims[1].card.root / "DCIM").rglob("*.JPG"))) > 0
    desk.shell.close()


def test_a_link_is_not_reset_onto_another_camera(sims: list[SimCamera]) -> None:
    first = IpServer(sims[0])
    camera: Camera = connect(first.address)
    first.close()
    with (
        IpServer(sims[1], port=first.port),
        pytest.raises(DisconnectedError, match="another camera answered: "),
    ):
        camera.session.recover()
    camera.close()


# ---- half files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("which", "goes_on"), [(1, True), (2, False)])
@pytest.mark.parametrize("line", ["download X.DNG {}", "mdl X.DNG {}"])
def test_a_half_file_is_not_completed_from_another_camera(
    tmp_path: Path, line: str, which: int, goes_on: bool
) -> None:
    """Twins that took a picture together: the same name, size and time, and the same end."""
    half, end = 2_000_000, bytes(1_000_000)
    for number in (1, 2):
        card = tmp_path / f"card{number}"
        card.mkdir()
        (card / "X.DNG").write_bytes(bytes([number]) * half + end)
        os.utime(card / "X.DNG", (1_700_000_000, 1_700_000_000))
    addresses = {n: f"sim:card={tmp_path}/card{n},serial=S{n}" for n in (1, 2)}
    out = tmp_path / "out/X.DNG"
    out.parent.mkdir()
    with connect(addresses[1]) as camera:
        stat = camera.files.stat("A/X.DNG")
        name = camera.session.camera
    with pytest.raises(DisconnectedError), PartFile(out, original=stat, camera=name) as part:
        part.file.write(b"\xee" * half + end[:500_000])
        raise DisconnectedError
    desk = Desk()
    desk.run(f"connect {addresses[which]}")
    desk.run(line.format(out if line.startswith("download") else out.parent))
    assert out.read_bytes() == (b"\xee" if goes_on else bytes([which])) * half + end
    desk.shell.close()
