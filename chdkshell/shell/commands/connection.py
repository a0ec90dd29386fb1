"""Commands about the connection to a camera."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import NotConnectedError
from chdkshell.shell.arguments import (
    CameraPath,
    ConnectedSpec,
    DeviceSpec,
    HostSpec,
    Integer,
    LuaPattern,
    Named,
)
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from chdkshell.camera import Camera
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.connection import Connected, Versions
    from chdkshell.shell.results.devices import DeviceList

LIBRARIES = ("libusb-package", "lupa", "numpy", "pillow", "prompt_toolkit", "pyusb", "rich")
"""The libraries whose versions `version -l` tells, by the names of their packages."""


ONE = "it is about one camera; `rig connect` connects several"
"""Why what connects is not for several cameras at once."""

REBOOT_SECONDS = 20.0
"""How long a camera is looked for that has gone down to reboot: they take 2 to 6 seconds."""


@command("version", "ver", topic="connection", ignores_words=True, alone="")
def version(
    context: Context,
    *,
    p: Arg[bool, "Print the program's version too."] = False,
    l: Arg[bool, "Print the versions of libraries too."] = False,  # noqa: E741
) -> Versions:
    """Print the protocol versions of this program and of the camera.

    Example: version -p
    """
    import platform
    from importlib import metadata

    from chdkshell.chdk.constants import PROTOCOL_VERSION
    from chdkshell.shell.results.connection import Versions
    from chdkshell.version import __version__

    camera = context.connections.current
    connected = camera is not None and camera.is_connected
    libraries = [("Python", platform.python_version())]
    libraries += [(name, metadata.version(name)) for name in LIBRARIES] if l else []
    return Versions(
        PROTOCOL_VERSION,
        camera.chdk_version if camera and connected else None,
        f"chdkshell {__version__}" if p else None,
        tuple(libraries) if l else (),
        connected,
    )


NO_CAMERA = (
    "no camera: is one switched on and plugged in, with CHDK's USB remote (Enable Remote) off? "
    "`doctor` looks for the reason"
)
"""What `list` says where it finds none."""


@command("list", topic="connection")
def list_(
    context: Context,
    host: Arg[
        HostSpec | None, "Another computer that has chdkshell: ssh:[USER@]HOST[:PORT]."
    ] = None,
    *,
    all_: Arg[bool, "PTP cameras of other makers on USB here, too."] = False,
) -> DeviceList | None:
    """List the cameras that are there, or those on the USB of another computer.

    The mark in front says what each one is: * connected and used by commands, + connected,
    - not connected, ! it cannot be used, and why: in use by another program, or not permitted.
    `connect` takes the number, or a part of the name. Cameras that are not on USB are shown once
    they were connected, and those of another computer are connected by their addresses.
    Example: list
    Example: list -all
    Example: list ssh:pi@pi1
    """
    from chdkshell.shell.devicelist import list_far_rows, list_rows
    from chdkshell.shell.results.devices import DeviceList

    if host is None:
        rows = tuple(list_rows(context.connections, all_))
    else:
        rows = tuple(list_far_rows(context, host))
    if not rows:
        context.tell(NO_CAMERA)
    if not context.renderer.for_people:
        return DeviceList(rows)
    context.emit(DeviceList(rows))
    for row in rows:
        if row.hint:
            context.notice(f"{row.number}: {row.hint}")
    return None


@command(
    "connect", "c", topic="connection", needs=Needs.MAYBE_CAMERA, ignores_words=True, alone=ONE
)
def connect(
    context: Context,
    camera: Arg[
        DeviceSpec | None,
        "Number in `list`, part of model or serial, BUS:DEVICE, or an address: ip:HOST, ssh:HOST.",
    ] = None,
    *,
    b: Arg[LuaPattern | None, "USB bus."] = None,
    d: Arg[LuaPattern | None, "USB device."] = None,
    p: Arg[str | None, Named("pid|port"), "USB product id, or the port with -h."] = None,
    s: Arg[LuaPattern | None, "Serial number."] = None,
    h: Arg[str | None, Named("host"), "Connect to this host by PTP/IP."] = None,
    nodis: Arg[bool, "Keep the current connection open, too."] = False,
    nopat: Arg[bool, "Values are plain parts of the text, not Lua patterns."] = False,
) -> Connected | None:
    """Connect to a camera: the one on USB that matches.

    Bus, device, serial number and model are Lua patterns. Where several match, they are named and
    none is taken. A camera that is connected already, by an earlier connect and -nodis, becomes
    the current one. Cameras that are not on USB are found by number, model and serial number, too,
    once they were connected.
    Example: connect
    Example: connect 2
    Example: connect -s=A1B2C3
    Example: connect -h=192.168.1.20 -p=15740
    Example: connect sim:
    """
    from chdkshell.shell import devices
    from chdkshell.shell.leftscripts import settle_scripts
    from chdkshell.shell.matching import DeviceMatch

    connections = context.connections
    address = devices.address_of(camera, h, p)
    if not address and (b, d, p, s) == (None, None, None, None):
        address = devices.numbered_address(connections, camera)
    wanted = None if address else DeviceMatch(b, d, p, s, camera, plain=nopat)
    if not nodis:
        connections.close_current()
    if wanted:
        found = devices.open_match(connections, wanted, context.cancel, context.compat)
    else:
        with devices.asking(context, address):
            found = devices.open_address(connections, address, context.cancel)
    is_new = found not in connections.all()
    connections.use(found)
    if is_new:
        settle_scripts(context, found)
    if found.chdk_version is None:
        context.warn("CHDK extension not detected")
    return told_connected(context, found)


def told_connected(context: Context, camera: Camera) -> Connected | None:
    """Return what is told of a camera that commands work on from now on, if something is."""
    from chdkshell.shell.devices import link_address
    from chdkshell.shell.results.connection import Connected

    if context.prefs.number("cli_verbose") < 1:
        return None
    packet_size = camera.session.transport.max_packet_size
    return Connected(link_address(camera), camera.model, camera.serial, packet_size)


@command("use", topic="connection", needs=Needs.MAYBE_CAMERA, alone=ONE)
def use(
    context: Context,
    camera: Arg[ConnectedSpec, "Number in `list`, part of model or serial, or an address."],
) -> Connected | None:
    """Have commands work on another camera from now on; the one before stays connected.

    The same as `connect` with -nodis: one that is not connected yet is.
    The name of a camera in `rig list` goes, too.
    Example: use 2
    Example: use left
    Example: use A1B2C3
    """
    rig = context.connections.made_rig
    named = [member for member in rig.members if member.name == camera] if rig else []
    if not named:
        return connect(context, camera, nodis=True, nopat=True)
    context.connections.use(named[0].camera)
    return told_connected(context, context.camera)


@command("reconnect", "r", topic="connection", needs=Needs.MAYBE_CAMERA)
def reconnect(
    context: Context,
    *,
    wait: Arg[int, Integer(hint="ms"), "Look for the camera for this long."] = 10000,
) -> None:
    """Connect to the current camera again, after it slept, rebooted or was replugged.

    On USB it is found at any address by its serial number; one without is known only at its port.
    Another camera that answers in its place is refused.
    Example: reconnect -wait=20000
    """
    from chdkshell.shell.devices import bring_back

    camera = context.connections.current
    if camera is None:
        raise NotConnectedError
    bring_back(context, camera, wait / 1000)


@command("reboot", topic="connection", needs=Needs.CHDK)
def reboot(
    context: Context,
    file: Arg[
        CameraPath | None, "Firmware on the card to boot: a binary, or an encoded .FI2."
    ] = None,
    *,
    wait: Arg[int, Integer(hint="ms"), "Give the camera this long to go down."] = 3500,
    norecon: Arg[bool, "Do not connect to it again."] = False,
) -> None:
    """Reboot the camera and connect to it again.

    Without a file it boots as it does when switched on, with CHDK if the card says so.
    Example: reboot
    Example: reboot DISKBOOT.BIN -norecon
    """
    from chdkshell.shell.devices import bring_back

    camera = context.camera
    if norecon:
        camera.reboot(file, wait=0)
        context.connections.left = True
        return
    camera.reboot(file, wait / 1000, context.cancel)
    bring_back(context, camera, REBOOT_SECONDS)


@command("disconnect", "dis", topic="connection", alone="`rig drop` disconnects several")
def disconnect(context: Context) -> None:
    """Disconnect from the camera.

    Example: disconnect
    """
    context.connections.close_current()
