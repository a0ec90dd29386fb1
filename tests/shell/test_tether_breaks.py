"""tether where the link breaks, Ctrl-C comes, or a picture stays: each told once, none lost."""

# needs: POSIX

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.cut_link import content
from support.shell_process import environment, program
from support.shooting_shell import shooting_shell
from support.timeouts import TIMEOUT

from chdkshell.ptp.codes import EventCode, OperationCode, ResponseCode
from chdkshell.ptp.transaction import Request, Response
from chdkshell.shell.commands.tether import Fetching
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.chdk_commands import Answer
from chdkshell.sim.interfaces.ipserver import IpServer
from chdkshell.sim.standard.objectstore import STORAGE_ID
from chdkshell.standard.objecttree import ObjectTree
from chdkshell.streams import Sink, Source

PICTURE = b"\xff\xd8" + bytes(range(256)) * 9000 + b"\xff\xd9"


class Cut:
    """Cuts the link at the n-th of an operation's transactions: with -n before it is done."""

    def __init__(self, camera: SimCamera) -> None:
        self._real = camera.responder.transact
        self.done = 0
        self.at: dict[int, list[int]] = {}
        self.counts: dict[int, int] = {}
        self.meanwhile: Callable[[], None] = lambda: None
        camera.responder.transact = self._transact  # type: ignore[method-assign]

    def _transact(self, request: Request, source: Source | None, sink: Sink) -> Response:
        count = self.counts[request.code] = self.counts.get(request.code, 0) + 1
        wanted = self.at.get(request.code, [])
        self.done += count in wanted or -count in wanted
        if -count in wanted:
            self.meanwhile()
            raise ConnectionError("cut before it is done")
        response = self._real(request, source, sink)
        if count in wanted:
            raise ConnectionError("cut after it is done")
        return response


class Tethered:
    """The program that tethers, and the camera. `take` presses the button."""

    def __init__(self, camera: SimCamera, child: subprocess.Popen[str], here: Path) -> None:
        self.camera = camera
        self.child = child
        self.here = here

    def take(self, number: int) -> str:
        """Have the camera store a picture, and return its name."""
        name = f"IMG_{number:04d}.JPG"
        with self.camera.card.open(f"A/DCIM/100CANON/{name}", "w") as file:
            file.write(PICTURE + bytes([number]))
        return name

    def told(self) -> str:
        """Return the next line that tells of a picture."""
        assert self.child.stdout
        return self.child.stdout.readline()

    def end(self) -> tuple[str, str, int]:
        out, err = self.child.communicate(timeout=TIMEOUT)
        return out, err, self.child.returncode


