"""The prompt with a camera on the emulated bus: Ctrl-C in each phase, waiting, signs of life."""

# needs: POSIX

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest
from support.emulated_usb.camera import Fault, FaultySim
from support.emulated_usb.fixtures import UsbBus
from support.emulated_usb.usbfs import Node
from support.shell_process import environment, program
from support.timeouts import TIMEOUT

from chdkshell.chdk.constants import ChdkCommand
from chdkshell.sim.camera import SimCamera

CANCEL_REQUEST, DEVICE_RESET = 0x64, 0x66
BIG = 8_000_000


@pytest.fixture(autouse=True, params=range(int(os.environ.get("CHDKSHELL_REPEAT", "1"))))
def turn(request: pytest.FixtureRequest) -> int:
    """Which repetition this is."""
    return int(request.param)


class Terminal:
    """A program at a terminal, and the camera that it has connected."""

    def __init__(self, usb: UsbBus, libusb: str, folder: Path) -> None:
        self.usb = usb
        self.folder = folder
        card = folder / "card"
        card.mkdir()
        (card / "BIG.BIN").write_bytes(bytes(range(250)) * (BIG // 250))
        self.sim = SimCamera(card, "Canon PowerShot ONE", "AAA1")
        self.node: Node
        self.camera: FaultySim
        self.node, self.camera = usb.plug_faulty_sim(self.sim)
        self.child = pexpect.spawn(
            program()[0],
            [*program()[1:], "-r", "-c"],
            env=environment(**{**usb.environment(libusb), "TERM": "dumb", "COLUMNS": "200"}),
            encoding="utf-8",
            timeout=TIMEOUT,
            cwd=str(folder),
        )
        self.child.expect_exact("con> ")

    def interrupt(self) -> None:
        """Press Ctrl-C, and give the program the time to see it."""
        self.child.kill(signal.SIGINT)
        threading.Event().wait(0.3)

    def enter(self, line: str) -> str:
        """Enter a line, and return what is shown up to the next prompt."""
        self.child.sendline(line)
        self.child.expect(r"(con( \d+)?|___)> ")
        return str(self.child.before)

    def close(self) -> None:
        self.child.close(force=True)
        self.sim.close()


@pytest.fixture(params=["system", "package"])
def terminal(usb_bus: UsbBus, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    """The prompt, with a camera."""
    made = Terminal(usb_bus, request.param, tmp_path)
    yield made
    made.close()


def still_the_same_session(terminal: Terminal) -> None:
    """The next command goes through without a new connection, and with the files intact."""
    assert "return:'fine'" in terminal.enter("luar return 'fine'")
    shown = terminal.enter("download BIG.BIN again.bin")
    assert "BIG.BIN->" in shown
    assert "connected" not in shown
    sent = (terminal.folder / "card" / "BIG.BIN").read_bytes()
    assert (terminal.folder / "again.bin").read_bytes() == sent


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (Fault.HALFWAY, "download BIG.BIN out.bin"),
        (Fault.HALFWAY, "upload card/BIG.BIN UP.BIN"),
        (Fault.NO_RESPONSE, "download BIG.BIN out.bin"),
        (Fault.NO_RESPONSE, "upload card/BIG.BIN UP.BIN"),
    ],
)
@pytest.mark.parametrize("refused", [set(), {CANCEL_REQUEST}, {CANCEL_REQUEST, DEVICE_RESET}])
def test_ctrl_c_in_each_phase(
    terminal: Terminal, fault: Fault, line: str, refused: set[int]
) -> None:
    """With the class cancel, without it (drain or reset), and with a port reset only."""
    camera = terminal.camera
    camera.refused_class_requests = refused
    command = ChdkCommand.UPLOAD_FILE if line.startswith("upload") else ChdkCommand.DOWNLOAD_FILE
    camera.halfway = terminal.interrupt
    camera.arm(fault, command)
    shown = terminal.enter(line)
    assert "ERROR: cancelled" in shown
    camera.refused_class_requests = set()
    assert not (terminal.folder / "out.bin").exists()
    assert bool(list(terminal.folder.glob("*.part"))) == ("goes on from there" in shown)
    still_the_same_session(terminal)


def test_a_second_ctrl_c_breaks_off_and_the_next_command_connects(terminal: Terminal) -> None:
    camera = terminal.camera
    camera.refused_class_requests = {CANCEL_REQUEST}

    def hang() -> None:
        terminal.interrupt()
        terminal.interrupt()

    camera.halfway = hang
    camera.arm(Fault.HALFWAY, ChdkCommand.DOWNLOAD_FILE)
    shown = terminal.enter("download BIG.BIN out.bin")
    assert re.search("ERROR: (interrupted|cancelled)", shown)
    assert "return:'fine'" in terminal.enter("luar return 'fine'")


def test_waiting_for_a_camera_is_shown_and_cut_by_ctrl_c(terminal: Terminal) -> None:
    terminal.usb.bus.unplug(terminal.node)
    assert "went away" in terminal.enter("luar return 1")
    terminal.child.sendline("luar return 1")
    terminal.child.expect_exact("waiting for Canon PowerShot ONE (serial AAA1) ... (Ctrl-C ends")
    terminal.interrupt()
    terminal.child.expect_exact("ERROR: cancelled")
    terminal.child.expect_exact("___> ")
    terminal.usb.plug_faulty_sim(terminal.sim, 12)
    shown = terminal.enter("luar return 'fine'")
    assert "connected again: Canon PowerShot ONE (usb:001:012)" in shown
    assert "return:'fine'" in shown


def test_signs_of_life_while_nobody_types(terminal: Terminal) -> None:
    alive = threading.Event()
    transact: Callable[..., object] = terminal.sim.responder.transact

    def noticed(request: object, *rest: object) -> object:
        if getattr(request, "params", ())[:1] == (ChdkCommand.SCRIPT_STATUS,):
            alive.set()
        return transact(request, *rest)

    terminal.sim.responder.transact = noticed  # type: ignore[method-assign, assignment]
    terminal.enter("set keepalive=1")
    assert alive.wait(60)
    terminal.enter("set keepalive=0")
    alive.clear()
    assert not alive.wait(1.2)
    assert "return:'fine'" in terminal.enter("luar return 'fine'")
