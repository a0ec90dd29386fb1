"""All that goes wrong on USB, as a user of the program meets it: the message, the time, the mend.

Each case ends in a message whose reason the README explains, within its limit in seconds, and the
next command works. CHDKSHELL_REPEAT=20 in the environment runs each so often.
"""

from __future__ import annotations

import errno
import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.emulated_usb.camera import Fault, FaultySim
from support.emulated_usb.fixtures import UsbBus
from support.emulated_usb.shell import Answer, Shell
from support.usb_table import BIG, Table

from chdkshell.chdk.constants import ChdkCommand
from chdkshell.reasons import Reason
from chdkshell.shell.advice import ADVICE
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.usbdevice import UsbCamera

DOWNLOAD, UPLOAD = ChdkCommand.DOWNLOAD_FILE, ChdkCommand.UPLOAD_FILE

ENDS = 90.0
"""Seconds in which everything ends for which no camera is waited."""

CAMERA_TIMEOUT = 1
"""Seconds after which a camera that is silent is given up."""

LONG_TIMEOUT = 100
"""One that no test waits for."""

STALLED = r"the camera stopped the transfer \(a USB stall\)"


@pytest.fixture(autouse=True, params=range(int(os.environ.get("CHDKSHELL_REPEAT", "1"))))
def turn(request: pytest.FixtureRequest) -> int:
    """Which repetition this is."""
    return int(request.param)


@pytest.fixture(params=["system", "package"])
def libusb(request: pytest.FixtureRequest) -> str:
    """Debian's libusb, and that of libusb-package."""
    return str(request.param)


@pytest.fixture
def table(usb_bus: UsbBus, libusb: str, tmp_path: Path) -> Iterator[Table]:
    """A computer with a USB bus and no camera."""
    made = Table(usb_bus, libusb, tmp_path)
    yield made
    made.close()


def plug_when_told(table: Table, shell: Shell, told: str, sim: SimCamera) -> None:
    """Plug a camera in once the program says that it waits for one."""
    deadline = time.monotonic() + ENDS
    while told not in shell.notices() and time.monotonic() < deadline:
        time.sleep(0.01)
    table.plug(sim, 9)


def documented(answer: Answer, start: str) -> None:
    """Check that a command failed with that message, in time, and that it says what to do."""
    assert not answer.ok
    assert answer.error.startswith(start), answer
    assert ADVICE[Reason(answer.reason)].message, answer
    assert answer.hint, answer
    assert answer.seconds < ENDS, answer


# ---- finding and choosing -----------------------------------------------------------------------


def test_no_camera(table: Table) -> None:
    shell = table.shell()
    assert shell.run("list").result == []
    documented(shell.run("luar return 1"), "not connected")
    documented(shell.run("connect"), "no matching devices found")
    table.plug()
    shell.works()
    assert "connected by itself: Canon PowerShot ONE (usb:001:004)" in shell.notices()
    shell.close()


def test_two_cameras_are_listed_and_chosen_by_each_means(table: Table) -> None:
    table.plug(table.sim("Canon PowerShot ONE", "AAA1"), 4)
    table.plug(table.sim("Canon IXUS TWO", "BBB2"), 5)
    shell = table.shell()
    rows = shell.run("list").result
    keys = ("number", "status", "model", "bus", "device", "vendor_id", "product_id", "serial")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        (1, "free", "Canon PowerShot ONE", "001", "004", 0x4A9, 0x32C8, "AAA1"),
        (2, "free", "Canon IXUS TWO", "001", "005", 0x4A9, 0x32C8, "BBB2"),
    ]
    for line in ("connect", "connect canon", "connect -b=001"):
        answer = shell.run(line)
        documented(answer, "2 cameras fit: 1 (Canon PowerShot ONE, serial AAA1, usb:001:004), 2 (")
    documented(shell.run("luar return 1"), "not connected")
    for line in (
        "connect 2",
        "connect ixus",
        "connect bbb",
        "connect 1:5",
        "connect 001:005",
        "connect usb:001:005",
        "connect usb:serial=BB",
        "connect usb:model=IXUS",
        "connect -s=BBB2",
        "connect -d=005",
        "connect TWO$",
    ):
        answer = shell.run(line)
        assert answer.result["serial"] == "BBB2", answer
        shell.works()
    assert [row["status"] for row in shell.run("list").result] == ["free", "current"]
    assert shell.run("connect -nodis 1").result["serial"] == "AAA1"
    assert [row["status"] for row in shell.run("list").result] == ["current", "connected"]
    shell.works()
    shell.close()


def test_the_only_camera_needs_no_address(table: Table) -> None:
    table.plug()
    shell = table.shell("-c")
    assert '"ok": true' in shell._process.stdout.readline()  # type: ignore[union-attr]
    shell.works()
    shell.close()


