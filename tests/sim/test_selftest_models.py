"""selftest passes on each model of the table, over PTP/IP and over the emulated USB bus."""

# needs: POSIX

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from support.emulated_usb.fixtures import UsbBus
from support.emulated_usb.shell import Shell
from support.selftest_cases import CAPTURES, absent_on, by_outcome, hurry, run, tree

from chdkshell.ptp.container import HEADER_SIZE
from chdkshell.ptp.transaction import Request
from chdkshell.selftest.links import LATE_SECONDS
from chdkshell.selftest.outcomes import Outcome
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.display.screen import ScreenKind, ScreenSetup
from chdkshell.sim.interfaces.usbdevice import UsbCamera
from chdkshell.sim.models import MODELS

pytestmark = pytest.mark.slow

WITH_CHDK = [key for key, model in MODELS.items() if model.has_chdk]


@pytest.mark.parametrize("key", WITH_CHDK)
def test_each_model_over_the_network(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    sim = SimCamera(model=MODELS[key].name)
    results = run(sim, shoot=True, sizes=True)
    sim.close()
    assert by_outcome(results, Outcome.FAILED) == set(), results
    assert by_outcome(results, Outcome.ABSENT) == absent_on(key, shoot=True)
    for result in results:
        if result.outcome is Outcome.ABSENT and result.check in CAPTURES and key == "A540":
            assert result.seen.endswith("the camera has 2.4")


def test_a_screen_with_opacity(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    sim = SimCamera(screen=ScreenSetup(ScreenKind.YUV8B))
    results = run(sim)
    sim.close()
    assert by_outcome(results, Outcome.FAILED) == set(), results
    assert by_outcome(results, Outcome.ABSENT) == {"live palette"}


def plugged(usb: UsbBus, sim: SimCamera, make: type[UsbCamera] = UsbCamera) -> None:
    """Plug a simulated camera in as its model is on USB."""
    identity = sim.state.identity

    def camera(changed: Callable[[int], None]) -> UsbCamera:
        return make(
            sim.responder, sim.device_info, changed, identity.product_id, identity.bulk_packet
        )

    usb.bus.plug(camera, 4)


def tried(usb: UsbBus, libusb: str, folder: Path, line: str) -> tuple[bool, dict[str, str]]:
    """Run selftest over USB; return whether it succeeded, and the outcome of each check."""
    shell = Shell(usb.environment(libusb), "--device", "usb:")
    try:
        answer = shell.run(f"{line} -report={folder / 'report.json'}")
        return answer.ok, {event["check"]: event["outcome"] for event in shell.events}
    finally:
        shell.kill()


@pytest.mark.parametrize("libusb", ["system", "package"])
@pytest.mark.parametrize("key", WITH_CHDK)
def test_each_model_over_usb(usb_bus: UsbBus, key: str, libusb: str, tmp_path: Path) -> None:
    shoot = libusb == "system"
    sim = SimCamera(model=MODELS[key].name)
    before = tree(sim.card.root)
    plugged(usb_bus, sim)
    ok, outcomes = tried(usb_bus, libusb, tmp_path, "selftest -shoot" if shoot else "selftest")
    after = tree(sim.card.root)
    sim.close()
    assert ok, outcomes
    absent = {check for check, outcome in outcomes.items() if outcome == "absent"}
    assert absent == absent_on(key, shoot)
    assert "failed" not in outcomes.values()
    assert len(outcomes) > 35
    assert after == before


class LatePacketCamera(UsbCamera):
    """Sends the empty packet after a full one late."""

    _size = 0

    def begin_data(self, request: Request, length: int | None) -> None:
        self._size = HEADER_SIZE + (length or 0)
        super().begin_data(request, length)

    def end_data(self) -> None:
        if self._size % self.bulk_in.packet_size == 0:
            threading.Event().wait(LATE)
        super().end_data()


LATE = 2 * LATE_SECONDS
"""Seconds: longer than a check forgives."""


@pytest.mark.parametrize("libusb", ["system", "package"])
def test_a_late_empty_packet_is_found(usb_bus: UsbBus, libusb: str, tmp_path: Path) -> None:
    sim = SimCamera()
    plugged(usb_bus, sim, LatePacketCamera)
    ok, outcomes = tried(usb_bus, libusb, tmp_path, "selftest")
    sim.close()
    assert not ok
    failed = [check for check, outcome in outcomes.items() if outcome == "failed"]
    assert failed == ["full packets"]
