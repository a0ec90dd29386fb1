"""The end of an output whose reader is gone."""

from __future__ import annotations

import errno
import sys

_NO_READER = (109, 232)
"""ERROR_BROKEN_PIPE and ERROR_NO_DATA of Windows."""


class OutputClosedError(Exception):
    """Whoever read our output is gone, as `head` is after its last line."""


def reader_is_gone(error: BaseException | None) -> bool:
    """Whether an error of writing to a stream says that nobody reads there any more."""
    if isinstance(error, BrokenPipeError):
        return True
    if sys.platform != "win32" or not isinstance(error, OSError):
        return False
    # the C library there has no number for it but that of a wrong argument
    return error.errno == errno.EINVAL or getattr(error, "winerror", None) in _NO_READER