def test_a_camera_without_names_in_its_descriptors(table: Table) -> None:
    def nameless(changed: object) -> UsbCamera:
        camera = FaultySim(sim, changed)  # type: ignore[arg-type]
        camera.strings = ("Canon Inc.", "Canon Digital Camera", "")
        return camera

    sim = table.sim("Canon PowerShot ONE", "AAA1")
    table.usb.bus.plug(nameless, 4)
    table.plug(table.sim("Canon PowerShot TWO", "BBB2"), 5)
    shell = table.shell()
    for line in ("connect one", "connect usb:serial=AAA1", "connect usb:model=one"):
        assert shell.run(line).result["serial"] == "AAA1"
    shell.close()


# ---- cameras that cannot be used ----------------------------------------------------------------


def test_busy(table: Table) -> None:
    table.plug()
    table.plug(table.sim("Canon IXUS TWO", "BBB2"), 5)
    holder = table.usb.client()
    holder.connect(rest="001:004")
    shell = table.shell()
    busy, free = shell.run("list").result
    assert (busy["status"], free["status"]) == ("in_use", "free")
    assert busy["holder"].endswith(f"(pid {holder.pid})")
    assert busy["error"] == f"the camera at usb:001:004 is in use by {busy['holder']}"
    documented(shell.run("connect 1"), "the camera at usb:001:004 is in use by python")
    assert shell.run("connect").result["serial"] == "BBB2"
    holder.close()
    assert shell.run("connect 1").result["serial"] == "AAA1"
    shell.works()
    shell.close()


def test_no_permission(table: Table) -> None:
    node, _ = table.plug(open_errno=errno.EACCES)
    shell = table.shell()
    row = shell.run("list").result[0]
    assert row["status"] == "not_permitted"
    assert 'ATTR{idVendor}=="04a9"' in row["hint"]
    for line in ("connect", "luar return 1"):
        answer = shell.run(line)
        documented(answer, "no permission to open the camera at usb:001:004")
        assert 'ATTR{idVendor}=="04a9"' in answer.hint
    node.open_errno = 0
    shell.works()
    shell.close()


# ---- unplugging ---------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["download BIG.BIN {}", "upload {} UP.BIN"])
def test_unplugged_in_the_middle_and_replugged_elsewhere(table: Table, line: str) -> None:
    sim = table.sim()
    node, camera = table.plug(sim)
    file = table.folder / "file.bin"
    command = DOWNLOAD
    if line.startswith("upload"):
        file.write_bytes(bytes(BIG))
        command = UPLOAD
    pulled = threading.Thread(target=table.usb.bus.unplug, args=(node,))
    camera.halfway = pulled.start
    camera.arm(Fault.HALFWAY, command)
    shell = table.shell("--device", "usb:")
    documented(shell.run(line.format(file)), "the ")
    pulled.join()
    left = {path.name for path in table.folder.glob("file.bin.*")}
    # of a download what came is kept with its note, if it was much when the cable was pulled
    assert left in (set(), {"file.bin.part", "file.bin.part.note"})
    assert not left or line.startswith("download")

    # another camera comes first, and is not taken for the one that went
    table.plug(table.sim("Canon PowerShot ONE", "OTHER"), 5)
    waiting = "waiting for Canon PowerShot ONE (serial AAA1) ..."
    replugging = threading.Thread(target=plug_when_told, args=(table, shell, waiting, sim))
    replugging.start()
    shell.works()
    replugging.join()
    assert waiting in shell.notices()
    assert "connected again: Canon PowerShot ONE (usb:001:009)" in shell.notices()
    answer = shell.run(line.format(file))
    assert answer.ok, answer
    shell.close()


def test_a_camera_that_stays_away(table: Table) -> None:
    node, _ = table.plug()
    shell = table.shell("--device", "usb:")
    shell.works()
    table.usb.bus.unplug(node)
    documented(shell.run("luar return 1"), "the camera went away")
    answer = shell.run("reconnect -wait=500")
    documented(answer, "Canon PowerShot ONE (serial AAA1) is not there")
    assert answer.seconds > 0.4
    documented(shell.run("luar return 1"), "Canon PowerShot ONE (serial AAA1) is not there")
    table.plug(table.sims[0], 6)
    shell.works()
    shell.close()


def test_reboot(table: Table) -> None:
    sim = table.sim()
    nodes = [table.plug(sim)[0]]
    off = sim.state.on_power_off

    def restart() -> None:
        table.usb.bus.unplug(nodes.pop())
        threading.Event().wait(0.3)
        nodes.append(table.plug(sim, 8)[0])

    def on_power_off() -> None:
        assert off is not None
        off()
        threading.Thread(target=restart).start()

    sim.state.on_power_off = on_power_off
    shell = table.shell("--device", "usb:")
    answer = shell.run("reboot")
    assert answer.ok, answer
    assert 1 < answer.seconds < ENDS
    assert nodes[0].address == 8
    shell.works()
    assert shell.run("list").result[0]["status"] == "current"
    shell.close()


# ---- transfers that go wrong --------------------------------------------------------------------


def armed(
    table: Table, fault: Fault, command: ChdkCommand, timeout: int = CAMERA_TIMEOUT
) -> tuple[FaultySim, Shell]:
    """A connected camera whose next `command` has `fault`."""
    _, camera = table.plug()
    shell = table.shell("--device", "usb:")
    assert shell.run(f"set timeout={timeout}").ok
    camera.arm(fault, command)
    return camera, shell


