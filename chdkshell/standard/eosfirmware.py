"""A firmware that goes to an EOS camera. Untried on real cameras."""

from __future__ import annotations

from pathlib import Path

from chdkshell.chdk.transfer import host_error
from chdkshell.errors import HostFileError, UsageError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.ptp.eos import EosOperation
from chdkshell.standard.device import PtpDevice

NAME_BYTES = 32
"""Bytes of the file's name, the closing NUL included."""

PIECE = 0x200000 - NAME_BYTES
"""Bytes of the file that go with one operation."""

MAX_BYTES = 0xFFFFFFFF
"""The longest file: its length is a parameter."""


def name_field(file: Path) -> bytes:
    """Return a file's name as each operation carries it. Raises `UsageError`."""
    name = file.name
    if not name.isascii() or not name.isprintable() or not 0 < len(name) < NAME_BYTES:
        raise UsageError(
            f"{name!r} is no name for a firmware", f"up to {NAME_BYTES - 1} letters, digits, signs"
        )
    return name.encode().ljust(NAME_BYTES, b"\0")


def firmware_size(file: Path) -> int:
    """Return a firmware's length. Raises `UsageError`, and `HostFileError` without a file."""
    try:
        size = file.stat().st_size
    except OSError as error:
        raise host_error("read", file, error) from error
    if not file.is_file() or not 0 < size <= MAX_BYTES:
        raise UsageError(f"{file} is no firmware", f"a file of 1 to {MAX_BYTES} bytes")
    return size


def update_firmware(
    device: PtpDevice, file: Path, progress: Progress = SILENT, cancel: CancelToken = NEVER
) -> int:
    """Send a firmware to the camera, and return how many bytes it has.

    Raises `UsageError` for a camera that does not list the operation, and for what is no firmware;
    nothing is sent then.
    """
    device.require(EosOperation.UPDATE_FIRMWARE)
    name, size = name_field(file), firmware_size(file)
    progress.start(size)
    offset = 0
    try:
        with file.open("rb") as source:
            while offset < size:
                piece = source.read(min(PIECE, size - offset))
                if not piece:
                    raise HostFileError(f"{file} became shorter while it was read")
                operation = EosOperation.UPDATE_FIRMWARE
                device.transaction(operation, size, offset, data=name + piece, cancel=cancel)
                progress.advance(len(piece))
                offset += len(piece)
    except OSError as error:
        raise host_error("read", file, error) from error
    return size
