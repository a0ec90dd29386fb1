"""Sizes of data phases that cameras are known to hang on, as they came out with chdkptp.

Such a camera answers nothing any more until its battery was taken out.
"""

from __future__ import annotations

PIECE = 512

SHORT_OF_PIECE = 11
"""Cameras that read a data phase in several calls, as for UploadFile, fail with 512 n - 11 to 512 n
bytes."""

EARLY_DRYOS = 0x23F4
"""Early DryOS cameras fail with so many bytes, and with each multiple of 512 more."""


def is_risky(size: int) -> bool:
    """Whether some cameras hang on a data phase of `size` bytes to them, its header not counted."""
    short = -size % PIECE
    return short <= SHORT_OF_PIECE or (size >= EARLY_DRYOS and short == -EARLY_DRYOS % PIECE)


def upload_size(path: bytes, length: int) -> int:
    """Return the size of the data phase in which a file of `length` bytes goes to `path`."""
    return 4 + len(path) + length
