"""The command doctor."""

# needs: POSIX

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.computer import MEND_ACCESS, RULE
from support.emulated_usb.fixtures import UsbBus
from support.shell_process import run

from chdkshell.sim.camera import SimCamera


@pytest.mark.skipif(
    Path("/sys/bus/usb").exists() or Path("/dev/bus/usb").exists(), reason="there is USB here"
)
def test_the_program_says_so_and_fails() -> None:
    ended = run("-e", "doctor")
    lines = ended.stdout.splitlines()
    assert lines[0].startswith(("ok system:    ", "-- system:    "))
    assert lines[2].startswith("!! usb:       there is no USB on this computer: ")
    assert lines[3].startswith("   ")
    assert lines[-3:] == [
        f"-- {check + ':':<11}not checked: there is no camera to ask"
        for check in ("PTP", "CHDK", "scripts")
    ]
    assert ended.stderr == "ERROR: 1 thing is wrong; what mends it stands after the arrow\n"
    assert ended.returncode == 1


def test_the_exit_status_tells_whether_something_is_wrong() -> None:
    ended = run("--json", "-e", "doctor")
    answer = json.loads(ended.stdout)
    wrong = [row["check"] for row in answer["result"] if row["ok"] is False]
    assert answer["ok"] is not bool(wrong)
    assert ended.returncode == bool(wrong)
    assert [row["check"] for row in answer["result"]][:3] == ["system", "libusb", "usb"]
    assert ended.stderr == ""


def test_a_simulated_camera_is_checked_as_it_is() -> None:
    ended = run("--sim", "-e", "doctor")
    lines = ended.stdout.splitlines()
    assert lines[1].startswith("ok libusb:")
    assert lines[-5:] == [
        "ok PTP:       Canon PowerShot SIM1, serial SIM0001 (sim:)",
        "ok CHDK:      protocol 2.9 (sim:)",
        "ok scripts:   it runs Lua scripts (sim:)",
        "-- next:      each part of it can be tried (sim:)",
        "              -> the command `selftest`",
    ]


def test_usb_remote_is_told(tmp_path: Path) -> None:
    card = ("-r", "--device", f"sim:card={tmp_path}")
    said = "CHDK's USB remote (Enable Remote) is on"
    assert said not in run(*card, "-e", "doctor").stdout
    done = run(*card, "-e", "luar set_config_value(1200, 1)", "-e", "doctor")
    assert f"-- remote:    {said}: it takes the cable for a switch" in done.stdout
    on = "luar set_config_value(1200, 1)"
    lines = (on, "lua sleep(60000)", "doctor", "killscript", "doctor")
    done = run(*card, *(word for line in lines for word in ("-e", line)))
    assert done.stdout.count(said) == 1, "a script that runs is left alone"


def test_the_rule_is_printed_and_nothing_else_done() -> None:
    ended = run("-e", "doctor --write-udev-rule")
    assert ended.stdout.splitlines() == [
        "# /etc/udev/rules.d/70-chdkshell.rules",
        RULE,
        f"# {MEND_ACCESS}",
    ]
    assert ended.returncode == 0


def test_a_camera_on_a_bus_that_only_libusb_shows(usb_bus: UsbBus) -> None:
    camera = SimCamera()
    try:
        usb_bus.plug_sim(camera)
        ended = run("--json", "-e", "doctor", **usb_bus.environment("system"))
    finally:
        camera.close()
    rows = {row["check"]: row for row in json.loads(ended.stdout)["result"]}
    assert rows["camera"]["seen"] == "Canon PowerShot SIM1 at usb:001:004"
    assert rows["PTP"]["seen"] == "Canon PowerShot SIM1, serial SIM0001 (usb:001:004)"
    assert rows["scripts"]["ok"] is True
