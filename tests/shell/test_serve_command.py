"""The commands serve and lvserve: what they say, what ends them, and what is served."""

# needs: POSIX

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from support.shell_process import environment, program, run
from support.timeouts import TIMEOUT


def started(line: str, *before: str) -> tuple[subprocess.Popen[str], str, int]:
    """Start a command that serves; return it, what it says first, and its port."""
    process = subprocess.Popen(
        [*program(), "-r", *(before or ("--sim",)), "-e", line],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    match = re.search(r"http://[^/]+:(\d+)/", said)
    assert match, said
    return process, said, int(match[1])


def ask(port: int, path: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -15)])
@pytest.mark.parametrize(
    ("line", "name"), [("lvserve -port=0", "live view"), ("serve -port=0", "control room")]
)
def test_command_serves_until_it_is_stopped(
    line: str, name: str, number: signal.Signals, status: int
) -> None:
    process, said, port = started(line)
    with process:
        assert said == f"{name} at http://127.0.0.1:{port}/ (Ctrl-C ends it)\n"
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)) as connection:
            connection.request("GET", "/stream")
            stream = connection.getresponse()
            assert stream.read(2) == b"--"
            process.send_signal(number)
            out, err = process.communicate(timeout=TIMEOUT)
            stream.close()
    assert (process.returncode, out, err) == (status, "", "")


def test_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("-r", "--sim", "-e", f"serve -port={port}")
    assert done.returncode == 1
    assert done.stderr.startswith(f"ERROR: cannot serve at 127.0.0.1:{port}: ")
    assert "port 0 is any free one" in done.stderr


@pytest.mark.parametrize("host", ["nosuch.invalid", "192.0.2.1"])
def test_host_that_is_not_here_is_told(host: str) -> None:
    done = run("-r", "--sim", "-e", f"serve -host={host}")
    assert done.returncode == 1
    assert done.stderr.startswith(f"ERROR: cannot serve at {host}:8156: ")
    assert "the host is a name or an address of this computer" in done.stderr


@pytest.mark.parametrize("token", ["short", "a/b/c/d/e/f/g/h/i/j", "............"])
def test_token_that_is_none_is_told(token: str) -> None:
    done = run("-r", "--sim", "-e", f"serve -port=0 -token={token}")
    assert done.returncode == 1
    assert "is no token" in done.stderr


def test_url_of_other_computers_keeps_its_token() -> None:
    process, said, port = started("serve -port=0 -host=0.0.0.0 -token=of-this-test-and-no-other")
    with process:
        assert said.endswith("/of-this-test-and-no-other/ (Ctrl-C ends it)\n")
        assert ask(port, "/of-this-test-and-no-other/api/state")[0] == 200
        assert ask(port, "/api/state")[0] == 404
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=TIMEOUT)


def test_cameras_are_called_as_in_the_rig() -> None:
    process, _, port = started("serve -port=0", "--sim", "-e", "rig name 1 left")
    with process:
        (camera,) = json.loads(ask(port, "/api/state")[1])["cameras"]
        assert (camera["camera"], camera["name"]) == (1, "left")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=TIMEOUT)


def test_picture_only_has_no_controls(tmp_path: Path) -> None:
    process, _, port = started("lvserve -port=0 -bm")
    with process:
        calls = json.loads(ask(port, "/openapi.json")[1])["paths"]
        assert "/api/cameras/{camera}/shoot" in calls
        assert "/api/cameras/{camera}/settings" not in calls
        assert ask(port, "/api/cameras/1/settings")[0] == 404
        assert ask(port, "/frame.jpg")[1].startswith(b"\xff\xd8")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=TIMEOUT)
