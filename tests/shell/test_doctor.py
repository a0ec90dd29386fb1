"""What the doctor says of computers that are built as folders, and of cameras that are made up."""

# needs: POSIX

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from support.computer import MEND_ACCESS, NODE, RULE, Camera, Computer

from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.errors import ConnectError, DeviceBusyError, PermissionDeniedError
from chdkshell.ptp.session import Session
from chdkshell.reasons import Reason
from chdkshell.shell.doctor import Finding, LibusbInfo, SystemView, diagnose, udev_rule
from chdkshell.shell.doctor.checks import SELFTEST
from chdkshell.transport.base import Device


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(tmp_path)


def only(findings: list[Finding], check: str) -> Finding:
    """Return the only finding of a check."""
    (found,) = [f for f in findings if f.check == check]
    return found


def faults(findings: list[Finding]) -> list[str]:
    return [f.check for f in findings if f.ok is False]


def test_a_camera_that_is_fine(computer: Computer) -> None:
    computer.plug_in()
    computer.add_rule()
    assert computer.findings() == [
        Finding("system", True, "Debian GNU/Linux 13 (trixie), Python 3.13.5 (aarch64)"),
        Finding("libusb", True, "1.0.26 of the system (libusb-1.0.so.0)"),
        Finding("usb", True, "this computer has USB"),
        Finding("camera", True, "Canon Digital Camera at usb:001:004"),
        Finding("access", True, "/dev/bus/usb/001/004 may be read and written (mode 0664)"),
        Finding(
            "udev rule",
            True,
            "/etc/udev/rules.d/70-chdkshell.rules gives access to Canon cameras",
        ),
        Finding("programs", True, "no program that takes cameras runs"),
        Finding("PTP", True, "Canon PowerShot X, serial A1B2 (usb:001:004)"),
        Finding("CHDK", True, "protocol 2.9 (usb:001:004)"),
        Finding("scripts", True, "it runs Lua scripts (usb:001:004)"),
        Finding("next", None, "each part of it can be tried (usb:001:004)", SELFTEST),
    ]
    assert isinstance(computer.connects_to, Camera)
    assert computer.connects_to.closed


def test_no_usb_at_all(tmp_path: Path) -> None:
    computer = Computer(tmp_path / "other")
    empty = SystemView(root=tmp_path / "empty", platform="linux", output_of=lambda command: "")
    findings = computer.findings(system=empty)
    assert findings.pop(0).check == "system"
    assert findings == [
        Finding("libusb", True, "1.0.26 of the system (libusb-1.0.so.0)"),
        Finding(
            "usb",
            False,
            "there is no USB on this computer: /sys/bus/usb is missing, and so is /dev/bus/usb",
            "sudo modprobe -a usbcore xhci_pci ehci_pci",
        ),
        Finding("udev rule", None, "udev does not run here, so no rule has an effect"),
        Finding("programs", True, "no program that takes cameras runs"),
        *(
            Finding(check, None, "not checked: there is no camera to ask")
            for check in ("PTP", "CHDK", "scripts")
        ),
    ]


def test_a_container_without_the_device_nodes(computer: Computer) -> None:
    (computer.root / "dev/bus/usb/001").rmdir()
    (computer.root / "dev/bus/usb").rmdir()
    computer.write(".dockerenv", "")
    found = only(computer.findings(), "usb")
    assert found.ok is False
    assert found.seen == (
        "the kernel has USB, but there are no device nodes: /dev/bus/usb is missing; "
        "this looks like a container, to which USB must be passed in"
    )
    assert found.mend == "docker run --device=/dev/bus/usb …"


def test_no_camera(computer: Computer) -> None:
    computer.plug_in(classes=("07", "ff"))  # a Canon printer
    computer.add_rule()
    findings = computer.findings()
    assert faults(findings) == ["camera"]
    assert only(findings, "camera").seen == "there is no camera on USB"
    assert computer.asked == []


def test_no_camera_on_usb_is_no_fault_while_another_is_connected(computer: Computer) -> None:
    computer.add_rule()
    computer.connected = (Camera(address="ip:192.168.1.20"),)
    findings = computer.findings()
    assert faults(findings) == []
    assert only(findings, "PTP").seen == "Canon PowerShot X, serial A1B2 (ip:192.168.1.20)"
    assert not computer.connected[0].closed


def test_a_camera_that_is_connected_is_not_connected_again(computer: Computer) -> None:
    computer.plug_in()
    computer.connected = (Camera(),)
    assert only(computer.findings(), "CHDK").ok
    assert computer.asked == []


