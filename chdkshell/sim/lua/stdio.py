"""A file as C's stdio has it, with what the camera's Lua makes of that (lib/lua/liolib.c)."""

from __future__ import annotations

import errno
import os
from io import UnsupportedOperation
from typing import BinaryIO

from chdkshell.lua.numbers import to_integer

BUFFER = 512
"""Bytes of the buffer for a part of a line, its ending zero included."""

MOST = 1 << 26
"""Bytes that are read at once."""

NUMBER_DIGITS = 11
"""As many digits of a number are read; what comes behind them is skipped."""


class StdioFile:
    """An open file. `at_end`: a read came to its end, and no seek since."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.at_end = False

    def read(self, count: int = -1) -> bytes:
        """Read so many bytes, or all of the rest; nothing from a file that is only written.

        Raises MemoryError where that is more than a camera has room for.
        """
        try:
            data = self._file.read(count if 0 <= count <= MOST else MOST + 1)
        except UnsupportedOperation:
            return b""
        if len(data) > MOST:
            raise MemoryError
        self.at_end |= count < 0 or len(data) < count
        return data

    def line(self) -> bytes | None:
        """Read a line; None at the end. A part of it ends at a zero, and so does its line end."""
        parts = []
        while part := self._part_of_line():
            text = part.partition(b"\0")[0]
            parts.append(text.removesuffix(b"\n"))
            if text.endswith(b"\n"):
                return b"".join(parts)
        return b"".join(parts) or None

    def _part_of_line(self) -> bytes:
        try:
            part = self._file.readline(BUFFER - 1)
        except UnsupportedOperation:
            return b""
        self.at_end |= len(part) < BUFFER - 1 and not part.endswith(b"\n")
        return part

    def number(self) -> int | None:
        """Read a decimal number, as the firmware does without scanf."""
        character = self.read(1)
        while character.isspace():
            character = self.read(1)
        sign = b""
        if character == b"-":
            sign, character = character, self.read(1)
        digits = b""
        while character.isdigit() and len(digits) < NUMBER_DIGITS:
            digits += character
            character = self.read(1)
        if character and len(digits) < NUMBER_DIGITS:
            self.seek(-1, 1)
        return to_integer((sign + digits).decode("latin-1")) if digits else None

    def write(self, data: bytes) -> None:
        """Write bytes. Raises OSError."""
        self._file.write(data)

    def seek(self, offset: int, whence: int) -> int:
        """Go to a place, and return it. Raises OSError where there is none: before the start, or
        behind the end of a file that is only read.
        """
        try:
            before = self._file.seek(0, os.SEEK_CUR)
            place = self._file.seek(offset, whence)
            if not self._file.writable() and place > self._file.seek(0, os.SEEK_END):
                self._file.seek(before)
                raise OSError(errno.EINVAL, "there is nothing so far behind the end")
            self._file.seek(place)
        except ValueError as error:
            raise OSError(errno.EINVAL, str(error)) from None
        self.at_end = False
        return place

    def flush(self) -> None:
        """Write what is held back."""
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