@contextmanager
def tethering(
    tmp_path: Path, switches: str = "", chdk: bool = False
) -> Iterator[tuple[Tethered, Cut]]:
    here, card = tmp_path / "here", tmp_path / "card"
    here.mkdir()
    (card / "DCIM/100CANON").mkdir(parents=True)
    camera = SimCamera(card, chdk=False)
    with IpServer(camera) as server:
        cut = Cut(camera)
        child = subprocess.Popen(
            [*program(), "-r", "-e", f"connect {server.address}", "-e", f"tether {switches} ."],
            cwd=here,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert child.stdout
        assert child.stderr
        try:
            assert child.stdout.readline().startswith("connected: ")
            while "Ctrl-C ends this" not in child.stderr.readline():
                assert child.poll() is None
            yield Tethered(camera, child, here), cut
        finally:
            child.kill()
            child.communicate()
    camera.close()


GET, DELETE, INFO = (
    OperationCode.GET_OBJECT,
    OperationCode.DELETE_OBJECT,
    OperationCode.GET_OBJECT_INFO,
)


@pytest.mark.parametrize("switches", ["", "-rm"])
@pytest.mark.parametrize(
    "at",
    [
        {GET: [-1]},
        {GET: [1, 2]},
        {GET: [2], DELETE: [-1]},
        {DELETE: [1]},
        {INFO: [2, 5], OperationCode.GET_OBJECT_HANDLES: [2]},
    ],
    ids=["get", "got", "got, delete", "deleted", "looks"],
)
def test_the_link_breaks(tmp_path: Path, switches: str, at: dict[int, list[int]]) -> None:
    with tethering(tmp_path, f"{switches} -count=3") as (tethered, cut):
        cut.at = at
        names = [tethered.take(number) for number in (1, 2, 3)]
        out, err, status = tethered.end()
        assert status == 0, err
        assert "ERROR" not in err
        assert ("the camera is gone" in err) is (cut.done > 0)
        assert cut.done or (DELETE in at and not switches)
        told = [line.split(" ", 1)[0] for line in out.splitlines()]
        assert sorted(told) == [f"A/DCIM/100CANON/{name}" for name in names]
        assert content(tethered.here) == {n: PICTURE + bytes([i]) for i, n in enumerate(names, 1)}
        left = [] if switches else names
        assert sorted(p.name for p in (tmp_path / "card").rglob("*.JPG")) == left


def test_the_camera_numbers_its_objects_anew(tmp_path: Path) -> None:
    """It is told, and neither an old picture is fetched again, nor one that may be old."""
    with tethering(tmp_path, "-count=2") as (tethered, cut):
        first = tethered.take(1)
        assert first in tethered.told()
        standard = tethered.camera.standard

        def number_anew() -> None:
            cut.at = {}
            names = (tethered.take(2), first)
            standard.store._paths.clear()
            standard.store._handles.clear()
            paths = ["A/DCIM", "A/DCIM/100CANON", *(f"A/DCIM/100CANON/{name}" for name in names)]
            assert list(map(standard.store.handle, paths)) == [1, 2, 3, 4]

        cut.meanwhile = number_anew
        cut.at = {OperationCode.GET_OBJECT_HANDLES: [-count for count in range(1, 100)]}
        standard.events.tell(EventCode.STORAGE_INFO_CHANGED, STORAGE_ID)
        assert tethered.child.stderr
        while "numbers its objects anew" not in (line := tethered.child.stderr.readline()):
            assert line
        third = tethered.take(3)
        out, err, status = tethered.end()
        assert (status, out.count("\n"), err.count("anew")) == (0, 1, 0)
        assert third in out
        assert sorted(content(tethered.here)) == [first, third]
        assert len(list((tmp_path / "card").rglob("*.JPG"))) == 3


def test_ctrl_c_in_a_picture(tmp_path: Path) -> None:
    """What was not fetched is on the card, the message names it, and nothing half is here."""
    with tethering(tmp_path, "-rm") as (tethered, _):
        first = tethered.take(1)
        assert first in tethered.told()
        responder, real = tethered.camera.responder, tethered.camera.responder._operations[GET]

        def get(params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
            os.kill(tethered.child.pid, signal.SIGINT)
            return real(params, source, sink)

        responder._operations[GET] = get
        second = tethered.take(2)
        _, err, status = tethered.end()
        assert status == 130
        path = f"A/DCIM/100CANON/{second}"
        on_card = content(tmp_path / "card")
        here = content(tethered.here)
        assert here.keys() - {first, second, f"{second}.part", f"{second}.part.note"} == set()
        assert here[first] == PICTURE + b"\1"
        if second in here:  # it had arrived
            assert here[second] == PICTURE + b"\2"
        else:
            assert on_card[path.removeprefix("A/")] == PICTURE + b"\2"
            assert f"{path} is still on the card: `download {path} {second}` fetches it" in err


def test_a_protected_picture_is_fetched_and_kept(tmp_path: Path) -> None:
    with tethering(tmp_path, "-rm -count=2") as (tethered, _):
        real = tethered.camera.responder._operations[DELETE]
        refused: list[int] = []

        def delete(params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
            if refused:
                return real(params, source, sink)
            refused.append(params[0])
            return Answer(ResponseCode.OBJECT_WRITE_PROTECTED)

        tethered.camera.responder._operations[DELETE] = delete
        names = [tethered.take(1), tethered.take(2)]
        out, err, status = tethered.end()
        assert status == 0
        assert out.count("\n") == 2
        assert err.count("WARNING: kept A/DCIM/100CANON/IMG_000") == 1
        assert "ObjectWriteProtected" in err
        assert sorted(content(tethered.here)) == names
        assert len(list((tmp_path / "card").rglob("*.JPG"))) == 1


def test_what_is_deleted_was_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file and its folder, before DeleteObject."""
    steps: list[str] = []
    real_fsync = os.fsync

    def fsync(descriptor: int) -> None:
        steps.append(f"fsync {os.path.realpath(f'/proc/self/fd/{descriptor}')}")
        real_fsync(descriptor)

    (tmp_path / "card/DCIM").mkdir(parents=True)
    (tmp_path / "card/DCIM/IMG_0001.JPG").write_bytes(PICTURE)
    with shooting_shell(tmp_path / "card", record=False, chdk=False) as shell:
        operations = shell.sim.responder._operations
        real = operations[DELETE]

        def delete(params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
            steps.append("delete")
            return real(params, source, sink)

        monkeypatch.setitem(operations, DELETE, delete)
        monkeypatch.setattr(os, "fsync", fsync)
        fetching = Fetching(shell.context, tmp_path, True, None)
        fetching.waiting = [ObjectTree(shell.camera.ptp).find("A/DCIM/IMG_0001.JPG")]
        fetching.fetch_next()
        fetching.remove_arrived()
    part = f"fsync {tmp_path}/IMG_0001.JPG.part"
    assert steps[-1] == "delete"
    assert set(steps[:-1]) == {part, f"fsync {tmp_path}"}
    assert (tmp_path / "IMG_0001.JPG").read_bytes() == PICTURE
    assert not (tmp_path / "card/DCIM/IMG_0001.JPG").exists()
