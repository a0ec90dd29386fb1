"""A simulated camera in a process of its own: `chdkshell sim`."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.shell_process import environment, program


@contextmanager
def simulated_camera(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, Path]]:
    """`chdkshell sim`: the process, its address and its card."""
    child = subprocess.Popen(
        [*program(), "sim", "--port", "0", *arguments],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert child.stdout
        said = re.fullmatch(
            r"simulated camera at (ip:127\.0\.0\.1:\d+) \(card: (.+)\)\n", child.stdout.readline()
        )
        assert said
        assert child.stdout.readline().startswith("for gphoto2: ")
        yield child, said[1], Path(said[2])
    finally:
        child.kill()
        child.communicate()


@dataclass(frozen=True, slots=True)
class RigCamera:
    """A camera of `chdkshell sim --count`: where it is, who it is, and the process it lives in."""

    address: str
    serial: str
    process: int
    card: Path


@contextmanager
def simulated_rig(
    count: int, *arguments: str, **settings: str
) -> Iterator[tuple[subprocess.Popen[str], list[RigCamera]]]:
    """`chdkshell sim --count`: the process, and its cameras."""
    child = subprocess.Popen(
        [*program(), "sim", "--port", "0", "--count", str(count), *arguments],
        env=environment(**settings),
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert child.stdout
        cameras = [_rig_camera(child.stdout.readline()) for _ in range(count)]
        yield child, cameras
    finally:
        child.terminate()
        child.communicate()


def _rig_camera(line: str) -> RigCamera:
    form = r"simulated camera at (ip:\S+) \(serial (\w+), process (\d+), card: (.+)\)\n"
    said = re.fullmatch(form, line)
    assert said, line
    return RigCamera(said[1], said[2], int(said[3]), Path(said[4]))
