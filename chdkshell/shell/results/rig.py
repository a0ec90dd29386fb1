"""Results of the commands about several cameras."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from chdkshell.errors import printable_name
from chdkshell.shell.results import Result
from chdkshell.shell.results.jsonvalues import to_json

if TYPE_CHECKING:
    from rich.text import Text


@dataclass(frozen=True, slots=True)
class RigRow:
    """A camera of the rig.

    `battery` is in mV, `free` in KiB, `clock` the offset of its clock to this computer's and
    `clock_bound` how far that may be off, both in ms; `shots` is the camera's counter, and
    `on_card` how many pictures wait for `rig collect`. None is what is not known.
    """

    number: int
    name: str
    model: str
    serial: str
    address: str
    state: str
    is_current: bool
    battery: int | None = None
    free: int | None = None
    clock: float | None = None
    clock_bound: float | None = None
    shots: int | None = None
    on_card: int = 0


@dataclass(frozen=True, slots=True)
class RigList(Result):
    """The cameras of the rig."""

    rows: tuple[RigRow, ...]

    def text(self) -> str:
        """Return a line for each camera."""
        return "\n".join(" ".join(_words(row)) for row in self.rows)

    def screen(self, terminal: TextIO) -> str:
        """Return a table."""
        if not self.rows:
            return ""
        from rich.text import Text

        from chdkshell.shell.results.drawing import drawn, table

        made = table(
            "", "#", "name", "model", "serial", "state", "battery", "free", "clock", "shot"
        )
        for row in self.rows:
            names = (Text(printable_name(text)) for text in (row.name, row.model, row.serial))
            cells = map(Text, (_battery(row), _free(row), _clock(row), _number(row.shots)))
            mark = "*" if row.is_current else ""
            made.add_row(mark, str(row.number), *names, _state(row), *cells)
        return drawn(made, terminal)

    def json(self) -> Any:
        """Return the cameras as a list."""
        return to_json(self.rows)


def _words(row: RigRow) -> list[str]:
    mark = "*" if row.is_current else "-"
    names = [printable_name(row.model), f"s={printable_name(row.serial) or 'nil'}"]
    told = (
        ("battery", _battery(row)),
        ("free", _free(row)),
        ("clock", _clock(row)),
        ("shot", _number(row.shots)),
        ("on the card", _number(row.on_card or None)),
    )
    facts = [f"{name} {text}" for name, text in told if text]
    about = ", ".join([printable_name(row.state), *facts])
    return [f"{mark}{row.number}:{row.name}", *names, f"({about})"]


def _state(row: RigRow) -> Text:
    from rich.text import Text

    bad = row.state not in ("connected", "without CHDK")
    return Text(printable_name(row.state), style="error" if bad else "good")


def _battery(row: RigRow) -> str:
    return "" if row.battery is None else f"{row.battery / 1000:.2f} V"


def _free(row: RigRow) -> str:
    return "" if row.free is None else f"{row.free / 1024 / 1024:.1f} GiB"


def _clock(row: RigRow) -> str:
    if row.clock is None or row.clock_bound is None:
        return ""
    return f"{row.clock:+.1f} ms (±{row.clock_bound:.1f})"


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
