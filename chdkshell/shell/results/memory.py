"""Results of the command that reads the camera's memory."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from chdkshell.errors import printable
from chdkshell.shell.results import Result

BYTES_A_LINE = 16


@dataclass(frozen=True, slots=True)
class MemoryDump(Result):
    """Memory that was read. `word_format` is the printf format of 32-bit words, None for bytes."""

    address: int
    data: bytes
    word_format: str | None

    def text(self) -> str:
        if self.word_format is None:
            lines = hexdump(self.data, self.address)
        else:
            lines = hexdump_words(self.data, self.address, self.word_format)
        return "\n".join([f"0x{self.address:08x} {len(self.data)}", *lines])

    def json(self) -> Any:
        return {"address": self.address, "size": len(self.data), "hex": self.data.hex()}


def hexdump(data: bytes, address: int) -> list[str]:
    """Return the lines of a dump of bytes: address, bytes in hexadecimal, and printable ASCII."""
    lines = []
    for start in range(0, len(data), BYTES_A_LINE):
        line = data[start : start + BYTES_A_LINE]
        digits = "".join(f"{byte:02x} " for byte in line) + "-- " * (BYTES_A_LINE - len(line))
        text = "".join(chr(byte) if 0x20 < byte < 0x7F else "." for byte in line)
        lines.append(f"{address + start:8x}: {digits}| {text}")
    return lines


def hexdump_words(data: bytes, address: int, word_format: str) -> list[str]:
    """Return the lines of a dump of little-endian 32-bit words, four a line, in a printf format."""
    lines = []
    for start in range(0, len(data), BYTES_A_LINE):
        line = data[start : start + BYTES_A_LINE]
        words = struct.unpack(f"<{len(line) // 4}I", line[: len(line) // 4 * 4])
        texts = "".join(f" {word_format % word}" for word in words)
        lines.append(f"0x{address + start:08x}:{texts}")
    return lines


@dataclass(frozen=True, slots=True)
class MemoryFile(Result):
    """Memory that was written to a file. `size` is in bytes."""

    address: int
    size: int
    path: str

    def text(self) -> str:
        return printable(f"0x{self.address:08x} {self.size} {self.path}")
