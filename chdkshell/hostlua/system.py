"""sys, readline, corevar and guisys: time, the command line, the exit value, standard input."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable, Mapping

from chdkshell.hostlua.arguments import NIL, data, integer, number, table
from chdkshell.hostlua.faults import Fault
from chdkshell.hostlua.services import Host
from chdkshell.hostlua.signals import LuaSignals

Functions = Mapping[str, Callable[..., object]]

SIGNAL_STEP = 0.02
"""Seconds between two looks at the signals."""

STATUS = 0xFF
"""The bits of a status that systems tell who started a program."""

_SYSTEMS = {"win32": "Windows", "darwin": "Darwin"}


class Exit(BaseException):
    """Ends the Lua program and the program that it runs in, as os.exit does."""


class System:
    """The computer, as Lua programs see it."""

    def __init__(self, host: Host, signals: LuaSignals) -> None:
        self._host = host
        self._signals = signals

    def sleep(self, milliseconds: object = None) -> None:
        """Wait; Ctrl-C ends it, and so does a signal that the Lua program has a function for."""
        end = time.monotonic() + max(number(milliseconds, 1), 0) / 1000
        while (left := end - time.monotonic()) > 0 and not self._signals.came:
            self._host.cancel.wait(min(left, SIGNAL_STEP) if self._signals.has_any else left)

    def set_exit_value(self, value: object = None) -> None:
        """Set the status that the program ends with, unless something fails after that."""
        self._host.exit_value = integer(value, 1) & STATUS

    def exit(self, code: object = None) -> None:
        """os.exit: true is success, false a failure, nothing what was set before."""
        if isinstance(code, bool):
            self._host.exit_value = 0 if code else 1
        elif code is not None:
            self._host.exit_value = integer(code, 1) & STATUS
        raise Exit

    def line(self, prompt: object = None) -> bytes | bool:
        """readline.line: the next line without its end, false at the end."""
        read = self._host.services.read_line(b"" if prompt is None else data(prompt, 1))
        return False if read is None else read.rstrip(b"\r\n")

    def read_line(self) -> bytes | tuple[None]:
        """Return the next line of standard input with its end, nil at the end."""
        return self._host.services.read_line(b"") or NIL

    def write(self, content: object) -> None:
        """Write to the output."""
        self._host.services.write(data(content, 1))

    def write_error(self, content: object) -> None:
        """Write beside the output."""
        self._host.services.write_error(data(content, 1))

    def set_verbose(self, value: object = None) -> None:
        """Keep how much the core is to tell; `set trace` of the program has it all."""
        self._host.verbose = integer(value, 1)

    def libraries(self) -> dict[str, Functions]:
        """Return the libraries by name; `streams` is what core.lua makes io of."""
        return {
            "sys": {
                "sleep": self.sleep,
                "getsleepres": lambda: 1,
                "ostype": lambda: _SYSTEMS.get(sys.platform, "Linux"),
                "gettimeofday": _gettimeofday,
                "gettick": time.perf_counter,
                "gettickres": lambda: time.get_clock_info("perf_counter").resolution,
                "getcmd": lambda: os.fsencode(sys.argv[0]),
                "getargs": lambda: [os.fsencode(word) for word in self._host.arguments],
                "getenv": _getenv,
                "set_exit_value": self.set_exit_value,
                "get_exit_value": lambda: self._host.exit_value or 0,
                "maxn": maxn,
                "mkstemp": mkstemp,
                "get_errno_codes": get_errno_codes,
            },
            "readline": {"line": self.line, "add_history": lambda line=None: None},
            "corevar": {
                "set_verbose": self.set_verbose,
                "get_verbose": lambda: self._host.verbose,
            },
            "guisys": {
                "init": lambda: False,
                "initgtk": lambda: False,
                "caps": lambda: {"LIVEVIEW": True},
            },
            "streams": {
                "write": self.write,
                "write_error": self.write_error,
                "read_line": self.read_line,
                "exit": self.exit,
            },
        }


def _gettimeofday() -> tuple[int, int]:
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    return seconds, rest // 1000


def _getenv(name: object = None) -> bytes | tuple[None]:
    value = os.environ.get(os.fsdecode(data(name, 1)))
    return NIL if value is None else os.fsencode(value)


def maxn(values: object = None) -> int | float:
    """Return the largest number that is a key of a table, 0 for none."""
    found = (key for key in table(values, 1) if isinstance(key, int | float))
    return max((key for key in found if not isinstance(key, bool)), default=0)


def mkstemp(template: object = None) -> bytes:
    """sys.mkstemp: makes an empty file whose name ends in letters of its own in place of XXXXXX."""
    import tempfile

    wanted = os.fsdecode(data(template, 1))
    if not wanted.endswith("XXXXXX"):
        raise Fault("io", "mkstemp failed", critical=True)
    folder, prefix = os.path.split(wanted.removesuffix("XXXXXX"))
    descriptor, path = tempfile.mkstemp(prefix=prefix, dir=folder or ".")
    os.close(descriptor)
    return os.fsencode(path if folder else os.path.basename(path))  # noqa: PTH119


def get_errno_codes() -> dict[str, int]:
    """sys.get_errno_codes: numbers of errors that io, os and lfs return."""
    return {name: getattr(errno, name) for name in ("EIO", "EACCES", "ENOENT", "EINVAL")}
