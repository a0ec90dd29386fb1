"""A simulated camera with nothing to do does nothing: it waits to be told, and does not look."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.sim_scripts import Runner, simulated
from support.timeouts import TIMEOUT

from chdkshell.ptp.session import Session
from chdkshell.share import client
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer
from chdkshell.sim.lua.api import Wait
from chdkshell.sim.pace import FAST, REAL, CameraPace
from chdkshell.transport.ip import IpTransport
from chdkshell.transport.iplink import Link

SCRIPT_STATUS = 8


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that gets the tick count of each look at whether a wait is over."""
    looks: list[int] = []
    result = Wait.result

    def looked(self: Wait, ticks: int) -> object:
        looks.append(ticks)
        return result(self, ticks)

    monkeypatch.setattr(Wait, "result", looked)
    return looks


def hand(camera: Runner) -> None:
    camera.state.keyboard.touch("left")


def message(camera: Runner) -> None:
    camera.host.write_message(b"here")


@pytest.mark.parametrize("pace", [REAL, FAST], ids=lambda pace: pace.name)
@pytest.mark.parametrize(
    ("source", "happens"),
    [
        ("read_usb_msg(3000)", None),
        ("wait_click(3000)", None),
        ("read_usb_msg(600000)", message),
        ("wait_click(600000)", hand),
        ("textbox()", hand),
        ("sleep(3000)", None),
    ],
)
def test_a_script_that_waits_is_left_alone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pace: CameraPace,
    source: str,
    happens: Callable[[Runner], None] | None,
) -> None:
    looks = counted(monkeypatch)
    with simulated(tmp_path, speed=20) as camera:
        camera.state.pace = pace
        camera.host.execute(f"write_usb_msg(1) {source} write_usb_msg(2)".encode(), 0x700)
        assert camera.host.wait_news(TIMEOUT)
        if happens is not None:
            camera.host.read_message()
            while source == "textbox()" and camera.state.shown.dialog is None:
                time.sleep(0.01)
            time.sleep(0.15)  # in which there would be a look at each of 300 ticks
            happens(camera)
            if source == "textbox()":
                camera.state.keyboard.let_go("left")
                camera.state.keyboard.touch("set")
        assert camera.host.wait_ended(TIMEOUT)
    assert 1 <= len(looks) <= 10


def test_a_client_that_says_nothing_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server waits in one long step, which what the client asks ends at once."""
    waits_long = threading.Event()
    wait = Link.wait

    def waiting(self: Link, seconds: float) -> bool:
        if seconds == TIMEOUT:
            waits_long.set()
        return wait(self, seconds)

    monkeypatch.setattr(client, "IDLE_SECONDS", TIMEOUT)
    monkeypatch.setattr(Link, "wait", waiting)
    camera = SimCamera(card=tmp_path)
    try:
        with IpServer(camera) as server:
            session = Session(IpTransport("127.0.0.1", server.port))
            session.open()
            for _ in range(2):
                assert waits_long.wait(TIMEOUT)
                waits_long.clear()
                assert session.transaction(0x9999, SCRIPT_STATUS) == (0,)
            session.close()
    finally:
        camera.close()
