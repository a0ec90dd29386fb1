"""What a target can be that is no file: a pipe, a socket, a device, a link; and what came there."""

from __future__ import annotations

import os
import pty
import socket
import stat
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from support.timeouts import TIMEOUT

LAST = b"\0nothing comes after this"
"""What goes to a socket when all that writes to it has ended."""


class Outlet(Protocol):
    """Makes a target at `path`; gives a function that returns what was written to it."""

    def __call__(self, path: Path) -> Iterator[Callable[[], bytes]]: ...


def _collected(read: Callable[[], bytes]) -> tuple[list[bytes], threading.Thread]:
    parts: list[bytes] = []

    def collect() -> None:
        while True:
            try:
                part = read()
            except OSError:
                return
            if not part:
                return
            parts.append(part)

    thread = threading.Thread(target=collect, daemon=True)
    thread.start()
    return parts, thread


@contextmanager
def a_pipe(path: Path) -> Iterator[Callable[[], bytes]]:
    os.mkfifo(path)
    # one that is open for both ends never blocks, and sees no end
    held = os.open(path, os.O_RDWR)
    reader = os.open(path, os.O_RDONLY)
    parts, thread = _collected(lambda: os.read(reader, 1 << 16))

    def result() -> bytes:
        nonlocal held
        if held >= 0:
            os.close(held)
            held = -1
        thread.join(TIMEOUT)
        return b"".join(parts)

    try:
        yield result
        assert stat.S_ISFIFO(path.lstat().st_mode)
    finally:
        result()
        os.close(reader)


@contextmanager
def a_socket(path: Path) -> Iterator[Callable[[], bytes]]:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen(50)
        received: list[bytes] = []
        ended = False

        def serve() -> None:
            while True:
                link, _ = server.accept()
                given = b""
                with link:
                    while part := link.recv(1 << 16):
                        given += part
                if given == LAST:
                    return
                received.append(given)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()

        def result() -> bytes:
            nonlocal ended
            if not ended:
                ended = True
                with socket.socket(socket.AF_UNIX) as last:  # comes after all that wait in line
                    last.connect(str(path))
                    last.sendall(LAST)
                thread.join(TIMEOUT)
            return b"".join(received)

        try:
            yield result
            assert stat.S_ISSOCK(path.lstat().st_mode)
        finally:
            result()


@contextmanager
def a_terminal(path: Path) -> Iterator[Callable[[], bytes]]:
    """A device: the far end of a pseudo terminal, by a link."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    device = os.ttyname(slave)
    path.symlink_to(device)
    parts, thread = _collected(lambda: os.read(master, 1 << 16))

    def result() -> bytes:
        nonlocal slave
        if slave >= 0:
            os.close(slave)
            slave = -1
        thread.join(TIMEOUT)
        return b"".join(parts)

    try:
        yield result
        assert path.readlink() == Path(device)
    finally:
        result()
        os.close(master)


@contextmanager
def a_link(path: Path) -> Iterator[Callable[[], bytes]]:
    """A link to a file that is there, in another folder."""
    real = path.parent / "elsewhere/real"
    real.parent.mkdir()
    real.write_bytes(b"before")
    path.symlink_to(real)
    yield real.read_bytes
    assert path.readlink() == real
    assert [entry.name for entry in real.parent.iterdir()] == ["real"]


@contextmanager
def a_dangling_link(path: Path) -> Iterator[Callable[[], bytes]]:
    """A relative link to a file that is not there yet."""
    real = path.parent / "elsewhere/real"
    real.parent.mkdir()
    path.symlink_to("elsewhere/real")
    yield real.read_bytes
    assert path.readlink() == Path("elsewhere/real")


OUTLETS = {
    "pipe": a_pipe,
    "socket": a_socket,
    "terminal": a_terminal,
    "link": a_link,
    "dangling": a_dangling_link,
}
