"""The driver of a camera as Windows' registry tells it: here a registry that is made up."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from chdkshell.reasons import Reason
from chdkshell.shell.doctor.windriver import WINUSB, check_driver, driver_names, understood
from chdkshell.transport.base import Device, DeviceState

MODEL = r"SYSTEM\CurrentControlSet\Enum\USB\VID_04A9&PID_32C8"


class Key:
    """A key of the registry."""

    def __init__(self, values: dict[str, str], **keys: Key) -> None:
        self.values, self.keys = values, keys

    def __enter__(self) -> Key:
        return self

    def __exit__(self, *error: object) -> None:
        pass


def registry(model: Key | None) -> ModuleType:
    """Return a winreg with that key for the model."""
    module = ModuleType("winreg")
    root = Key({})

    def open_key(parent: Key, name: str) -> Key:
        if parent is root and name == MODEL and model:
            return model
        if name not in parent.keys:
            raise FileNotFoundError(name)
        return parent.keys[name]

    def query(key: Key, name: str) -> tuple[str, int]:
        if name not in key.values:
            raise FileNotFoundError(name)
        return key.values[name], 1

    vars(module).update(
        HKEY_LOCAL_MACHINE=root,
        OpenKey=open_key,
        QueryInfoKey=lambda key: (len(key.keys), len(key.values), 0),
        EnumKey=lambda key, index: list(key.keys)[index],
        QueryValueEx=query,
    )
    return module


def told(monkeypatch: pytest.MonkeyPatch, model: Key | None) -> list[str]:
    """Return what is read there, as if this were Windows."""
    monkeypatch.setitem(sys.modules, "winreg", registry(model))
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "win32")
        return driver_names(0x04A9, 0x32C8)


def test_the_drivers_of_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Key({}, A=Key({"Service": "WINUSB"}), B=Key({}), C=Key({"Service": "WUDFWpdMtp"}))
    assert told(monkeypatch, model) == ["WINUSB", "WUDFWpdMtp"]
    assert told(monkeypatch, None) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there is a registry")
def test_elsewhere_none_is_told() -> None:
    assert driver_names(0x04A9, 0x32C8) == []


def camera(reason: Reason | None) -> Device:
    """Return a camera that was refused for that reason."""
    return Device("usb:001:004", "001", "004", problem="no" if reason else "", reason=reason)


@pytest.mark.parametrize(
    ("names", "reason", "ok"),
    [
        (["WinUSB", WINUSB], Reason.NO_DRIVER, True),
        (["WUDFWpdMtp"], Reason.NO_DRIVER, False),
        (["libusbK", "WinUSB"], Reason.NO_DRIVER, None),
        (["libusbK"], None, True),
    ],
)
def test_what_they_come_to(names: list[str], reason: Reason | None, ok: bool | None) -> None:
    found = check_driver(camera(reason), names)
    assert found
    assert found.ok is ok
    assert ("Zadig" in found.mend) is (ok is False)
    assert check_driver(camera(reason), []) is None


def test_what_has_the_right_driver_is_in_use() -> None:
    asked = camera(Reason.NO_DRIVER)
    assert understood(asked, ["WINUSB"]).state is DeviceState.IN_USE
    for other in ([], ["WUDFWpdMtp"], ["WINUSB", "WUDFWpdMtp"]):
        assert understood(asked, other) == asked
    gone = camera(Reason.CAMERA_GONE)
    assert understood(gone, ["WINUSB"]) == gone
