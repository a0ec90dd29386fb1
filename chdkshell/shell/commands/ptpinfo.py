"""What a camera says about itself by standard PTP, and its device properties."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import Cancelled, UsageError
from chdkshell.shell.arguments import Integer, Named, PtpCodeType, PtpValueType
from chdkshell.shell.card.confirming import DoIt
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from chdkshell.ptp.names import CodeKind
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.ptp import PtpFields, PtpTable
    from chdkshell.standard.device import ListedProperty, PtpDevice


@command("ptp info", topic="ptp", needs=Needs.CAMERA)
def ptp_info(context: Context) -> PtpFields:
    """What the camera says about itself: its DeviceInfo.

    Example: ptp info
    """
    from chdkshell.shell.results.ptp import PtpFields

    info = context.camera.session.get_device_info(context.cancel)
    known = {
        "manufacturer": info.manufacturer,
        "model": info.model,
        "device version": info.device_version,
        "serial number": info.serial_number,
        "PTP version": f"{info.standard_version / 100:.2f}",
        "vendor extension": f"0x{info.vendor_extension_id:08X}",
        "extension version": f"{info.vendor_extension_version / 100:.2f}",
        "extension": info.vendor_extension_description,
        "functional mode": f"0x{info.functional_mode:04X}",
    }
    counts = {
        "operations": len(info.operations_supported),
        "events": len(info.events_supported),
        "properties": len(info.device_properties_supported),
        "formats": len(info.image_formats),
    }
    fields = (*known.items(), *((name, str(count)) for name, count in counts.items()))
    return PtpFields(fields, {**{k.replace(" ", "_"): v for k, v in known.items()}, **counts})


@command("ptp ops", topic="ptp", needs=Needs.CAMERA)
def ptp_ops(context: Context) -> PtpTable:
    """List the operations that the camera knows.

    Example: ptp ops
    """
    from chdkshell.ptp.names import CodeKind

    codes = context.camera.info.operations_supported
    return _codes(context.camera.ptp, CodeKind.OPERATION, codes)


@command("ptp formats", topic="ptp", needs=Needs.CAMERA)
def ptp_formats(context: Context) -> PtpTable:
    """List the formats of objects that the camera knows.

    Example: ptp formats
    """
    from chdkshell.ptp.names import CodeKind

    return _codes(context.camera.ptp, CodeKind.FORMAT, context.camera.info.image_formats)


def _codes(device: PtpDevice, kind: CodeKind, codes: tuple[int, ...]) -> PtpTable:
    from chdkshell.shell.results.ptp import PtpTable

    named = [(code, device.names.find(kind, code) or "") for code in codes]
    return PtpTable(
        ("code", "name"),
        tuple((f"0x{code:04X}", name or "-") for code, name in named),
        tuple({"code": code, "name": name or None} for code, name in named),
    )


@command("ptp events", topic="ptp", needs=Needs.CAMERA)
def ptp_events(
    context: Context,
    *,
    seconds: Arg[int | None, Integer(1, 86400, "s"), "End after so many seconds."] = None,
    count: Arg[int | None, Integer(1), "End after so many events."] = None,
) -> None:
    """Show what the camera tells by itself, as it comes. Ctrl-C ends it.

    Example: ptp events -seconds=10
    """
    from chdkshell.ptp.names import CodeKind
    from chdkshell.shell.results.ptp import EventLine

    camera, began = context.camera, time.monotonic()
    seen = 0
    while count is None or seen < count:
        passed = time.monotonic() - began
        if seconds is not None and passed >= seconds:
            return
        event = camera.session.next_event(0.1)
        context.cancel.check()
        if event is not None:
            seen += 1
            name = camera.ptp.names.name(CodeKind.EVENT, event.code)
            line = EventLine(time.monotonic() - began, name, event.code, event.params)
            context.output.event("event", line)


@command("ptp storages", topic="ptp", needs=Needs.CAMERA)
def ptp_storages(context: Context) -> PtpTable:
    """List the camera's storages, such as its card: letter, size, what is free.

    Example: ptp storages
    """
    from rich.filesize import decimal

    from chdkshell.shell.results.ptp import PtpTable
    from chdkshell.standard.objecttree import DRIVES

    access = ("read and write", "read only", "read and delete")
    found = context.camera.ptp.storages(context.cancel)
    rows, objects = [], []
    for letter, storage in zip(DRIVES, found, strict=False):
        info = storage.info
        may = access[info.access] if info.access < len(access) else f"0x{info.access:04X}"
        sizes = (decimal(info.capacity), decimal(info.free_bytes))
        words = (info.description, info.label)
        rows.append((f"{letter}/", f"0x{storage.id:08X}", *sizes, may, *words))
        objects.append(
            {
                "drive": letter,
                "id": storage.id,
                "capacity": info.capacity,
                "free": info.free_bytes,
                "access": may,
                "description": info.description,
                "label": info.label,
            }
        )
    heads = ("drive", "id", "size", "free", "access", "description", "label")
    return PtpTable(heads, tuple(rows), tuple(objects))


@command("ptp props", topic="ptp", needs=Needs.CAMERA)
def ptp_props(
    context: Context,
    pattern: Arg[str | None, Named("pattern"), "Only names with this in them, in any case."] = None,
    *,
    all: Arg[bool, "Also those that the camera lists and does not describe."] = False,  # noqa: A002
) -> PtpTable:
    """List the camera's device properties with their values.

    Example: ptp props
    Example: ptp props battery
    """
    from chdkshell.shell.results.ptp import PtpTable

    rows, objects = [], []
    for prop in context.camera.ptp.properties(context.cancel):
        if (prop.desc is None and not all) or not _is_meant(prop, pattern):
            continue
        rows.append((f"0x{prop.code:04X}", prop.name, *_described(prop)))
        objects.append(_property_json(prop))
    heads = ("code", "name", "type", "access", "value", "allowed")
    return PtpTable(heads, tuple(rows), tuple(objects))


def _is_meant(prop: ListedProperty, pattern: str | None) -> bool:
    words = (prop.name.lower(), f"0x{prop.code:04x}")
    return pattern is None or any(pattern.lower() in word for word in words)


def _described(prop: ListedProperty) -> tuple[str, ...]:
    from chdkshell.ptp.values import shown

    if prop.desc is None:
        return ("-", "-", "-", prop.problem)
    desc = prop.desc
    access = "rw" if desc.writable else "r"
    return (desc.data_type.name, access, shown(desc.value, desc.data_type), desc.allowed)


def _property_json(prop: ListedProperty) -> dict[str, object]:
    known: dict[str, object] = {"code": prop.code, "name": prop.name}
    if prop.desc is None:
        return {**known, "problem": prop.problem}
    desc = prop.desc
    return {
        **known,
        "type": desc.data_type.name,
        "writable": desc.writable,
        "value": desc.value,
        "default": desc.default,
        "allowed": desc.allowed or None,
    }


@command("ptp prop", topic="ptp", needs=Needs.CAMERA)
def ptp_prop(
    context: Context,
    property: Arg[str, PtpCodeType("property"), "Its name or code."],  # noqa: A002
    value: Arg[
        str | None, PtpValueType("value"), "What to set it to; numbers of an array between commas."
    ] = None,
) -> PtpFields:
    """Show a device property, or set it.

    A value is read by the property's own type, and refused here where the camera does not allow it.
    Example: ptp prop BatteryLevel
    Example: ptp prop 0xD033 "Ann"
    """
    from chdkshell.ptp.names import CodeKind
    from chdkshell.ptp.values import shown
    from chdkshell.shell.results.ptp import PtpFields
    from chdkshell.standard.device import ListedProperty

    device = context.camera.ptp
    if value is not None:
        device.set_property(property, value, context.cancel)
    desc = device.property(property, context.cancel)
    name = device.names.name(CodeKind.PROPERTY, desc.code)
    fields = [
        ("property", f"{name} (0x{desc.code:04X})"),
        ("type", desc.data_type.name),
        ("access", "read and write" if desc.writable else "read only"),
        ("value", shown(desc.value, desc.data_type)),
        ("factory", shown(desc.default, desc.data_type)),
    ]
    if desc.allowed:
        fields.append(("allowed", desc.allowed))
    return PtpFields(tuple(fields), _property_json(ListedProperty(desc.code, name, desc)))


@command("ptp propreset", topic="ptp", needs=Needs.CAMERA)
def ptp_propreset(
    context: Context,
    property: Arg[str, PtpCodeType("property", ("all",)), "Its name or code, or `all`."],  # noqa: A002
    *,
    y: DoIt = False,
) -> None:
    """Give a device property its factory value.

    For `all` it asks at a terminal, and needs -y elsewhere.
    Example: ptp propreset 0xD045
    """
    from chdkshell.standard.device import ALL_PROPERTIES

    device = context.camera.ptp
    if property != "all":
        device.reset_property(property, context.cancel)
        return
    ask_first(context, "give all settings of the camera their factory values", y)
    device.reset_property(ALL_PROPERTIES, context.cancel)


def ask_first(context: Context, what: str, yes: bool) -> None:
    """Ask whether to do what cannot be undone. Raises `UsageError` where nobody can be asked."""
    if yes:
        return
    if context.ask is None or not context.renderer.takes_answers:
        raise UsageError(f"this would {what}", "give -y if that is meant")
    if context.ask(f"{what}? [y/N] ").strip().lower() not in ("y", "yes"):
        raise Cancelled("nothing was done")
