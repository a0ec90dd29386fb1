"""What `doctor` says on Linux, macOS and Windows, case by case: a table to be read as a user."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import chdkshell
from chdkshell.errors import ChdkShellError
from chdkshell.shell.doctor import Doctor, Finding, LibusbInfo, SystemView
from chdkshell.shell.results.doctor import Check
from chdkshell.transport.base import Device
from chdkshell.transport.usb_devices import with_problem
from chdkshell.transport.usb_errors import connect_error
from chdkshell.transport.usb_system import usb_system
from support.computer import RULE, Camera, Computer
from support.usb_refusals import CODES, MAC_PROGRAMS, raised

TASKLIST = (
    '"System Idle Process","0","Services","0","8 K"\r\n'
    '"explorer.exe","4420","Console","1","162.032 K"\r\n'
    '"chdkptp.exe","5120","Console","1","22.140 K"\r\n'
)

OTHERS = '"explorer.exe","4420"\n4420 launchd\n'
"""What tasklist and ps print where nothing runs that takes cameras."""

SYSTEMS = {
    "darwin": ("macOS 15.1", "Python 3.13.5 (arm64)", MAC_PROGRAMS),
    "win32": ("Windows 11", "Python 3.13.5 (AMD64)", TASKLIST),
}

DRIVERS = (("WinUSB",), ("WUDFWpdMtp", "WUDFWpdMtp"), ("WUDFWpdMtp", "WINUSB"), ("libusbK",))
"""What Windows' registry tells of a model, for each port that it hung on."""

OLD_RULE = RULE.replace('GROUP="plugdev", ', "")

FREE = Device("usb:001:004", "001", "004", 0x04A9, 0x32C8, "Canon PowerShot X")


def refused(platform: str, name: str) -> Device:
    """Return the camera as it is listed where libusb gives that error."""
    place = SimpleNamespace(bus=1, address=4, port_numbers=(2,))
    return with_problem(FREE, connect_error(raised(name), place, usb_system(platform)))


def findings(
    platform: str, devices: Sequence[Device], output: str, drivers: Sequence[str] = ()
) -> list[Finding]:
    """Return what the doctor finds on macOS or Windows where that is listed."""
    release, python, _ = SYSTEMS[platform]
    system = SystemView(
        root=Path("/nowhere"),
        platform=platform,
        own=(1,),
        output_of=lambda command: output,
        user="sam",
        drivers=lambda vendor, product: list(drivers),
        release=release,
        python=python,
    )
    doctor = Doctor(
        system,
        libusb=lambda: LibusbInfo("libusb-1.0", "1.0.30", "libusb-package"),
        devices=lambda: list(devices),
        connect=lambda address: cast(chdkshell.Camera, Camera()),
    )
    return list(doctor.findings())


def elsewhere() -> Iterator[tuple[str, list[Finding]]]:
    """Yield the cases of macOS and Windows, each with its title."""
    for platform, (_, _, output) in SYSTEMS.items():
        yield f"{platform}: all is well", findings(platform, [FREE], OTHERS)
        yield f"{platform}: no camera", findings(platform, [], output)
        yield f"{platform}: it does not tell what runs", findings(platform, [FREE], "")
        for name in CODES:
            yield f"{platform}: {name}", findings(platform, [refused(platform, name)], output)
    busy = [refused("win32", "BUSY")]
    yield "win32: BUSY, by nobody known", findings("win32", busy, OTHERS)
    for drivers in DRIVERS:
        told = " and ".join(drivers)
        free = findings("win32", [FREE], OTHERS, drivers)
        yield f"win32: the driver {told}", free
        denied = findings("win32", [refused("win32", "ACCESS")], OTHERS, drivers)
        yield f"win32: ACCESS, with the driver {told}", denied


Change = Callable[[Computer], None]


def _rule(text: str, **changes: object) -> Change:
    def change(computer: Computer) -> None:
        computer.add_rule(text)
        for name, value in changes.items():
            setattr(computer, name, value)

    return change


SSH = {"SSH_CONNECTION": "192.168.1.5 50000 192.168.1.9 22"}
SEATED = {
    "loginctl show-seat": "Id=seat0\nActiveSession=2\n",
    "loginctl show-session": "Name=pi\n",
}
ANOTHER = SEATED | {"loginctl show-session": "Name=sam\n"}
NOBODY = {"loginctl show-seat": "Id=seat0\nActiveSession=\n"}

LINUX: dict[str, Change] = {
    "no rule, at the computer": _rule("", outputs=SEATED),
    "no rule, over ssh, in the group": _rule("", environ=SSH, groups=frozenset({"plugdev"})),
    "no rule, over ssh, not in the group": _rule("", environ=SSH),
    "a rule for the seat alone, over ssh": _rule(OLD_RULE, environ=SSH),
    "a rule for the seat alone, nobody at the computer": _rule(OLD_RULE, outputs=NOBODY),
    "a rule for the seat alone, another user at the computer": _rule(OLD_RULE, outputs=ANOTHER),
    "the rule, at the computer": _rule(RULE, outputs=SEATED),
    "the rule, over ssh, in the group": _rule(RULE, environ=SSH, groups=frozenset({"plugdev"})),
    "the rule, over ssh, not in the group": _rule(RULE, environ=SSH),
    "the rule, over ssh, put into the group meanwhile": _rule(RULE, environ=SSH, user="anna"),
}
"""Computers on which the camera's node may not be opened."""


def linux(folder: Path) -> Iterator[tuple[str, list[Finding]]]:
    """Yield the cases of Linux, on computers built below `folder`."""
    for number, (title, change) in enumerate(LINUX.items()):
        computer = Computer(folder / str(number))
        computer.plug_in()
        computer.user, computer.allowed = "pi", False
        computer.write("etc/group", "root:x:0:\nplugdev:x:46:anna,bob\n")
        change(computer)
        yield f"linux: no access, {title}", refused_findings(computer, "ACCESS")
    computer = Computer(folder / "nogroup")
    computer.plug_in()
    computer.user, computer.allowed, computer.environ = "pi", False, SSH
    yield "linux: no access, over ssh, no group plugdev", refused_findings(computer, "ACCESS")
    for name in CODES:
        computer = Computer(folder / name)
        computer.plug_in()
        computer.add_rule()
        yield f"linux: {name}", refused_findings(computer, name)


def refused_findings(computer: Computer, name: str) -> list[Finding]:
    """Return what is found where the camera is refused with that error, `list` and `connect`."""
    error = connect_error(raised(name), SimpleNamespace(bus=1, address=4), usb_system("linux"))
    assert isinstance(error, ChdkShellError)
    computer.connects_to = error
    return computer.findings(devices=lambda: [refused("linux", name)])


def table(folder: Path) -> Iterator[str]:
    """Yield the lines of the table."""
    for title, found in (*linux(folder), *elsewhere()):
        yield f"==== {title}"
        for finding in found:
            yield from Check(*dataclasses.astuple(finding)).text().splitlines()
