"""Python without what it does not have on Windows."""

from __future__ import annotations

import _socket
import ctypes
import errno
import importlib
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

LIBRARIES = (
    *(
        "asyncio",
        "ctypes.wintypes",
        "decimal",
        "logging.handlers",
        "multiprocessing",
    ),
    *("platform", "queue", "random", "shutil", "tempfile", "threading", "traceback", "uuid"),
    *(
        "PIL.Image",
        "PIL.PngImagePlugin",
        "PIL.JpegImagePlugin",
        "PIL.TiffImagePlugin",
        "lupa.lua51",
    ),
    *("numpy", "numpy.random", "pygments.lexers", "tifffile", "usb.core"),
    *("prompt_toolkit", "prompt_toolkit.input.vt100", "prompt_toolkit.output.vt100"),
    *("rich.console", "rich.progress", "rich.syntax", "rich.table"),
    *("starlette.applications", "uvicorn.lifespan.off", "uvicorn.loops.asyncio"),
    *("uvicorn.protocols.http.h11_impl", "anyio._backends._asyncio"),
)
"""What is loaded as on Linux."""

MODULES = ("termios", "tty", "fcntl", "pty", "resource", "grp", "pwd", "syslog", "crypt", "spwd")

OS = (
    *(
        "fork",
        "forkpty",
        "openpty",
        "getuid",
        "geteuid",
        "getgid",
        "getegid",
        "getgroups",
        "getpgid",
    ),
    *("getpgrp", "getsid", "setsid", "setuid", "setgid", "killpg", "tcgetpgrp", "tcsetpgrp"),
    *("chown", "lchown", "fchown", "fchmod", "mkfifo", "mknod", "chroot", "nice", "uname", "sync"),
    *("posix_fadvise", "posix_fallocate", "sendfile", "statvfs", "fstatvfs", "pread", "pwrite"),
    *("fpathconf", "pathconf", "sysconf", "confstr", "wait", "waitid", "register_at_fork"),
    *("sched_getaffinity", "sched_yield", "getloadavg", "ttyname", "ctermid", "set_blocking"),
    *("O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK", "O_DIRECTORY", "O_SYNC", "O_DSYNC", "O_NOCTTY"),
    *("WIFEXITED", "WIFSIGNALED", "WEXITSTATUS", "WTERMSIG", "EX_OK", "EX_USAGE"),
    *("copy_file_range", "memfd_create"),
)

SIGNALS = (
    *("SIGHUP", "SIGQUIT", "SIGPIPE", "SIGALRM", "SIGCHLD", "SIGCONT", "SIGTSTP", "SIGTTIN"),
    *("SIGTTOU", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGKILL", "SIGSTOP", "SIGIO", "SIGURG"),
    *("alarm", "setitimer", "getitimer", "pause", "sigwait", "sigwaitinfo", "sigtimedwait"),
    *("pthread_kill", "pthread_sigmask", "siginterrupt", "sigpending", "SIG_BLOCK"),
)

BREAK = signal.SIGUSR2
"""The signal of Linux that stands for SIGBREAK."""


def load() -> None:
    """Load what stays as it is on Linux."""
    for name in LIBRARIES:
        importlib.import_module(name)


def pretend() -> None:
    """Take away what Windows lacks, from this process for good."""
    for name in MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    measure = os.statvfs
    shutil.disk_usage = lambda path: _usage(measure(path))  # type: ignore[assignment,return-value]
    for owner, names in ((os, OS), (signal, SIGNALS)):
        for name in names:
            if hasattr(owner, name):
                delattr(owner, name)
    socket.socketpair = _socketpair  # type: ignore[assignment]
    for name in ("AF_UNIX", "SO_REUSEPORT", "TCP_QUICKACK"):
        if hasattr(socket, name):
            delattr(socket, name)
    socket.socket = _socket_class()  # type: ignore[misc]
    shutil._USE_CP_SENDFILE = False  # type: ignore[attr-defined]
    shutil.which = as_on_linux(shutil.which)
    selectors.DefaultSelector = _new_selector  # type: ignore[misc,assignment]
    socket.SO_EXCLUSIVEADDRUSE = socket.SO_REUSEADDR  # type: ignore[attr-defined]
    ctypes.FormatError = os.strerror  # type: ignore[attr-defined]
    signal.SIGBREAK = BREAK  # type: ignore[attr-defined]
    subprocess.CREATE_NEW_PROCESS_GROUP = 0x200  # type: ignore[attr-defined]
    subprocess.Popen.__init__ = _popen_init(subprocess.Popen.__init__)  # type: ignore[method-assign]
    subprocess.Popen.kill = lambda self: self.send_signal(9)  # type: ignore[method-assign]
    # what doctor reads by the system's encoding are the system's files
    own = r"chdkshell(?!\.shell\.doctor)"
    warnings.filterwarnings("error", category=EncodingWarning, module=own)
    sys.platform = "win32"


def _usage(volume: os.statvfs_result) -> tuple[int, int, int]:
    size = volume.f_frsize
    used = volume.f_blocks - volume.f_bfree
    total, free = size * volume.f_blocks, size * volume.f_bavail
    return shutil._ntuple_diskusage(total, size * used, free)


def as_on_linux(call: Any) -> Any:
    """Return a function of a library that does what it does on Linux."""

    def called(*arguments: Any, **options: Any) -> Any:
        before, sys.platform = sys.platform, "linux"
        try:
            return call(*arguments, **options)
        finally:
            sys.platform = before

    return called


def _new_selector() -> selectors.BaseSelector:
    """Return what sockets wait in; asyncio has another there, which signals wake."""
    caller = sys._getframe(1).f_globals["__name__"]
    is_asyncio = caller.startswith("asyncio")
    return selectors.EpollSelector() if is_asyncio else selectors.SelectSelector()


def _socketpair(*arguments: Any) -> tuple[socket.socket, socket.socket]:
    """Return two sockets as Windows has them, too: its are on the loopback interface."""
    one, other = _socket.socketpair()
    return socket.socket(fileno=one.detach()), socket.socket(fileno=other.detach())


def _socket_class() -> Any:
    class Socket(socket.socket):
        """A socket without what Windows' have not."""

        sendmsg = recvmsg = recvmsg_into = sendmsg_afalg = property(_missing)

        def connect_ex(self, address: Any) -> int:
            """Windows says WSAEWOULDBLOCK where others are in progress."""
            code = super().connect_ex(address)
            return errno.EWOULDBLOCK if code == errno.EINPROGRESS else code

    return Socket


def _missing(self: object) -> Any:
    raise AttributeError("Windows has no such call")


def _popen_init(init: Any) -> Any:
    def initialize(self: Any, *arguments: Any, creationflags: int = 0, **options: Any) -> None:
        assert creationflags in (0, 0x200)
        assert not options.get("start_new_session")
        assert not options.get("preexec_fn")
        if arguments and isinstance(arguments[0], list) and arguments[0][0] == "taskkill":
            script = Path(__file__).with_name("taskkill.py")
            arguments = ([sys.executable, str(script), *arguments[0][1:]], *arguments[1:])
        init(self, *arguments, **options)

    return initialize
