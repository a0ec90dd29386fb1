"""A simulated camera in a process of its own: `chdkshell sim`."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
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
