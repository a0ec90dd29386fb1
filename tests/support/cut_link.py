"""A simulated camera whose link breaks after so many bytes, and a shell in this process on it."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from chdkshell import link
from chdkshell.errors import DisconnectedError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.transaction import Request, Response
from chdkshell.shell.dispatch import Shell, Status
from chdkshell.shell.output.render import Renderer
from chdkshell.shell.prefs import OutputKind, Prefs
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.transport import SimTransport
from chdkshell.streams import Buffer, NullSink, Sink, Source

CONTAINER = 12
"""Bytes of a request or response without parameters; each of these has four."""


QUICK = 0.1
"""Seconds that a script gets, before each request, to send its next message or to end: so the
traffic of a command does not depend on how quick the scripts are.
"""

Event = tuple[int, Callable[[], None]]
"""What happens at a byte of the traffic."""


class Cut:
    """Counts the bytes of a link, and breaks it at the byte `at` (None: never).

    `then` are things that happen on the way, in their order; `operation` is what is under way.
    """

    def __init__(self) -> None:
        self.at: int | None = None
        self.then: list[Event] = []
        self.count = 0
        self.broken = False
        self.operation = 0

    def pass_on(self, size: int) -> int:
        """Count `size` bytes; return how many of them get through."""
        left = size if self.at is None else max(0, min(size, self.at - self.count))
        self.count += left
        while self.then and self.then[0][0] < self.count:
            self.then.pop(0)[1]()
        self.broken = self.broken or left < size
        return left

    def check(self) -> None:
        if self.broken:
            raise DisconnectedError("the camera went away")


class CutTransport(SimTransport):
    """A link to a simulated camera that breaks where a `Cut` says."""

    def __init__(self, camera: SimCamera, cut: Cut) -> None:
        super().__init__(camera)
        self._scripts = camera.scripts
        self._cut = cut

    def transact(
        self,
        request: Request,
        source: Source | None = None,
        sink: Sink | None = None,
        cancel: CancelToken = NEVER,
    ) -> Response:
        self._cut.check()
        self._cut.operation = request.code
        self._scripts.wait_news(QUICK)
        self._cut.pass_on(CONTAINER + 4 * len(request.params))
        self._cut.check()
        response = super().transact(
            request,
            None if source is None else _CutSource(source, self._cut),
            _CutSink(sink or NullSink(), self._cut),
            cancel,
        )
        self._cut.pass_on(CONTAINER + 4 * len(response.params))
        self._cut.check()
        return response


class _CutSource:
    def __init__(self, source: Source, cut: Cut) -> None:
        self._source = source
        self._cut = cut

    @property
    def length(self) -> int | None:
        return self._source.length

    def chunks(self) -> Iterator[Buffer]:
        for chunk in self._source.chunks():
            through = self._cut.pass_on(len(chunk))
            yield memoryview(chunk)[:through]
            self._cut.check()


class _CutSink:
    def __init__(self, sink: Sink, cut: Cut) -> None:
        self._sink = sink
        self._cut = cut

    def begin(self, length: int | None) -> None:
        self._sink.begin(length)

    def write(self, data: Buffer) -> None:
        through = self._cut.pass_on(len(data))
        if through:
            self._sink.write(memoryview(data)[:through])
        self._cut.check()


class Outcome:
    """What a command came to: its status, what it wrote, and whether the link broke in it."""

    def __init__(self, shell: Shell, ok: bool, was_cut: bool, stdout: str, stderr: str) -> None:
        self.ok = ok
        self.was_cut = was_cut
        self.status = shell.status
        self.stdout = stdout
        self.stderr = stderr


class Bench:
    """A camera with a card and a folder to work in, both put back to the start for each turn."""

    def __init__(self, root: Path, fill: Callable[[Path, Path], None], chdk: bool = True) -> None:
        self.card, self.folder = root / "card", root / "work"
        for part in (self.card, self.folder):
            shutil.rmtree(part, ignore_errors=True)
        fill(self.card, self.folder)
        for part in (self.card, self.folder):
            part.mkdir(parents=True, exist_ok=True)
        self._first = [_Saved(part) for part in (self.card, self.folder)]
        self.camera = SimCamera(self.card, chdk=chdk)
        self.cut = Cut()

    def reset(self) -> None:
        """Put card and folder back to what they were at the start."""
        for part in self._first:
            part.restore()

    def run(
        self,
        line: str,
        at: int | None = None,
        ask: Callable[[str], str] | None = None,
        then: Sequence[Event] = (),
    ) -> tuple[Outcome, int]:
        """Run a command on a new connection, which breaks at byte `at` of the command's traffic.

        `then` happens at bytes of it.

        Returns what it came to, and how many bytes went over the link.
        """
        cut = self.cut = Cut()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                link, "open_transport", lambda address, cancel: CutTransport(self.camera, cut)
            )
            patch.chdir(self.folder)
            stdout, stderr = io.StringIO(), io.StringIO()
            prefs = Prefs(OutputKind.PLAIN)
            shell = Shell(prefs, Renderer(prefs, stdout, stderr), ask=ask)
            try:
                assert shell.connect("sim:")
                cut.count, cut.at, cut.then = 0, at, list(then)
                ok = shell.run(line)
                count, was_cut, cut.then = cut.count, cut.broken, []
                assert shell.status is not Status.BUG, stderr.getvalue()
            finally:
                shell.close()
        return Outcome(shell, ok, was_cut, stdout.getvalue(), stderr.getvalue()), count


class _Saved:
    """A folder as it was: its folders, and its files with their times."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._folders = [str(path) for path in sorted(root.rglob("*")) if path.is_dir()]
        files = (path for path in root.rglob("*") if path.is_file())
        self._files = [(str(path), path.read_bytes(), path.stat().st_mtime_ns) for path in files]

    def restore(self) -> None:
        for entry in os.scandir(self._root):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)  # noqa: PTH108 - this is done thousands of times
        for folder in self._folders:
            os.mkdir(folder)  # noqa: PTH102
        for path, data, mtime in self._files:
            with open(path, "wb") as file:
                file.write(data)
            os.utime(path, ns=(mtime, mtime))


def content(root: Path) -> dict[str, bytes]:
    """Return the files below a folder, which need not be there, by their relative paths."""
    found: dict[str, bytes] = {}
    folders = [(str(root), "")] if root.is_dir() else []
    while folders:
        folder, before = folders.pop()
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                folders.append((entry.path, f"{before}{entry.name}/"))
            elif entry.is_file():
                with open(entry.path, "rb") as file:
                    found[f"{before}{entry.name}"] = file.read()
    return found
