"""A plugin of pytest that takes away what Python lacks on Windows, before tests are collected.

`pytest --collect-only -p support.without_posix` finds the test files that say at no head that they
need a POSIX system.
"""

from __future__ import annotations

import importlib.abc
import os
import signal
import socket
import sys
from types import ModuleType
from typing import Any

import pytest

MODULES = {
    *("curses", "fcntl", "grp", "posix", "pty", "ptyprocess", "pwd", "resource", "syslog"),
    *("termios", "tty", "_posixshmem"),
}

OF_OS = (
    *("fork", "forkpty", "openpty", "setsid", "killpg", "getpgid", "setpgid", "mkfifo", "mknod"),
    *("getuid", "geteuid", "getgid", "getegid", "getgroups", "chown", "pread", "pwrite"),
    *("WIFEXITED", "WIFSIGNALED", "WEXITSTATUS", "WTERMSIG", "O_NONBLOCK", "O_NOCTTY"),
    *("tcgetpgrp", "tcsetpgrp", "ttyname", "statvfs", "getloadavg", "posix_spawn", "wait4"),
)

OF_SIGNAL = (
    *("SIGHUP", "SIGKILL", "SIGTSTP", "SIGCONT", "SIGSTOP", "SIGUSR1", "SIGUSR2", "SIGWINCH"),
    *("SIGPIPE", "SIGQUIT", "SIGALRM", "SIGTTIN", "SIGTTOU", "setitimer", "alarm", "pause"),
    *("pthread_kill", "pthread_sigmask", "sigwait", "siginterrupt", "ITIMER_REAL"),
)

OF_SOCKET = ("AF_UNIX", "SO_REUSEPORT", "SCM_RIGHTS")


class _Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname: str, path: Any = None, target: ModuleType | None = None) -> None:
        if fullname.partition(".")[0] in MODULES:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Take it away, now that pytest itself is complete."""
    sys.meta_path.insert(0, _Blocker())
    for name in [name for name in sys.modules if name.partition(".")[0] in MODULES]:
        del sys.modules[name]
    for module, names in ((os, OF_OS), (signal, OF_SIGNAL), (socket, OF_SOCKET)):
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
