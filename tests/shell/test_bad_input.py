"""Wrong use: one line on stderr that says what and what to do, status 1, no traceback."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.shell_process import check_bad_input, run


@contextmanager
def silent_peer() -> Iterator[int]:
    """A TCP port that answers whatever comes with a web server's words."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                with peer:
                    peer.recv(1000)
                    peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def closed_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a" * 100_000, [f"unknown command '{'a' * 60}...'", "`help` lists the commands"]),
        ("downlaod x", ["unknown command 'downlaod'", "did you mean 'download'?"]),
        ("ls -nosuch", ["unknown switch nosuch", "usage: ls [-l] [path...]"]),
        ("ls 'A/DCIM", ["unclosed '"]),
        ("source missing.txt", ["missing.txt: No such file or directory"]),
        ("luar return 1", ["not connected", "`connect`"]),
        ("connect nosuch:1", ["no matching devices found"]),
        ("connect -p=zz", ["'zz' is not a whole number"]),
    ],
)
def test_bad_input(line: str, words: list[str]) -> None:
    check_bad_input(run("-r", "-e", line), *words)


@pytest.mark.parametrize("how", ["--device", "-c", "connect"])
def test_bad_hosts_and_ports(how: str) -> None:
    def connect(address: str) -> subprocess.CompletedProcess[str]:
        if how == "--device":
            return run("-r", "--device", address, "-e", "luar return 1")
        if how == "-c":
            return run("-r", f"-c{address}", "-e", "luar return 1")
        return run("-r", "-e", f"connect {address}")

    check_bad_input(connect("ip:nosuch.invalid"), "nosuch.invalid")
    check_bad_input(connect(f"ip:127.0.0.1:{closed_port()}"), "127.0.0.1")
    check_bad_input(connect("ip:127.0.0.1:99999"), "99999")
    with silent_peer() as port:
        check_bad_input(connect(f"ip:127.0.0.1:{port}"))


def test_lua_that_does_not_compile() -> None:
    done = run("-r", "--sim", "-e", "luar foo bar")
    assert done.stderr == "ERROR: :1: '=' expected near 'bar'\nuser code: 1\n"
    assert (done.stdout, done.returncode) == ("", 1)


def test_missing_local_files_with_a_camera(tmp_path: Path) -> None:
    for line in ("luar < missing.lua", "lua <missing.lua", "exec < missing.py"):
        done = run("-r", "--sim", "-e", line, cwd=tmp_path)
        check_bad_input(done, "missing.", str(tmp_path))
    assert "src is not a file: missing.txt" in run("--sim", "-e", "u missing.txt").stderr
