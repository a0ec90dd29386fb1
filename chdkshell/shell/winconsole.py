"""What Windows says about its console and does with it. Elsewhere no stream is one."""

from __future__ import annotations

import atexit
import functools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

CLOSE_SECONDS = 4.5
"""How long Windows is held off when the console is closed: it ends the program after five."""

PROCESSED_INPUT = 0x1
"""Ctrl-C is a signal, and no key."""

PROCESSED_OUTPUT = 0x1
ESCAPES = 0x4
"""ENABLE_VIRTUAL_TERMINAL_PROCESSING"""

_TRUETYPE = 0x4
_FILE_NAME_INFO = 2
_CLOSING = (2, 5, 6)
"""CTRL_CLOSE_EVENT, CTRL_LOGOFF_EVENT, CTRL_SHUTDOWN_EVENT"""

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    class _FontInfo(ctypes.Structure):
        """CONSOLE_FONT_INFOEX"""

        _fields_ = (
            ("size", wintypes.ULONG),
            ("number", wintypes.DWORD),
            ("width", wintypes.SHORT),
            ("height", wintypes.SHORT),
            ("family", wintypes.UINT),
            ("weight", wintypes.UINT),
            ("name", wintypes.WCHAR * 32),
        )

    class _FileName(ctypes.Structure):
        """FILE_NAME_INFO, with its length in bytes"""

        _fields_ = (("length", wintypes.DWORD), ("name", wintypes.WCHAR * 260))

    def _kernel32() -> Any:
        return ctypes.windll.kernel32

    def _handle(stream: IO[str]) -> wintypes.HANDLE:
        """Return the handle of a stream. Raises `OSError` where it is no open file."""
        import msvcrt

        return wintypes.HANDLE(msvcrt.get_osfhandle(stream.fileno()))


def mode_of(stream: IO[str]) -> int | None:
    """Return the mode of a console, None where a stream is none."""
    if sys.platform == "win32":
        mode = wintypes.DWORD()
        try:
            is_console = _kernel32().GetConsoleMode(_handle(stream), ctypes.byref(mode))
        except (OSError, ValueError):  # it has no file, or was closed
            return None
        return mode.value if is_console else None
    return None


def set_mode(stream: IO[str], mode: int) -> bool:
    """Set the mode of a console; return whether it takes it."""
    if sys.platform == "win32":
        return bool(_kernel32().SetConsoleMode(_handle(stream), mode))
    return False


def change_mode(stream: IO[str], mode: int) -> bool:
    """Set the mode of a console until the program ends; return whether it takes it."""
    before = mode_of(stream)
    if before is None or before == mode:
        return before is not None
    _modes_at_start().setdefault(stream.fileno(), (stream, before))
    return set_mode(stream, mode)


@functools.cache
def _modes_at_start() -> dict[int, tuple[IO[str], int]]:
    modes: dict[int, tuple[IO[str], int]] = {}

    def restore() -> None:
        for stream, mode in modes.values():
            if mode_of(stream) is not None:
                set_mode(stream, mode)

    atexit.register(restore)
    return modes


def raster_code_page(stream: IO[str]) -> int | None:
    """Return the code page whose characters a console's font has; None for a font with more."""
    if sys.platform == "win32":
        info = _FontInfo(size=ctypes.sizeof(_FontInfo))
        got = _kernel32().GetCurrentConsoleFontEx(_handle(stream), False, ctypes.byref(info))
        if got and not info.family & _TRUETYPE:
            return int(_kernel32().GetOEMCP())
    return None


def pipe_name(stream: IO[str]) -> str:
    """Return the name of a pipe, "" where a stream has none."""
    if sys.platform == "win32":
        info = _FileName()
        place, size = ctypes.byref(info), ctypes.sizeof(info)
        try:
            handle = _handle(stream)
        except (OSError, ValueError):
            return ""
        if _kernel32().GetFileInformationByHandleEx(handle, _FILE_NAME_INFO, place, size):
            return str(info.name[: info.length // 2])
    return ""


@contextmanager
def closing_interrupts(number: int) -> Iterator[None]:
    """Take the closing of the console, a logoff and a shutdown for the signal `number`.

    Windows ends the program as soon as the handler, which has a thread of its own, returns.
    """
    if sys.platform == "win32":
        import _thread
        import signal
        import time

        def end_in_order(event: int) -> bool:
            if event not in _CLOSING:
                return False
            _thread.interrupt_main(signal.Signals(number))
            time.sleep(CLOSE_SECONDS)  # the program ends meanwhile
            return True

        handler = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.DWORD)(end_in_order)
        _kernel32().SetConsoleCtrlHandler(handler, True)
        try:
            yield
        finally:
            _kernel32().SetConsoleCtrlHandler(handler, False)
    else:
        yield