@pytest.mark.parametrize(
    ("fault", "command", "message"),
    [
        (Fault.STALL_IN_DATA, DOWNLOAD, STALLED),
        (Fault.STALL_WITHOUT_RESPONSE, DOWNLOAD, STALLED),
        (Fault.BABBLE, DOWNLOAD, "the camera sent more in one packet than USB allows"),
        (Fault.GARBAGE, DOWNLOAD, "the camera sent "),
        (Fault.WRONG_ID, UPLOAD, r"the camera answered transaction \d+ where \d+ was asked"),
        (Fault.NO_RESPONSE, DOWNLOAD, r"the camera did not react for [\d.]+ seconds"),
        (Fault.DEAF, DOWNLOAD, r"the camera did not react for [\d.]+ seconds"),
    ],
)
def test_a_transfer_that_fails(
    table: Table, fault: Fault, command: ChdkCommand, message: str
) -> None:
    camera, shell = armed(table, fault, command)
    file = table.folder / "file.bin"
    file.write_bytes(bytes(BIG))
    target = table.folder / "out.bin"
    upload = command is UPLOAD
    line = f"upload {file} UP.BIN" if upload else f"download BIG.BIN {target}"
    answer = shell.run(line)
    documented(answer, "")
    assert re.match(message, answer.error), answer
    assert not target.exists()
    assert shell.run(f"set timeout={LONG_TIMEOUT}").ok  # it answers again, if slowly
    shell.works()
    answer = shell.run(line)
    assert answer.ok, answer
    assert camera.fault is Fault.NONE
    shell.close()


@pytest.mark.parametrize(
    "fault",
    [Fault.STALL_IN_DATA, Fault.STALL_WITHOUT_RESPONSE, Fault.NO_RESPONSE, Fault.DEAF],
)
def test_an_upload_that_stalls_is_sent_once_more(table: Table, fault: Fault) -> None:
    stalls = fault in (Fault.STALL_IN_DATA, Fault.STALL_WITHOUT_RESPONSE)
    camera, shell = armed(table, fault, UPLOAD, LONG_TIMEOUT if stalls else 3 * CAMERA_TIMEOUT)
    file = table.folder / "file.bin"
    file.write_bytes(bytes(range(251)) * 2000)
    answer = shell.run(f"upload {file} UP.BIN")
    assert answer.ok, answer
    card = table.folder / "card0"
    assert (card / "UP.BIN").read_bytes() == file.read_bytes()
    assert not list(card.glob("CHSH*"))
    assert camera.fault is Fault.NONE
    assert shell.run(f"set timeout={LONG_TIMEOUT}").ok
    shell.works()
    shell.close()


@pytest.mark.parametrize(
    "fault",
    [
        Fault.ZERO_PACKET_LATE,
        Fault.ZERO_PACKET_MISSING,
        Fault.ZERO_PACKET_DOUBLED,
        Fault.SPLIT_HEADER,
        Fault.STALL_BEFORE_RESPONSE,
    ],
)
@pytest.mark.parametrize("name", ["FULL.BIN", "BIG.BIN"])
def test_what_is_forgiven(table: Table, fault: Fault, name: str) -> None:
    camera, shell = armed(table, fault, DOWNLOAD, timeout=LONG_TIMEOUT)
    target = table.folder / "out.bin"
    answer = shell.run(f"download {name} {target}")
    assert answer.ok, answer
    assert answer.seconds < ENDS, "nothing waited for the time limit"
    assert target.read_bytes() == (table.folder / "card0" / name).read_bytes()
    assert camera.fault is Fault.NONE
    shell.works()
    assert "again" not in shell.notices()
    shell.close()


def test_a_stall_in_the_command_phase(table: Table) -> None:
    camera, shell = armed(table, Fault.NONE, ChdkCommand.VERSION)
    camera.bulk_out.halt()
    shell.works()
    assert "again" not in shell.notices()
    shell.close()


def test_a_camera_that_is_deaf_when_it_is_connected(table: Table) -> None:
    camera, shell = armed(table, Fault.NONE, ChdkCommand.VERSION)
    assert shell.run("disconnect").ok
    camera.arm(Fault.DEAF, ChdkCommand.VERSION)
    documented(shell.run("connect"), "the camera did not react for 1 seconds")
    camera._deaf = True
    camera.refused_class_requests = {0x66, 0x67}
    answer = shell.run("connect")
    assert answer.ok, "it was reset by its port"
    assert CAMERA_TIMEOUT < answer.seconds < ENDS
    assert shell.run(f"set timeout={LONG_TIMEOUT}").ok
    shell.works()
    shell.close()


def test_a_session_that_a_reset_ended(table: Table) -> None:
    camera, shell = armed(table, Fault.NONE, ChdkCommand.VERSION)
    camera.reset()
    shell.works()
    assert "again" not in shell.notices()
    shell.close()
