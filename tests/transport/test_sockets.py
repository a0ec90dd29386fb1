"""Sockets as Windows has them: whose port it is, and what errors are called."""

from __future__ import annotations

import ctypes
import errno
import socket
import sys
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chdkshell.errors import ConnectError
from chdkshell.flow import NEVER
from chdkshell.page.listening import PageServer
from chdkshell.reasons import Reason
from chdkshell.share import server as ptp_server
from chdkshell.transport import sockets
from chdkshell.transport.ipconnect import Connector

EXCLUSIVE = ~socket.SO_REUSEADDR


class Options:
    """Stands for a socket, and keeps what is set."""

    def __init__(self) -> None:
        self.set: list[tuple[int, int, int]] = []

    def setsockopt(self, level: int, option: int, value: int) -> None:
        self.set.append((level, option, value))


def test_a_port_on_windows_is_for_one_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", EXCLUSIVE, raising=False)
    options = Options()
    sockets.claim_port(cast(socket.socket, options))
    assert options.set == [(socket.SOL_SOCKET, EXCLUSIVE, 1)]


def test_elsewhere_a_port_is_free_again_at_once() -> None:
    options = Options()
    sockets.claim_port(cast(socket.socket, options))
    assert options.set == [(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)]


def test_all_that_listen_claim_their_port(monkeypatch: pytest.MonkeyPatch) -> None:
    claimed: list[socket.socket] = []
    real_setsockopt = socket.socket.setsockopt
    others: list[int] = []

    def setsockopt(self: socket.socket, level: int, option: int, *value: Any) -> None:
        others.append(option)
        real_setsockopt(self, level, option, *value)

    monkeypatch.setattr(socket.socket, "setsockopt", setsockopt)
    monkeypatch.setattr(sockets, "claim_port", claimed.append)
    with ptp_server._listen("127.0.0.1", 0) as listener:
        assert claimed == [listener]
    PageServer("127.0.0.1", 0).close()
    assert len(claimed) == 2
    shared = {socket.SO_REUSEADDR, getattr(socket, "SO_REUSEPORT", socket.SO_REUSEADDR)}
    assert not shared & set(others), "nothing else shares it"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_that_is_taken(host: str) -> None:
    try:
        first = sockets.listen(host, 0)
    except OSError:
        pytest.skip(f"this machine has no {host}")
    with first, pytest.raises(ConnectError) as raised:
        ptp_server._listen(host, first.getsockname()[1])
    assert raised.value.reason is Reason.PORT_TAKEN


TEXTS = {
    10061: "No connection could be made because the target machine actively refused it.\r\n",
    10051: "A socket operation was attempted to an unreachable network.\r\n",
}


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(ctypes, "FormatError", TEXTS.__getitem__, raising=False)


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("code", TEXTS)
def test_errors_have_the_texts_of_windows(code: int) -> None:
    error = sockets.system_error(code)
    assert error.errno == code
    assert error.strerror == TEXTS[code].strip().rstrip(".")


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize(
    ("code", "said"),
    [
        (10061, "refused the connection: nothing listens on port 4"),
        (10051, "cannot be reached: A socket operation was attempted to an unreachable network"),
    ],
)
def test_connecting_says_so(monkeypatch: pytest.MonkeyPatch, code: int, said: str) -> None:
    monkeypatch.setattr(errno, "ECONNREFUSED", 10061)
    monkeypatch.setattr(socket.socket, "connect_ex", lambda *arguments: code)
    with pytest.raises(ConnectError) as raised:
        Connector("127.0.0.1", 4, 1.0, NEVER).connect(1.0)
    assert str(raised.value) == f"ip:127.0.0.1:4 {said}"
    assert raised.value.reason is Reason.NOT_REACHABLE
