"""Files of this computer, as Windows and macOS need them to be handled.

Windows lets no file be replaced or removed while another program has it open: a virus scanner that
looks at what was just written, an indexer, a viewer. Most of them are done in a moment.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")

_HELD = frozenset((5, 32))
"""ERROR_ACCESS_DENIED and ERROR_SHARING_VIOLATION: a file is open, or will not be there soon."""

_INSIST_SECONDS = 2.0
_PAUSE = 0.05


def is_held(error: BaseException | None) -> bool:
    """Whether an error says that another program has the file open, or that nobody may write it."""
    return isinstance(error, OSError) and getattr(error, "winerror", None) in _HELD


def insist(act: Callable[[], _T], target: str = "") -> _T:
    """Do something to a file; again for 2 s where another program has it open.

    Raises the first error: the later ones may tell of what the first one led to. A folder with the
    name `target`, and a file of that name which is not to be written, stay as they are.
    """
    first: OSError | None = None
    deadline = 0.0
    while True:
        try:
            return act()
        except OSError as error:
            if first is None:
                first, deadline = error, time.monotonic() + _INSIST_SECONDS
            if not is_held(error) or time.monotonic() >= deadline or _stays(target):
                raise first from None
        time.sleep(_PAUSE)


def _stays(target: str) -> bool:
    return os.path.isdir(target) or (os.path.exists(target) and not os.access(target, os.W_OK))  # noqa: PTH110, PTH112


def replace(source: str, target: str) -> None:
    """Give a file another name, in place of what has that name. Raises `OSError`."""
    insist(lambda: os.replace(source, target), target)  # noqa: PTH105 - as fast as it can be


def remove(path: str) -> None:
    """Remove a file. Raises `OSError`."""
    insist(lambda: os.unlink(path), path)  # noqa: PTH108 - as fast as it can be


def remove_if_there(path: str) -> None:
    """Remove a file, where there is one. Raises `OSError`."""
    try:
        remove(path)
    except FileNotFoundError:
        return


def sync(descriptor: int) -> None:
    """Wait until the disk has what was written to a file or folder. Raises `OSError`."""
    if sys.platform == "darwin":  # fsync there only hands it to the drive, which may lose it
        import fcntl

        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        except OSError:  # a network disk does not have it
            pass
        else:
            return
    os.fsync(descriptor)
