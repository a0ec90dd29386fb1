"""The bytes that travel in transport tests."""

from __future__ import annotations

import zlib

PATTERN = bytes(range(251)) * 4178
"""About 1 MiB whose period divides no packet size, so that a packet out of place is seen."""


def pattern_crc(size: int) -> int:
    """The CRC-32 of the first `size` bytes of the pattern, repeated."""
    crc = 0
    while size:
        part = PATTERN[:size]
        crc = zlib.crc32(part, crc)
        size -= len(part)
    return crc
