"""Lines of the shell on a camera behind a link that stands for an open USB device."""

from __future__ import annotations

import hashlib
import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from chdkshell import link as connections
from chdkshell.shell.dispatch import Shell
from chdkshell.shell.output.render import Renderer
from chdkshell.shell.prefs import OutputKind, Prefs
from chdkshell.transport.usb import UsbTransport

TIME = 1748779200  # 2025-06-01 12:00:00 UTC


class Lines:
    """A shell that works in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._out, self._err = io.StringIO(), io.StringIO()
        prefs = Prefs(OutputKind.PLAIN)
        self.shell = Shell(prefs, Renderer(prefs, self._out, self._err))

    def run(self, line: str) -> Any:
        """Run a line; return how it went and what it printed. `files` tells what is here."""
        if line == "files":
            found = sorted(path for path in self._folder.rglob("*") if path.is_file())
            return {str(path.relative_to(self._folder)): _sum(path) for path in found}
        for stream in (self._out, self._err):
            stream.seek(0)
            stream.truncate()
        ok = self.shell.run(line)
        return {
            "ok": ok,
            "out": self._out.getvalue().splitlines(),
            "err": self._err.getvalue().splitlines(),
        }


@contextmanager
def lines_on(link: Any, folder: Path) -> Iterator[Lines]:
    """Give a shell to which every `usb:` address is the camera behind `link`."""
    with pytest.MonkeyPatch.context() as patch, _time_zone(patch, "UTC"):
        patch.chdir(folder)
        patch.setattr(connections, "open_transport", lambda address, cancel: UsbTransport(link))
        (folder / "tree/sub").mkdir(parents=True)
        for name, data in (("up.txt", b"hello"), ("tree/a.txt", b"a"), ("tree/sub/b.txt", b"bb")):
            (folder / name).write_bytes(data)
            os.utime(folder / name, (TIME, TIME))
        lines = Lines(folder)
        try:
            yield lines
        finally:
            lines.shell.close()


@contextmanager
def _time_zone(patch: pytest.MonkeyPatch, name: str) -> Iterator[None]:
    patch.setenv("TZ", name)
    time.tzset()
    try:
        yield
    finally:
        patch.undo()
        time.tzset()


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
