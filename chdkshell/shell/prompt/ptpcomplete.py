"""What can be written after the `ptp` and `eos` commands: codes, objects, storages, and values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chdkshell.errors import printable
from chdkshell.ptp.eos import EosOperation
from chdkshell.ptp.eosvalues import words_of
from chdkshell.ptp.names import CodeKind, Vocabulary, names_of
from chdkshell.ptp.properties import DevicePropDesc, Enumeration, Range
from chdkshell.ptp.values import Value, shown
from chdkshell.shell.arguments import (
    ArgumentType,
    EosSettingType,
    EosValueType,
    PtpCodeType,
    PtpObjectType,
    PtpStorageType,
    PtpValueType,
)
from chdkshell.standard.objecttree import DRIVES, with_drive

if TYPE_CHECKING:
    from chdkshell.shell.prompt.ptpview import PtpView
    from chdkshell.standard.device import PtpDevice

Offered = Iterator[tuple[str, str]]
"""What can be written, each with what is said of it."""


def offered(kind: ArgumentType | None, words: list[str], prefix: str, view: PtpView) -> Offered:
    """Return what can be written for an argument that begins with `prefix`.

    `words` are those that stand in the line, the name of the command left out.
    """
    device = view.device
    if device is None:
        return
    match kind:
        case PtpCodeType(hint=hint, words=others):
            yield from ((word, "") for word in others if word.startswith(prefix))
            yield from _codes(device, CodeKind(hint), prefix)
        case PtpValueType():
            yield from _values(words[0] if words else "", prefix, view)
        case EosSettingType() if device.supports(EosOperation.GET_EVENT):
            yield from _eos_settings(prefix)
        case EosValueType() if device.supports(EosOperation.GET_EVENT) and words:
            yield from _eos_values(words[0], prefix, view)
        case PtpObjectType():
            yield from _objects(prefix, view)
        case PtpStorageType():
            yield from _drives(prefix, view)
            for letter, storage in zip(DRIVES, view.storages(), strict=False):
                number = f"0x{storage.id:08X}"
                if prefix and number.lower().startswith(prefix.lower()):
                    yield number, f"{letter}/"


def _codes(device: PtpDevice, kind: CodeKind, prefix: str) -> Offered:
    """Return what the camera lists: names, or numbers where those are begun."""
    info = device.info
    listed = {
        CodeKind.OPERATION: info.operations_supported,
        CodeKind.PROPERTY: info.device_properties_supported,
        CodeKind.FORMAT: info.image_formats,
    }[kind]
    for code in listed:
        number, name = f"0x{code:04X}", device.names.name(kind, code)
        if name.lower().startswith(prefix.lower()):
            yield name, number if name != number else ""
        elif prefix and number.lower().startswith(prefix.lower()):
            yield number, name


def _values(name: str, prefix: str, view: PtpView) -> Offered:
    """Return what a device property may be set to; of a range both ends."""
    desc = view.description(name) if name else None
    if desc is None or not desc.writable:
        return
    for value in _allowed(desc):
        text = shown(value, desc.data_type)
        if text.startswith(prefix) and text.isprintable():
            yield text, "as it is" if value == desc.value else ""


def _allowed(desc: DevicePropDesc) -> tuple[Value, ...]:
    match desc.form:
        case Enumeration(values=values):
            return values
        case Range(minimum=minimum, maximum=maximum):
            return (minimum, maximum)
    return (desc.value,)


def _eos_settings(prefix: str) -> Offered:
    """Return names of settings: a camera tells its own only to a computer that controls it."""
    for (kind, code), name in names_of(Vocabulary.EOS).items():
        if kind is CodeKind.PROPERTY and name.lower().startswith(prefix.lower()):
            yield name, f"0x{code:04X}"


def _eos_values(name: str, prefix: str, view: PtpView) -> Offered:
    """Return what a setting may be, a sensitivity by its number."""
    setting = view.eos_setting(name)
    if setting is None:
        return
    for value in setting.values or (setting.value,):
        text = words_of(setting.code, setting.data_type, value).removeprefix("ISO ")
        if text.startswith(prefix) and text.isprintable():
            yield text, "as it is" if value == setting.value else ""


def _objects(prefix: str, view: PtpView) -> Offered:
    """Return files and folders whose paths begin with `prefix`, and storages."""
    folder, slash, name = prefix.rpartition("/")
    if not slash:
        yield from _drives(prefix, view)
    for node in view.children(with_drive(folder + slash)):
        if node.name.upper().startswith(name.upper()) and node.name.isprintable():
            meta = "folder" if node.is_dir else f"{node.size:,} bytes"
            yield folder + slash + node.name + ("/" if node.is_dir else ""), meta


def _drives(prefix: str, view: PtpView) -> Offered:
    for letter, storage in zip(DRIVES, view.storages(), strict=False):
        if f"{letter}/".startswith(prefix.upper()):
            yield f"{letter}/", printable(storage.info.label or storage.info.description)
