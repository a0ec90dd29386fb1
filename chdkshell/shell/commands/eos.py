"""EOS cameras that this computer controls: modes, settings, events."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.shell.arguments import EosSettingType, EosValueType, Integer, Named
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from chdkshell.ptp.eos import EosRecord
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.eos import EosEventLine
    from chdkshell.shell.results.ptp import PtpFields, PtpTable
    from chdkshell.standard.eos import EosSetting

POLL_SECONDS = 0.1
"""How often the camera is asked for events."""


@command("eos on", topic="eos", needs=Needs.CAMERA)
def eos_on(context: Context) -> None:
    """Let this computer control the camera, until `eos off` or the end of the connection.

    The other commands of this group do so by themselves, each for as long as it runs.
    Example: eos on
    """
    context.camera.eos.on(context.cancel)


@command("eos off", topic="eos", needs=Needs.CAMERA)
def eos_off(context: Context) -> None:
    """Give the camera back to its user: its buttons work, and it tells no more events.

    Example: eos off
    """
    eos = context.camera.eos
    eos.require()
    eos.off()


@command("eos props", topic="eos", needs=Needs.CAMERA)
def eos_props(
    context: Context,
    pattern: Arg[str | None, Named("pattern"), "Only names with this in them, in any case."] = None,
) -> PtpTable:
    """List the camera's settings with their values.

    Apertures, times in seconds and sensitivities are in words, other numbers are the camera's.
    Example: eos props
    Example: eos props balance
    """
    from chdkshell.shell.results.ptp import PtpTable

    rows, objects = [], []
    for setting in context.camera.eos.settings(context.cancel):
        words = (setting.name.lower(), f"0x{setting.code:04x}")
        if pattern is None or any(pattern.lower() in word for word in words):
            rows.append(_row(setting))
            objects.append(_json(setting))
    heads = ("code", "name", "type", "value", "allowed")
    return PtpTable(heads, tuple(rows), tuple(objects))


@command("eos prop", topic="eos", needs=Needs.CAMERA)
def eos_prop(
    context: Context,
    property: Arg[str, EosSettingType("property"), "Its name or code."],  # noqa: A002
    value: Arg[
        str | None, EosValueType("value"), "What to set it to; numbers of an array between commas."
    ] = None,
) -> PtpFields:
    """Show a setting of the camera, or set it.

    A value is refused here where the camera lists those that it may have. An aperture is f/5.6 or
    5.6, a time 1/125 or 30, a sensitivity 400; 0x58 is the camera's own number for one.
    Example: eos prop ISO
    Example: eos prop ISO 400
    Example: eos prop ShutterSpeed 1/125
    Example: eos prop Owner "Ann"
    """
    from chdkshell.shell.results.ptp import PtpFields

    eos = context.camera.eos
    if value is None:
        setting = eos.setting(property, context.cancel)
    else:
        setting = eos.set(property, value, context.cancel)
    fields = [
        ("property", f"{setting.name} (0x{setting.code:04X})"),
        ("type", setting.data_type.name),
        ("value", setting.words),
    ]
    if setting.allowed:
        fields.append(("allowed", setting.allowed))
    return PtpFields(tuple(fields), _json(setting))


def _row(setting: EosSetting) -> tuple[str, ...]:
    code = f"0x{setting.code:04X}"
    return code, setting.name, setting.data_type.name, setting.words, setting.allowed


def _json(setting: EosSetting) -> dict[str, object]:
    return {
        "code": setting.code,
        "name": setting.name,
        "type": setting.data_type.name,
        "value": setting.value,
        "words": setting.words,
        "allowed": setting.allowed or None,
    }


@command("eos events", topic="eos", needs=Needs.CAMERA)
def eos_events(
    context: Context,
    *,
    seconds: Arg[int | None, Integer(1, 86400, "s"), "End after so many seconds."] = None,
    count: Arg[int | None, Integer(1), "End after so many events."] = None,
) -> None:
    """Show what the camera tells to the computer that controls it, as it comes. Ctrl-C ends it.

    It begins with all settings, and what they may be.
    Example: eos events -seconds=10
    """
    eos, began, seen = context.camera.eos, time.monotonic(), 0
    with eos.controlled(context.cancel):
        while seconds is None or time.monotonic() - began < seconds:
            records = eos.poll(context.cancel)
            for record in records:
                line = _line(context, record, time.monotonic() - began)
                context.output.event("event", line)
                seen += 1
                if seen == count:
                    return
            if not records:
                context.cancel.wait(POLL_SECONDS)


def _line(context: Context, record: EosRecord, seconds: float) -> EosEventLine:
    from chdkshell.ptp.names import CodeKind
    from chdkshell.shell.results.eos import EosEventLine

    names = context.camera.eos.names
    name = names.name(CodeKind.EVENT, record.code)
    return EosEventLine.of(seconds, name, record, lambda code: names.name(CodeKind.PROPERTY, code))