def test_no_permission_and_no_rule(computer: Computer) -> None:
    computer.plug_in()
    computer.allowed = False
    computer.connects_to = PermissionDeniedError("no permission to open it", "the udev rule")
    findings = computer.findings()
    assert faults(findings) == ["access", "udev rule"]
    access = only(findings, "access")
    assert (
        access.seen == "/dev/bus/usb/001/004 may not be read and written by this user (mode 0664)"
    )
    assert access.mend == "as told for the udev rule, below"
    assert only(findings, "udev rule").mend == MEND_ACCESS
    assert only(findings, "PTP") == Finding(
        "PTP", None, "not asked: it cannot be opened (usb:001:004)"
    )
    assert computer.asked == []


def test_a_rule_that_nobody_needs_is_not_missed(computer: Computer) -> None:
    computer.plug_in()
    assert only(computer.findings(), "udev rule").ok is None


def test_a_node_that_is_missing(computer: Computer) -> None:
    computer.plug_in()
    (computer.root / NODE).unlink()
    found = only(computer.findings(), "access")
    assert (found.ok, found.seen) == (
        False,
        "/dev/bus/usb/001/004, the camera's node, is missing",
    )


@pytest.mark.parametrize(
    ("rule", "gives"),
    [
        ('SUBSYSTEM=="usb", ENV{ID_USB_INTERFACES}=="*:060101:*", TAG+="uaccess"', True),
        ('SUBSYSTEM=="usb", ATTRS{idVendor}=="04A9", \\\n  MODE="0666"', True),
        ('ATTR{idVendor}=="04a9", GROUP="users", MODE="0664"', True),
        ('ATTR{idVendor}=="04a9", GROUP="plugdev", MODE="0664"', False),
        ('ATTR{idVendor}=="04a9", ATTR{idProduct}=="32c8", MODE="0666"', True),
        ('ATTR{idVendor}=="04a9", ATTR{idProduct}=="1111", MODE="0666"', False),
        ('ATTR{idVendor}=="04a9", MODE="0660"', False),
        ('ATTR{idVendor}=="054c", MODE="0666"', False),
        ('ATTR{idVendor}!="04a9", MODE="0666"', False),
        ('ATTR{idVendor}=="04a9", TAG=="uaccess"', False),
        ('#ATTR{idVendor}=="04a9", MODE="0666"', False),
        ('ENV{ID_USB_INTERFACES}=="*:080650:*", TAG+="uaccess"', False),
    ],
)
def test_which_rules_give_access(computer: Computer, rule: str, gives: bool) -> None:
    computer.plug_in()
    computer.allowed = False
    computer.add_rule(rule, "usr/lib/udev/rules.d/60-cameras.rules")
    found = only(computer.findings(), "udev rule")
    assert found.ok is gives
    assert found.seen.endswith("60-cameras.rules gives access to Canon cameras") is gives


def test_a_rule_file_in_etc_hides_the_one_of_the_same_name(computer: Computer) -> None:
    computer.add_rule("", "etc/udev/rules.d/60-cameras.rules")
    computer.add_rule(RULE, "usr/lib/udev/rules.d/60-cameras.rules")
    assert only(computer.findings(), "udev rule").ok is False


def test_gvfs_runs_and_holds_nothing(computer: Computer) -> None:
    computer.plug_in()
    computer.run(7, "gvfs-gphoto2-vo", "/usr/libexec/gvfs-gphoto2-volume-monitor")
    found = only(computer.findings(), "programs")
    assert found.ok is None
    assert found.seen == (
        "gvfs-gphoto2-volume-monitor (pid 7) runs; it takes cameras, but holds none now"
    )
    assert found.mend == (
        "systemctl --user stop gvfs-gphoto2-volume-monitor && gio mount -s gphoto2"
    )


def test_programs_that_hold_the_camera(computer: Computer) -> None:
    computer.plug_in()
    computer.run(7, "gvfsd-gphoto2", "/usr/libexec/gvfsd-gphoto2", "/dev/bus/usb/001/004")
    computer.run(8, "VirtualBoxVM", opens="/dev/bus/usb/001/004")
    computer.run(9, "mouse", opens="/dev/bus/usb/001/003")
    computer.run(99, "chdkshell", opens="/dev/bus/usb/001/004")  # this process
    computer.connects_to = DeviceBusyError("in use by gvfsd-gphoto2 (pid 7)", "close it")
    findings = computer.findings()
    assert [f for f in findings if f.check == "programs"] == [
        Finding(
            "programs", False, "gvfsd-gphoto2 (pid 7) holds usb:001:004", "gio mount -s gphoto2"
        ),
        Finding("programs", False, "VirtualBoxVM (pid 8) holds usb:001:004", "kill 8"),
    ]
    assert faults(findings) == ["programs", "programs", "PTP"]


