"""Windows' console on a terminal of Linux: its modes, its keys, its fonts, and how it closes.

FAKE_CONSOLE=legacy: it takes no escape sequences. FAKE_RASTER: the code page of its font, which
shows nothing else. FAKE_PIPE: the name of the pipes that are its streams. SIGUSR1 closes the
window.
"""

from __future__ import annotations

import ctypes
import errno
import io
import os
import select
import signal
import sys
import termios
import threading
from types import ModuleType, SimpleNamespace
from typing import Any, TextIO, cast

from support.fake_windows.system import as_on_linux

_FIRST_HANDLE = 0x100
_LINE_INPUT, _ECHO_INPUT, _PROCESSED_INPUT = 0x2, 0x4, 0x1
_ESCAPES = 0x4
_ENDED_BY_CLOSING = 0x3A
"""The low byte of STATUS_CONTROL_C_EXIT"""


class Kernel32:
    """The calls of kernel32.dll that the program makes."""

    def __init__(self) -> None:
        self.modes = {n: 0x3 for n in (1, 2) if os.isatty(n)} | (
            {0: _LINE_INPUT | _ECHO_INPUT | _PROCESSED_INPUT} if os.isatty(0) else {}
        )
        self.handlers: list[Any] = []
        self.reads_keys = False

    def GetConsoleMode(self, handle: Any, place: Any) -> int:  # noqa: N802
        mode = self.modes.get(handle.value - _FIRST_HANDLE)
        if mode is None:
            return 0
        place._obj.value = mode
        return 1

    def SetConsoleMode(self, handle: Any, mode: int) -> int:  # noqa: N802
        number = handle.value - _FIRST_HANDLE
        is_legacy = os.environ.get("FAKE_CONSOLE") == "legacy"
        if number not in self.modes or (number and mode & _ESCAPES and is_legacy):
            return 0
        self.modes[number] = mode
        if number == 0:
            self.apply()
        return 1

    def GetCurrentConsoleFontEx(self, handle: Any, largest: bool, place: Any) -> int:  # noqa: N802
        place._obj.family = 0x30 if "FAKE_RASTER" in os.environ else 0x36
        return 1

    def GetOEMCP(self) -> int:  # noqa: N802
        return int(os.environ.get("FAKE_RASTER", "437"))

    def GetFileInformationByHandleEx(  # noqa: N802
        self, handle: Any, kind: int, place: Any, size: int
    ) -> int:
        name = os.environ.get("FAKE_PIPE", "")
        assert kind == 2
        place._obj.length, place._obj.name = 2 * len(name), name
        return int(bool(name))

    def SetConsoleCtrlHandler(self, handler: Any, adds: bool) -> int:  # noqa: N802
        (self.handlers.append if adds else self.handlers.remove)(handler)
        return 1

    def apply(self) -> None:
        """Have the terminal be as the console's input is, or as reading key by key has it."""
        modes = termios.tcgetattr(0)
        modes[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG)
        if self.modes[0] & _PROCESSED_INPUT:
            modes[3] |= termios.ISIG
        if not self.reads_keys:
            modes[3] |= termios.ICANON if self.modes[0] & _LINE_INPUT else 0
            modes[3] |= termios.ECHO if self.modes[0] & _ECHO_INPUT else 0
        termios.tcsetattr(0, termios.TCSANOW, modes)

    def close_window(self) -> None:
        """Do as Windows when the window is closed: ask the newest handler, and end the program."""
        for handler in reversed(self.handlers):
            if handler(2):
                break
        os._exit(_ENDED_BY_CLOSING)


class Msvcrt(ModuleType):
    """The calls of the module msvcrt that the program makes."""

    def __init__(self, kernel32: Kernel32) -> None:
        super().__init__("msvcrt")
        self._kernel32 = kernel32
        self._read, self._select = os.read, select.select

    def get_osfhandle(self, descriptor: int) -> int:
        return descriptor + _FIRST_HANDLE

    def kbhit(self) -> bool:
        if not self._kernel32.reads_keys:
            self._kernel32.reads_keys = True
            self._kernel32.apply()
        return bool(self._select([0], [], [], 0)[0])

    def getwch(self) -> str:
        first = self._read(0, 1)
        more = 0 if first < b"\xc0" else 1 if first < b"\xe0" else 2
        return (first + b"".join(self._read(0, 1) for _ in range(more))).decode()


class ConsoleInput:
    """Standard input at the console, where lines are typed."""

    def __init__(self, stream: Any, kernel32: Kernel32) -> None:
        self._stream, self._kernel32 = stream, kernel32

    def readline(self, limit: int = -1) -> str:
        self._kernel32.reads_keys = False
        self._kernel32.apply()
        return str(self._stream.readline(limit))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class ConsoleOutput:
    """An output at the console: it shows the escape character where it takes no sequences."""

    def __init__(self, stream: Any, kernel32: Kernel32) -> None:
        self._stream, self._kernel32 = stream, kernel32

    def write(self, text: str) -> int:
        if not self._kernel32.modes[self._stream.fileno()] & _ESCAPES:
            text = text.replace("\x1b", "\u2190")
        if page := os.environ.get("FAKE_RASTER"):
            text = text.encode(f"cp{page}", "replace").decode(f"cp{page}")
        return int(self._stream.write(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class PipeEnd(io.FileIO):
    """The writing end of a pipe: without a reader, EINVAL is what the C library has for that."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise OSError(errno.EINVAL, "Invalid argument") from None


def block_closing() -> None:
    """Leave the signal that closes the window to the thread that waits for it.

    To be called before there are other threads.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})


def pretend() -> None:
    """Have this process be at a console. Its terminals are that; other streams are as they are."""
    kernel32 = Kernel32()
    ctypes.windll = SimpleNamespace(kernel32=kernel32)  # type: ignore[attr-defined]
    ctypes.WINFUNCTYPE = ctypes.CFUNCTYPE  # type: ignore[attr-defined]
    sys.modules["msvcrt"] = Msvcrt(kernel32)
    wait, closing = signal.sigwait, {signal.SIGUSR1}

    def wait_for_closing() -> None:
        wait(closing)
        kernel32.close_window()

    threading.Thread(target=wait_for_closing, daemon=True).start()
    if 0 in kernel32.modes:
        sys.stdin = cast(TextIO, ConsoleInput(sys.stdin, kernel32))
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream.isatty():
            setattr(sys, name, ConsoleOutput(stream, kernel32))
        else:
            pipe = io.BufferedWriter(PipeEnd(stream.fileno(), "w", closefd=False))
            setattr(sys, name, io.TextIOWrapper(pipe, encoding=_encoding()))
    _let_prompts_be()


def _encoding() -> str:
    """Return the encoding of what is redirected: of Western Europe, where nothing else is said."""
    return os.environ.get("PYTHONIOENCODING", "cp1252")


def _let_prompts_be() -> None:
    """Have prompt_toolkit use the terminal of Linux, as it uses the console of Windows."""
    from prompt_toolkit.input import defaults as inputs
    from prompt_toolkit.output import defaults as outputs

    inputs.create_input = as_on_linux(inputs.create_input)
    outputs.create_output = as_on_linux(outputs.create_output)
