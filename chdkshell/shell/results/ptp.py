"""Results of the commands of standard PTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TextIO

from chdkshell.errors import printable, printable_name
from chdkshell.ptp.objects import UNKNOWN_SIZE, ObjectInfo
from chdkshell.shell.results import Result, ResultPart
from chdkshell.shell.results.memory import hexdump


@dataclass(frozen=True, slots=True)
class PtpTable(Result):
    """A table: `heads` name its columns, `rows` are their texts, `objects` the same for JSON."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    objects: tuple[dict[str, Any], ...]

    def text(self) -> str:
        return "\n".join("\t".join(map(printable_name, row)) for row in self.rows)

    def screen(self, terminal: TextIO) -> str:
        if not self.rows:
            return self.text()
        from rich.table import Table
        from rich.text import Text

        from chdkshell.shell.results.drawing import drawn

        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        for head in self.heads:
            table.add_column(head, overflow="fold")
        for row in self.rows:
            table.add_row(*(Text(printable_name(cell)) for cell in row))
        return drawn(table, terminal)

    def json(self) -> Any:
        return list(self.objects)


@dataclass(frozen=True, slots=True)
class PtpFields(Result):
    """Named values, a line each. `object` is the same for JSON."""

    fields: tuple[tuple[str, str], ...]
    object: dict[str, Any]

    def text(self) -> str:
        width = max((len(name) for name, _ in self.fields), default=0)
        return "\n".join(
            printable_name(f"{name.ljust(width)}  {value}".rstrip()) for name, value in self.fields
        )

    def json(self) -> Any:
        return self.object


@dataclass(frozen=True, slots=True)
class RawAnswer(Result):
    """What one operation came to: its response, and its data as fields or as a hex dump.

    `file` is where the data were written to, "" where they are shown.
    """

    operation: str
    response: str
    code: int
    params: tuple[int, ...]
    data: bytes
    fields: tuple[tuple[str, str], ...] | None = None
    file: str = ""

    def text(self) -> str:
        params = "".join(f" 0x{param:08X}" for param in self.params)
        lines = [f"{self.operation}: {self.response} (0x{self.code:04X}){params}"]
        if self.file:
            lines.append(f"{len(self.data)} bytes\t{self.file}")
        elif self.fields is not None:
            lines += PtpFields(self.fields, {}).text().splitlines()
        elif self.data:
            lines += hexdump(self.data, 0)
        return printable("\n".join(lines))

    def json(self) -> Any:
        return {
            "operation": self.operation,
            "response": self.response,
            "code": self.code,
            "params": list(self.params),
            "size": len(self.data),
            "file": self.file or None,
            "hex": None if self.file else self.data.hex(),
            "fields": None if self.fields is None else dict(self.fields),
        }


@dataclass(frozen=True, slots=True)
class EventLine(ResultPart):
    """An event of the camera, as it comes. `seconds` is since the command began."""

    seconds: float
    name: str
    code: int
    params: tuple[int, ...]

    def text(self) -> str:
        params = "".join(f" 0x{param:08X}" for param in self.params)
        return f"{self.seconds:8.3f} {self.name} (0x{self.code:04X}){params}"

    def json(self) -> Any:
        return [
            {
                "seconds": round(self.seconds, 3),
                "event": self.name,
                "code": self.code,
                "params": list(self.params),
            }
        ]


def object_json(path: str, handle: int, info: ObjectInfo, format_name: str) -> dict[str, Any]:
    """Return an object in terms that JSON has. A size that PTP cannot tell is None."""
    return {
        "path": path,
        "handle": handle,
        "storage": info.storage,
        "format": format_name,
        "size": None if info.size == UNKNOWN_SIZE else info.size,
        "protected": bool(info.protection),
        "width": info.width,
        "height": info.height,
        "thumb_size": info.thumb_size,
        "captured": info.captured,
        "modified": info.modified,
        "is_dir": info.is_folder,
    }


@dataclass(frozen=True, slots=True)
class StoredObject(Result):
    """An object that was copied or made: `local` is the file of this computer, "" without one."""

    path: str
    handle: int
    local: str
    size: int

    def text(self) -> str:
        there = f"{self.path} (0x{self.handle:08X})"
        words = (there, str(self.size), self.local) if self.local else (there,)
        return "\t".join(map(printable_name, words))