def test_a_camera_without_chdk(computer: Computer) -> None:
    computer.plug_in()
    computer.connects_to = Camera(version=None)
    findings = computer.findings()
    assert faults(findings) == ["CHDK"]
    found = only(findings, "CHDK")
    assert found.seen == "the camera does not run CHDK (usb:001:004)"
    assert "Firm Update" in found.mend
    assert computer.connects_to.closed


def test_a_camera_of_another_maker(computer: Computer) -> None:
    computer.plug_in()
    computer.connects_to = Camera(version=None)
    missing = ChdkProtocol(cast("Session", None), absence=Reason.OTHER_MAKER).no_chdk()
    computer.connects_to.protocol.no_chdk = lambda: missing
    found = only(computer.findings(), "CHDK")
    assert found.seen == "the camera does not run CHDK, which is for Canon's (usb:001:004)"
    assert found.mend.startswith("`help ptp` lists what any camera can do")


@pytest.mark.parametrize(("version", "ok"), [((2, 4), None), ((2, 9), True), ((3, 0), False)])
def test_versions_of_the_protocol(
    computer: Computer, version: tuple[int, int], ok: bool | None
) -> None:
    computer.plug_in()
    computer.connects_to = Camera(version)
    assert only(computer.findings(), "CHDK").ok is ok


def test_a_chdk_without_lua(computer: Computer) -> None:
    computer.plug_in()
    computer.connects_to = Camera(support=0)
    assert faults(computer.findings()) == ["scripts"]


@pytest.mark.parametrize("remote", [0, 1])
def test_a_camera_that_takes_the_cable_for_a_switch(computer: Computer, remote: int) -> None:
    computer.plug_in()
    computer.connects_to = Camera(remote=remote)
    findings = computer.findings()
    assert faults(findings) == []
    assert ("remote" in {found.check for found in findings}) == bool(remote)


def test_no_libusb(computer: Computer) -> None:
    def fail() -> LibusbInfo:
        raise ConnectError("libusb 1.0 cannot be loaded", reason=Reason.NO_LIBUSB)

    def no_list() -> list[Device]:
        raise ConnectError("libusb 1.0 cannot be loaded")

    found = computer.findings(libusb=fail, devices=no_list)
    assert only(found, "libusb") == Finding(
        "libusb",
        False,
        "libusb 1.0 cannot be loaded",
        "install it: `sudo apt install libusb-1.0-0`, or `pip install libusb-package`",
    )
    assert only(found, "camera").seen == "there is no camera on USB (libusb 1.0 cannot be loaded)"


def test_a_camera_that_only_libusb_sees(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    (computer.root / "sys/bus/usb/devices").rmdir()
    computer.write("dev/bus/usb/003/017", "")
    listed = Device("usb:003:017", "003", "017", 0x04A9, 0x32C8, "PowerShot")
    findings = computer.findings(devices=lambda: [listed])
    assert only(findings, "camera").seen == "PowerShot at usb:003:017"
    assert computer.asked == ["usb:003:017"]


def test_names_from_a_device_are_made_harmless(computer: Computer) -> None:
    computer.plug_in()
    computer.write("sys/bus/usb/devices/1-2/product", "Canon\x1b[2J")
    computer.run(8, "evil\x1b[2J", opens="/dev/bus/usb/001/004")
    assert "\x1b" not in "".join(f.seen for f in computer.findings())


def test_the_rule_to_write() -> None:
    assert udev_rule().path == "/etc/udev/rules.d/70-chdkshell.rules"
    assert udev_rule().text == RULE


def test_the_checks_of_this_computer_run() -> None:
    checks = [finding.check for finding in diagnose()]
    assert checks[:3] == ["system", "libusb", "usb"]
    assert {"udev rule", "programs", "PTP"} <= set(checks)


@pytest.mark.skipif(
    Path("/sys/bus/usb").exists() or Path("/dev/bus/usb").exists(), reason="there is USB here"
)
def test_a_computer_without_usb_says_exactly_that() -> None:
    findings = diagnose()
    assert faults(findings) == ["usb"]
    assert only(findings, "usb").seen.startswith(
        "there is no USB on this computer: /sys/bus/usb is missing, and so is /dev/bus/usb"
    )
