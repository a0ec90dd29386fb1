"""Finding, choosing and opening USB cameras, through the real libusb on an emulated bus."""

from __future__ import annotations

import errno
import gc

import pytest
from support.emulated_usb.fixtures import ClientError, UsbBus

from chdkshell.errors import UsageError
from chdkshell.ptp.codes import CANON_VENDOR_ID
from chdkshell.transport.usb_choice import UsbChoice
from chdkshell.transport.usb_devices import outlives

LIBRARIES = ["system", "package"]


@pytest.mark.parametrize("libusb", LIBRARIES)
def test_cameras_come_and_go(usb_bus: UsbBus, libusb: str) -> None:
    client = usb_bus.client(libusb)
    assert client.list_devices() == []
    with pytest.raises(ClientError, match="NoDeviceError: there is no camera on USB"):
        client.connect()

    first, _ = usb_bus.plug(4, model="Canon PowerShot A", serial="AAA1")
    assert client.list_devices() == [
        {
            "address": "usb:001:004",
            "bus": "001",
            "device": "004",
            "vendor_id": 0x04A9,
            "product_id": 0x32C8,
            "model": "Canon PowerShot A",
            "serial": "AAA1",
            "state": "free",
            "holder": "",
            "problem": "",
            "reason": None,
            "hint": "",
            "place": "USB port 1-4",
        }
    ]
    assert client.connect() == "usb:001:004"
    assert client.ask() == [0x2001, [7, 8]]
    client.close()

    usb_bus.plug(11, bus=2, model="Canon PowerShot B", serial="BBB2", product_id=0x32FF)
    rows = client.list_devices()
    assert [(row["address"], row["product_id"], row["serial"]) for row in rows] == [
        ("usb:001:004", 0x32C8, "AAA1"),
        ("usb:002:011", 0x32FF, "BBB2"),
    ]

    usb_bus.bus.unplug(first)
    assert [row["address"] for row in client.list_devices()] == ["usb:002:011"]
    usb_bus.plug(5, model="Canon PowerShot A", serial="AAA1")
    assert client.connect(rest="serial=AAA1") == "usb:001:005"
    assert client.ask() == [0x2001, [7, 8]]
    client.end()


@pytest.mark.parametrize("libusb", LIBRARIES)
def test_choosing_one_of_two(usb_bus: UsbBus, libusb: str) -> None:
    usb_bus.plug(4, model="Canon PowerShot A", serial="AAA1")
    usb_bus.plug(5, model="Canon IXUS B", serial="BBB2", product_id=0x32FF)
    client = usb_bus.client(libusb)
    for rest, address in {
        "001:004": "usb:001:004",
        "1:5": "usb:001:005",
        "serial=AAA1": "usb:001:004",
        "serial=bb": "usb:001:005",
        "pid=0x32ff": "usb:001:005",
        "product=13000": "usb:001:004",
        "model=ixus": "usb:001:005",
        "model=canon,serial=AAA": "usb:001:004",
        "bus=1,dev=5": "usb:001:005",
        "vid=any,pid=0x32c8": "usb:001:004",
    }.items():
        assert client.connect(rest=rest) == address
        client.close()

    for rest in ("", "model=canon"):
        with pytest.raises(ClientError) as caught:
            client.connect(rest=rest)
        assert caught.value.kind == "AmbiguousDeviceError"
        assert "usb:001:004 (Canon PowerShot A, serial AAA1)" in caught.value.message
        assert "usb:001:005 (Canon IXUS B, serial BBB2)" in caught.value.message
    for rest in ("001:009", "serial=CCC", "pid=1", "vid=0x1234", "model=ixus,serial=AAA"):
        with pytest.raises(ClientError, match=f"NoDeviceError: .*'{rest}'"):
            client.connect(rest=rest)
    client.end()


@pytest.mark.parametrize("libusb", LIBRARIES)
def test_no_permission(usb_bus: UsbBus, libusb: str) -> None:
    usb_bus.plug(4, open_errno=errno.EACCES)
    usb_bus.plug(5, serial="BBB2")
    client = usb_bus.client(libusb)
    denied, fine = client.list_devices()
    assert (denied["state"], fine["state"]) == ("not permitted", "free")
    assert 'ATTR{idVendor}=="04a9"' in denied["hint"]
    assert denied["problem"] == "no permission to open the camera at usb:001:004"
    assert (denied["model"], denied["serial"]) == (None, None)
    assert (fine["problem"], fine["serial"]) == ("", "BBB2")
    assert client.connect(rest="serial=BBB2") == "usb:001:005"
    client.close()
    for rest in ("001:004", "serial=AAA1"):
        with pytest.raises(ClientError) as caught:
            client.connect(rest=rest)
        assert caught.value.kind == "PermissionDeniedError"
        assert 'ATTR{idVendor}=="04a9"' in caught.value.hint
    client.end()


@pytest.mark.parametrize("libusb", LIBRARIES)
def test_claimed_by_another_program(usb_bus: UsbBus, libusb: str) -> None:
    usb_bus.plug(4)
    holder, client = usb_bus.client(), usb_bus.client(libusb)
    holder.connect()
    row = client.list_devices()[0]
    assert row["state"] == "in use"
    assert row["holder"].endswith(f"(pid {holder.pid})")
    own = holder.list_devices()[0]
    assert (own["state"], own["problem"]) == ("connected", "")
    for message in (row["problem"], _refusal(client)):
        assert message.startswith("the camera at usb:001:004 is in use by python")
        assert f"(pid {holder.pid})" in message
    assert client.list_devices()[0]["serial"] == "SIM0001"
    holder.close()
    assert client.list_devices()[0]["problem"] == ""
    client.connect()
    assert client.ask() == [0x2001, [7, 8]]
    client.end()


