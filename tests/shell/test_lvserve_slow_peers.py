"""Connections that ask for nothing: the live view's server bounds them, and serves who asks."""

# needs: POSIX

from __future__ import annotations

import re
import signal
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.served_view import WAIT, Viewer, ask, bare  # noqa: F401 - a fixture
from support.shell_process import environment, program

from chdkshell.shell.viewing import liveserver
from chdkshell.shell.viewing.liveserver import MAX_CONNECTIONS, MAX_VIEWERS, LiveServer

MANY = 6 * MAX_CONNECTIONS


def connect(server: LiveServer, sent: bytes = b"GET / HT") -> socket.socket:
    """Open a connection that has begun to ask."""
    made = socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0), WAIT)
    made.sendall(sent)
    return made


def threads() -> int:
    """Return how many threads serve connections."""
    return sum("process_request_thread" in thread.name for thread in threading.enumerate())


def wait_until_threads_are_few() -> None:
    step = threading.Event()
    for _ in range(WAIT * 100):
        if threads() <= MAX_CONNECTIONS:
            return
        step.wait(0.01)
    raise AssertionError(f"{threads()} threads")


@pytest.fixture
def crowd(bare: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveServer]:  # noqa: F811
    """A server with many connections that have not asked yet, ask for nothing, and may for ever."""
    monkeypatch.setattr(liveserver, "REQUEST_SECONDS", 3600.0)
    monkeypatch.setattr(liveserver._Handler, "timeout", 3600.0)
    with ExitStack() as stack:
        for _ in range(MANY):
            stack.enter_context(connect(bare))
        yield bare


def test_many_slow_connections_are_few_threads(crowd: LiveServer) -> None:
    assert ask(crowd, "status")[0] == 200  # all that came before it were taken
    wait_until_threads_are_few()


def test_who_asks_is_served_in_a_crowd(crowd: LiveServer) -> None:
    for _ in range(5):
        assert ask(crowd, "")[0] == 200
    viewer = Viewer(crowd)
    viewer.head()
    with ExitStack() as stack:
        for _ in range(MANY):
            stack.enter_context(connect(crowd))
        assert ask(crowd, "status")[0] == 200
        crowd.feed.publish(b"a picture")
        assert viewer.picture() == b"a picture", "who watches is not dropped for others"
    viewer.close()


def test_all_viewers_have_room(crowd: LiveServer) -> None:
    viewers = [Viewer(crowd) for _ in range(MAX_VIEWERS)]
    for viewer in viewers:
        viewer.head()
    assert ask(crowd, "")[0] == 200
    for viewer in viewers:
        viewer.close()


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "])
def test_a_connection_has_a_time_to_ask(
    bare: LiveServer,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    sent: bytes,
) -> None:
    """Also one that sends a byte from time to time."""
    monkeypatch.setattr(liveserver, "REQUEST_SECONDS", 0.2)
    with connect(bare, sent) as slow:
        slow.settimeout(0.02)
        for _ in range(WAIT * 50):
            try:
                if slow.recv(1) == b"":
                    return
            except TimeoutError:
                slow.sendall(b"x")
            except ConnectionError:
                return
    raise AssertionError("it was kept")


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="/proc tells of threads")
def test_the_program_stays_small_in_a_crowd() -> None:
    with (
        subprocess.Popen(
            [*program(), "-r", "--sim", "-e", "lvserve -port=0"],
            env=environment(),
            stdout=subprocess.PIPE,
            encoding="utf-8",
        ) as process,
        ExitStack() as stack,
    ):
        assert process.stdout is not None
        url = re.search(r"http://\S+", process.stdout.readline())
        assert url
        port = urlsplit(url[0]).port
        counts = []
        for number in range(MANY):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", port), WAIT))
            slow.sendall(b"GET / HT")
            if number % MAX_CONNECTIONS == 0:
                with urllib.request.urlopen(url[0], timeout=WAIT) as page:
                    assert page.status == 200
                counts.append(len(list(Path(f"/proc/{process.pid}/task").iterdir())))
        assert max(counts) < 2 * MAX_CONNECTIONS, counts
        process.send_signal(signal.SIGINT)
        assert process.wait(WAIT) == 130
