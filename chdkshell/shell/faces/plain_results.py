"""The plain text of results that come from a camera."""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING

from chdkshell.chdk.messages import ScriptMessage, format_message
from chdkshell.errors import printable, printable_name
from chdkshell.shell import results
from chdkshell.shell.shots import shotresults

if TYPE_CHECKING:
    from chdkshell.chdk.card.files import DirEntry

BYTES_A_LINE = 16


def result_text(value: object) -> str:
    """Return a result as text without the last line feed."""
    match value:
        case ScriptMessage():
            return printable(format_message(value))
        case results.ScriptFailure():
            place = f"{value.script_id}:error:{value.kind}:{value.position}"
            return printable(place + value.reason)
        case results.LuaValues():
            return printable(value.text)
        case results.Printed():
            return printable(value.text) + "\n"
        case results.Connected():
            return printable(f"connected: {value.model}, max packet size {value.max_packet_size}")
        case results.Versions():
            return _versions(value)
        case results.DeviceList():
            return "\n".join(_device_line(row) for row in value.rows)
        case results.Names():
            return "\n".join([*_heading(value.heading), *map(printable_name, value.names)])
        case results.Entries():
            return "\n".join([*_heading(value.heading), *map(_entry_line, value.entries)])
        case results.Transfer():
            return printable_name(f"{value.source}->{value.target}")
        case results.Deletion():
            text = f"{value.path}: {'OK' if value.ok else 'FAILED'}"
            return printable_name(f"{text}: {value.message}" if value.message else text)
        case results.MemoryDump():
            return "\n".join(_memory_lines(value))
        case results.MemoryFile():
            return printable(f"0x{value.address:08x} {value.size} {value.path}")
        case results.FrameDump():
            return printable(f"{value.size} bytes recorded to {value.path}")
        case results.FramePicture():
            return printable(value.path or f"frame {value.number}")
        case results.FrameRun():
            return ""
        case results.LiveRun():
            return "\n".join(printable(path) for path in value.saved)
        case results.Check():
            return printable(check_text(value))
        case results.RuleFile():
            return f"# {value.path}\n{value.rule}\n# {value.command}"
        case _:
            shot = shotresults.text_of(value)
            if shot is not None:
                return printable(shot)
            from chdkshell.shell.faces.plain_files import file_text

            files = file_text(value)
            if files is None:
                raise TypeError(f"no plain form for {type(value).__name__}")
            return files


def check_text(check: results.Check) -> str:
    """Return what `doctor` found, and below it what mends it."""
    mark = {True: "ok", False: "!!", None: "--"}[check.ok]
    line = f"{mark} {check.check + ':':<11}{check.seen}"
    return f"{line}\n   {'':<11}-> {check.mend}" if check.mend else line


def _versions(versions: results.Versions) -> str:
    camera = "{}.{}".format(*versions.camera) if versions.camera else "not connected"
    program = [versions.program] if versions.program else []
    libraries = [f"{name} {version}" for name, version in versions.libraries]
    return "\n".join([*program, "host:{}.{} cam:{}".format(*versions.host, camera), *libraries])


def _device_line(row: results.DeviceRow) -> str:
    place = f"b={row.bus} d={row.device}"
    if row.error:
        return f"{row.status.mark}{row.number}: {place} ERROR: {printable(row.error)}"
    ids = f"v=0x{row.vendor_id:x} p=0x{row.product_id:x}"
    model, serial = printable_name(row.model or "nil"), printable_name(row.serial or "nil")
    return f"{row.status.mark}{row.number}:{model} {place} {ids} s={serial}"


def _heading(text: str) -> list[str]:
    return [f"{printable_name(text)}:"] if text else []


def _entry_line(entry: DirEntry) -> str:
    size = "<dir>" if entry.is_dir else str(entry.size)
    name = printable_name(entry.name) + ("/" if entry.is_dir else "")
    return f"{camera_time(entry.mtime)} {size:>10} {name}"


def camera_time(seconds: int) -> str:
    """Return a time of the camera, which counts in its own local clock, as C's `%c`."""
    return time.strftime("%a %b %e %H:%M:%S %Y", time.gmtime(seconds))


def _memory_lines(dump: results.MemoryDump) -> list[str]:
    head = f"0x{dump.address:08x} {len(dump.data)}"
    if dump.word_format is None:
        return [head, *hexdump(dump.data, dump.address)]
    return [head, *hexdump_words(dump.data, dump.address, dump.word_format)]


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