def test_who_is_looked_for_by_name_leaves_the_others_to_their_programs(usb_bus: UsbBus) -> None:
    other, _ = usb_bus.plug(4)
    meant, _ = usb_bus.plug(5, serial="BBB2")
    client = usb_bus.client()
    assert client.connect(rest="serial=BBB2") == "usb:001:005"
    assert (other.claims, meant.claims) == (0, 1)
    client.end()


def test_one_in_use_may_be_the_one_that_is_meant(usb_bus: UsbBus) -> None:
    usb_bus.plug(4)
    usb_bus.plug(5, serial="BBB2")
    holder, client = usb_bus.client(), usb_bus.client()
    holder.connect(rest="001:004")
    assert client.connect(rest="serial=BBB2") == "usb:001:005"
    client.close()
    with pytest.raises(ClientError) as caught:
        client.connect(rest="serial=CCC3")
    assert caught.value.kind == "DeviceBusyError"
    assert caught.value.message.startswith(
        "no camera with that name; one could not be asked: the camera at usb:001:004 is in use by "
    )
    holder.close()
    client.end()


def _refusal(client: object) -> str:
    with pytest.raises(ClientError) as caught:
        client.connect()  # type: ignore[attr-defined]
    assert caught.value.kind == "DeviceBusyError"
    assert "gvfs" in caught.value.hint
    return caught.value.message


@pytest.mark.parametrize("libusb", LIBRARIES)
def test_kernel_driver_gives_way_and_returns(usb_bus: UsbBus, libusb: str) -> None:
    node, _ = usb_bus.plug(4, kernel_driver="usb-storage")
    client = usb_bus.client(libusb)
    assert client.list_devices()[0]["problem"] == ""
    assert node.attached == []
    client.connect()
    assert node.attached == ["detach"]
    assert client.ask() == [0x2001, [7, 8]]
    client.close()
    assert node.attached == ["detach", "attach"]
    client.end()


@pytest.mark.parametrize("libusb", LIBRARIES)
def test_configuration_is_set_only_where_none_is(usb_bus: UsbBus, libusb: str) -> None:
    node, camera = usb_bus.plug(4)
    client = usb_bus.client(libusb)
    client.connect()
    client.close()
    assert camera.sessions_ended == 0
    usb_bus.bus.unplug(node)
    node, camera = usb_bus.plug(5, configured=False)
    client.connect()
    assert node.configuration_file.read_text() == "1\n"
    assert client.ask() == [0x2001, [7, 8]]
    client.end()


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("07058102 0002 00", "07058102 0000 00"),
        ("07050202 0002 00", "07050202 0300 00"),
        ("07050202 0002 00", "07050203 0002 00"),
    ],
)
def test_endpoints_that_make_no_sense(usb_bus: UsbBus, right: str, wrong: str) -> None:
    def change(descriptor: bytes) -> bytes:
        assert bytes.fromhex(right) in descriptor
        return descriptor.replace(bytes.fromhex(right), bytes.fromhex(wrong))

    usb_bus.plug(4, change_descriptor=change)
    client = usb_bus.client()
    with pytest.raises(ClientError, match=r"ConnectError: .* lacks the two bulk endpoints"):
        client.connect()
    client.end()


def test_unknown_library(usb_bus: UsbBus) -> None:
    client = usb_bus.client("/nowhere/libusb.so")
    with pytest.raises(ClientError, match=r"ConnectError: .*/nowhere/libusb\.so") as caught:
        client.connect()
    assert "pip install libusb-package" in caught.value.hint
    client.end()


@pytest.mark.parametrize(
    ("rest", "choice"),
    [
        ("", UsbChoice()),
        ("001:004", UsbChoice(bus=1, address=4)),
        ("1:123,serial=X", UsbChoice(bus=1, address=123, serial="X")),
        ("pid=0x32c8", UsbChoice(product=0x32C8)),
        ("vendor=1193,product=10", UsbChoice(vendor=CANON_VENDOR_ID, product=10)),
        ("vid=any", UsbChoice(vendor=None)),
        ("bus=002,dev=07", UsbChoice(bus=2, address=7)),
        ("model=A b,serial=c", UsbChoice(model="A b", serial="c")),
    ],
)
def test_address(rest: str, choice: UsbChoice) -> None:
    assert UsbChoice.parse(rest) == choice


@pytest.mark.parametrize(
    ("rest", "complaint"),
    [
        ("pid=camera", "pid=camera in the address is not a number"),
        ("colour=red", "'colour' is not an option"),
        ("001", "'001'"),
        ("001:0044", "'001:0044'"),
        ("001:004x", "'001:004x'"),
    ],
)
def test_address_that_makes_no_sense(rest: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        UsbChoice.parse(rest)


@pytest.mark.parametrize("names", [("context", "device"), ("device", "context")])
def test_a_context_ends_after_its_devices_in_a_cycle_too(names: tuple[str, str]) -> None:
    """pyusb finalizes both with `__del__`; libusb crashes where the context goes first."""
    given_back: list[str] = []

    class Finalized:
        def __init__(self, name: str) -> None:
            self.name = name

        def __del__(self) -> None:
            given_back.append(self.name)

    cycle: list[object] = [Finalized(name) for name in names]
    outlives(cycle[names.index("context")], cycle[names.index("device")])
    cycle.append(cycle)
    del cycle
    gc.collect()
    assert given_back == ["device", "context"]
