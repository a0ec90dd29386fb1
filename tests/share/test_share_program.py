"""`chdkshell share`: at a port, over a pipe, and what it says."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from support.shell_process import environment, program, run

from chdkshell.camera import Camera
from chdkshell.share.cameralist import lasting_addresses
from chdkshell.transport.base import Device


@contextmanager
def sharing(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The program, and the first line it prints."""
    child = subprocess.Popen(
        [*program(), "share", *arguments],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert child.stdout is not None
        yield child, child.stdout.readline()
    finally:
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout, child.stderr):
            assert stream is not None
            stream.close()


def test_a_camera_at_a_port() -> None:
    with sharing("--port", "0", "sim:serial=FAR") as (child, line):
        said = re.fullmatch(r"sharing Canon PowerShot SIM1, sim:serial=FAR at (ip:\S+)\n", line)
        assert said
        with Camera(said[1]) as camera:
            assert camera.serial == "FAR"
            assert camera.lua("return 1") == 1
        child.terminate()
        assert child.wait(60) == 0
        assert child.stderr is not None
        assert child.stderr.read() == ""


def test_other_computers_are_let_in_by_name_alone() -> None:
    with sharing("--port", "0", "--host", "0.0.0.0", "sim:") as (child, line):
        assert "at ip:0.0.0.0:" in line
        child.terminate()
        assert child.stderr is not None
        (warning,) = child.stderr.read().splitlines()
        assert warning.startswith("WARNING: whoever reaches 0.0.0.0 can use the camera")


def test_over_a_pipe_it_greets_and_ends_with_its_client() -> None:
    with sharing("--stdio", "sim:") as (child, line):
        assert re.fullmatch(r"chdkshell share 1 \S+\n", line)
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(60) == 0


@pytest.mark.parametrize("place", [("--stdio",), ("--port", "0")])
def test_no_camera_is_said_before_anything_else(place: tuple[str, ...]) -> None:
    done = run("share", *place, "ip:127.0.0.1:1")
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("ERROR: ip:127.0.0.1:1 refused the connection")


def test_what_is_no_address() -> None:
    done = run("share", "camera")
    assert done.returncode == 2
    assert "'camera' is not an address of a camera" in done.stderr


def test_addresses_outlast_a_replug() -> None:
    devices = [
        Device("usb:001:004", serial="A", place="USB port 1-4"),
        Device("usb:001:005", serial="B", place="USB port 1-4.2"),
        Device("usb:001:006", serial="B", place="USB port 1-4.3"),
        Device("usb:001:007"),
    ]
    assert lasting_addresses(devices) == [
        "usb:serial=A",
        "usb:port=1-4.2",
        "usb:port=1-4.3",
        "usb:001:007",
    ]


def test_it_lists_the_cameras_on_usb() -> None:
    done = run("share", "--list")
    greeting, line = done.stdout.splitlines()
    assert greeting.startswith("chdkshell share 1 ")
    assert isinstance(json.loads(line), list)
