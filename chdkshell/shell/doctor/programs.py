"""Other programs that take cameras: those that run, and those that have one open."""

from __future__ import annotations

from collections.abc import Iterator

from chdkshell.shell.doctor.finding import Finding
from chdkshell.shell.doctor.system import RunningProgram, SystemView, UsbNode
from chdkshell.transport.base import Device, DeviceState
from chdkshell.transport.usb_system import CAMERA_DAEMONS, CAMERA_PROGRAMS

_STOP_GVFS = "systemctl --user stop gvfs-gphoto2-volume-monitor && gio mount -s gphoto2"

_GRABBERS = {
    "linux": {
        "gvfs-gphoto2-volume-monitor": _STOP_GVFS,
        "gvfsd-gphoto2": "gio mount -s gphoto2",
        "gphoto2": "",
        "darktable": "",
        "digikam": "",
    },
    "darwin": {name: f"quit {name}" for name in CAMERA_PROGRAMS}
    # launchd starts these again as soon as somebody asks for a camera
    | {n: f"killall {n}, while `connect` tries in another window" for n in CAMERA_DAEMONS},
    # Only programs that come with libusb can have a camera that has the WinUSB driver.
    "win32": dict.fromkeys(
        ("chdkptp.exe", "chdkshell.exe", "gphoto2.exe", "darktable.exe", "digikam.exe"), ""
    ),
}
"""Programs that take cameras, by system, and what makes them let go ("": end the program)."""


def check_programs(
    system: SystemView, nodes: list[UsbNode], devices: list[Device]
) -> Iterator[Finding]:
    """Yield what other programs have to do with the cameras in `nodes`.

    `devices` are those that libusb lists, which say whether they are in use.
    """
    programs = system.programs()
    if programs is None:
        yield Finding("programs", None, "not looked at: this system does not tell what runs")
        return
    if system.is_linux:
        findings = list(_linux(system, programs, nodes, devices))
    else:
        findings = list(_elsewhere(system, programs, devices))
    yield from findings or [Finding("programs", True, _NONE[system.is_linux])]


_NONE = {
    True: "no program that takes cameras runs",
    False: "none of the programs that are known to take cameras runs",
}


def _linux(
    system: SystemView, programs: list[RunningProgram], nodes: list[UsbNode], devices: list[Device]
) -> Iterator[Finding]:
    paths = {node.path: node for node in nodes}
    holding = [p for p in programs if p.open_nodes & paths.keys()]
    held = {paths[n].address for p in holding for n in p.open_nodes & paths.keys()}
    for program in holding:
        cameras = ", ".join(paths[n].address for n in sorted(program.open_nodes & paths.keys()))
        yield Finding("programs", False, f"{program.label} holds {cameras}", _mend(system, program))
    for device in _in_use(devices):
        if device.address not in held:
            node = next((n.path for n in nodes if n.address == device.address), "")
            seen = f"a program that only root can see holds {device.address}"
            yield Finding("programs", False, seen, f"sudo lsof {node}")
    for program in _known(system, programs):
        if program not in holding:
            seen = f"{program.label} runs; it takes cameras, but holds none now"
            yield Finding("programs", None, seen, _mend(system, program))


def _elsewhere(
    system: SystemView, programs: list[RunningProgram], devices: list[Device]
) -> Iterator[Finding]:
    """These systems do not tell who has a camera open."""
    in_use = _in_use(devices)
    known = _known(system, programs)
    for program in known:
        seen = f"{program.label} runs; it takes cameras"
        yield Finding("programs", False if in_use else None, seen, _mend(system, program))
    if in_use and not known:
        addresses = ", ".join(device.address for device in in_use)
        seen = f"another program has {addresses}; the system does not tell which"
        yield Finding("programs", False, seen, "close the programs that use cameras")


def _in_use(devices: list[Device]) -> list[Device]:
    return [device for device in devices if device.state is DeviceState.IN_USE]


def _known(system: SystemView, programs: list[RunningProgram]) -> list[RunningProgram]:
    names = _GRABBERS.get(system.platform, {})
    return [p for p in programs if p.name in names]


def _mend(system: SystemView, program: RunningProgram) -> str:
    known = _GRABBERS.get(system.platform, {}).get(program.name)
    if system.platform == "win32":  # only by force it ends what has a console and no window
        return known or f"close it; if it does not end: taskkill /f /pid {program.pid}"
    return known or f"kill {program.pid}"
