"""USB on Linux, macOS and Windows: what is told, and what is done and left alone there."""

from __future__ import annotations

import os
import threading
from array import array
from types import SimpleNamespace

import pytest
from support.emulated_usb.fixtures import ClientError, UsbBus
from support.shell_process import PROJECT
from support.usb_refusals import MAC_PROGRAMS, table

from chdkshell.errors import Cancelled, DeviceBusyError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.container import HEADER_SIZE
from chdkshell.transport import usb, usb_devices, usb_system
from chdkshell.transport.usb_pipes import InPipe, TransferTimeout

RECORDED = PROJECT / "tests" / "data" / "usb_refusals.txt"
"""CHDKSHELL_WRITE_REFUSALS=1 writes it: read each line as a user then."""


def test_what_users_read_where_usb_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usb_system, "command_output", lambda command: MAC_PROGRAMS)
    lines = list(table())
    if os.environ.get("CHDKSHELL_WRITE_REFUSALS") == "1":
        RECORDED.write_text("\n".join(lines) + "\n", "utf-8")
    assert lines == RECORDED.read_text("utf-8").splitlines()
    for line in lines:
        assert "administrator" not in line
    windows = lines[lines.index("==== win32: a camera that cannot be opened") :]
    assert [line for line in windows if "gvfs" in line or "systemctl" in line] == []


# ---- which libusb -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "loadable", "found"),
    [
        ("linux", ("libusb-1.0.so.0", "package"), "libusb-1.0.so.0"),
        ("linux", ("package",), "package"),
        ("darwin", ("/opt/homebrew/lib/libusb-1.0.dylib", "package"), "/opt/homebrew/lib/libusb-1"),
        ("darwin", ("package",), "package"),
        ("win32", ("libusb-1.0.dll", "package"), "package"),
        ("win32", ("libusb-1.0.dll",), "libusb-1.0.dll"),
    ],
)
def test_the_libusb_that_goes_first(
    monkeypatch: pytest.MonkeyPatch, platform: str, loadable: tuple[str, ...], found: str
) -> None:
    monkeypatch.delenv(usb_devices.LIBRARY_VARIABLE, raising=False)
    monkeypatch.setattr(usb_system, "SYSTEM", usb_system.usb_system(platform))
    monkeypatch.setattr(usb_devices, "_loads", lambda name: name in loadable)
    monkeypatch.setattr(
        usb_devices, "_package_library", lambda: "package" if "package" in loadable else None
    )
    assert usb_devices.find_libusb().startswith(found)


# ---- macOS: ptpcamerad --------------------------------------------------------------------------


def test_ptpcamerad_has_the_camera(usb_bus: UsbBus) -> None:
    node, _ = usb_bus.plug(4, kernel_driver="ptpcamerad")
    client = usb_bus.client()
    client.be(platform="darwin", programs=MAC_PROGRAMS, claim_seconds=0)
    row = client.list_devices()[0]
    assert row["state"] == "in use"
    assert row["holder"] == "ptpcamerad (pid 412) or Photos (pid 700)"
    assert row["problem"] == (
        "the camera at usb:001:004 is in use by another program, most likely "
        "ptpcamerad (pid 412) or Photos (pid 700)"
    )
    assert "killall ptpcamerad" in row["hint"]
    with pytest.raises(ClientError, match=r"DeviceBusyError: .* most likely ptpcamerad"):
        client.connect()
    assert node.attached == [], "the driver was told to go"
    client.end()


@pytest.mark.parametrize("rest", ["", "serial=SIM0001"])
def test_connecting_goes_on_until_ptpcamerad_has_gone(usb_bus: UsbBus, rest: str) -> None:
    node, _ = usb_bus.plug(4, kernel_driver="ptpcamerad")
    client = usb_bus.client()
    client.be(platform="darwin", claim_seconds=60)
    ended = threading.Timer(0.5, setattr, (node, "kernel_driver", None))
    ended.start()
    assert client.connect(rest=rest) == "usb:001:004"
    assert client.ask() == [0x2001, [7, 8]]
    assert node.attached == []
    client.end()


def test_waiting_for_another_program_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []
    token = CancelToken()

    def busy(*arguments: object) -> object:
        tries.append(arguments)
        if len(tries) == 3:
            token.set()
        raise DeviceBusyError("in use")

    monkeypatch.setattr(usb_system, "SYSTEM", usb_system.DARWIN)
    monkeypatch.setattr(usb, "open_backend", lambda: None)
    monkeypatch.setattr(usb, "find_cameras", lambda backend, vendor: [])
    monkeypatch.setattr(usb, "choose", busy)
    with pytest.raises(Cancelled):
        usb.open_transport("", token)
    assert len(tries) == 3


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_elsewhere_a_camera_in_use_is_tried_again_for_a_moment(
    monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    tries, now = [], iter(range(100))

    def busy(*arguments: object) -> object:
        tries.append(arguments)
        raise DeviceBusyError("in use")

    monkeypatch.setattr(usb, "time", SimpleNamespace(monotonic=lambda: next(now) * 0.4))
    monkeypatch.setattr(usb, "CLAIM_STEP", 0)
    monkeypatch.setattr(usb_system, "SYSTEM", usb_system.usb_system(platform))
    monkeypatch.setattr(usb, "open_backend", lambda: None)
    monkeypatch.setattr(usb, "find_cameras", lambda backend, vendor: [])
    monkeypatch.setattr(usb, "choose", busy)
    with pytest.raises(DeviceBusyError):
        usb.open_transport("")
    assert len(tries) == 3


# ---- resets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_no_port_is_reset_where_that_does_not_help(usb_bus: UsbBus, platform: str) -> None:
    _, camera = usb_bus.plug()
    client = usb_bus.client()
    client.be(platform=platform)
    client.connect()
    camera.refused_class_requests = {0x66}  # DEVICE_RESET_REQUEST
    with pytest.raises(ClientError) as caught:
        client.reset()
    assert caught.value.message == "the camera does not recover"
    assert caught.value.hint.startswith("unplug the camera")
    assert camera.sessions_ended == 0, "the port was reset"
    client.end()


# ---- reads --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("platform", "least"), [("linux", 1), ("darwin", 1000), ("win32", 1)])
def test_how_short_a_read_may_be(
    monkeypatch: pytest.MonkeyPatch, platform: str, least: int
) -> None:
    monkeypatch.setattr(usb_system, "SYSTEM", usb_system.usb_system(platform))
    allowed: list[int] = []

    def read(buffer: array[int], milliseconds: int) -> int:
        allowed.append(milliseconds)
        return HEADER_SIZE

    pipe = InPipe(SimpleNamespace(in_packet_size=512, read=read))  # type: ignore[arg-type]
    assert pipe.has_data()
    pipe.discard()
    pipe.read(HEADER_SIZE, TransferTimeout(NEVER, 0.02))
    pipe.discard()
    pipe.read(HEADER_SIZE, TransferTimeout(NEVER, 30))
    assert allowed[0] == least
    assert all(milliseconds >= least for milliseconds in allowed)
    assert max(allowed) == max(250, least)
