"""The result of `list`."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from chdkshell.errors import printable, printable_name
from chdkshell.shell.results import Result
from chdkshell.shell.results.jsonvalues import to_json

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


class DeviceStatus(enum.Enum):
    """How a camera stands to this program."""

    CURRENT = "current"
    CONNECTED = "connected"
    FREE = "not connected"
    IN_USE = "in use"
    NOT_PERMITTED = "not permitted"
    FAILED = "failed"

    @property
    def mark(self) -> str:
        """The mark in front of a camera in `list`."""
        return {"current": "*", "connected": "+", "not connected": "-"}.get(self.value, "!")


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A camera that is there, with its number in the list.

    Where it cannot be used, `error` says why and `hint` what to do; `holder` names the programs
    that use it, as far as they can be known. `place` is what it hangs on, like "USB port 1-4".
    """

    number: int
    status: DeviceStatus
    address: str
    bus: str
    device: str
    vendor_id: int
    product_id: int
    model: str | None
    serial: str | None
    holder: str = ""
    error: str = ""
    hint: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class DeviceList(Result):
    """The cameras that are there."""

    rows: tuple[DeviceRow, ...]

    def text(self) -> str:
        """Return a line for each camera."""
        return "\n".join(map(_device_line, self.rows))

    def screen(self, terminal: TextIO) -> str:
        """Return a table."""
        if not self.rows:
            return ""
        from chdkshell.shell.results.drawing import drawn

        return drawn(_devices(self.rows), terminal)

    def json(self) -> Any:
        """Return the cameras as a list."""
        return to_json(self.rows)


def _device_line(row: DeviceRow) -> str:
    place = f"b={row.bus} d={row.device}"
    if row.error:
        return f"{row.status.mark}{row.number}: {place} ERROR: {printable(row.error)}"
    ids = f"v=0x{row.vendor_id:x} p=0x{row.product_id:x}"
    model, serial = printable_name(row.model or "nil"), printable_name(row.serial or "nil")
    return f"{row.status.mark}{row.number}:{model} {place} {ids} s={serial}"


def _devices(rows: tuple[DeviceRow, ...]) -> Table:
    from rich.text import Text

    from chdkshell.shell.results.drawing import table

    made = table("", "#", "model", "serial", "bus", "device", "ids", "state")
    for row in rows:
        ids = f"{row.vendor_id:04x}:{row.product_id:04x}" if row.vendor_id else ""
        told = Text(printable_name(row.serial)) if row.serial else Text(row.place, style="muted")
        names = (Text(printable_name(row.model or "?")), told)
        place = map(Text, (row.bus, row.device, ids))
        made.add_row(row.status.mark, str(row.number), *names, *place, _device_state(row))
    return made


def _device_state(row: DeviceRow) -> Text:
    from rich.text import Text

    text = row.status.value
    if row.holder:
        text = f"{text} by {row.holder}"
    elif row.status is DeviceStatus.FAILED:
        text = row.error
    if row.error:
        return Text(printable(text), style="error")
    return Text(text, style="good" if row.status is DeviceStatus.CURRENT else "")
