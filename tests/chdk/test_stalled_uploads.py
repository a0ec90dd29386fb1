"""Uploads that a camera stalls at: sent once more, in a data phase of another size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chdkshell import link
from chdkshell.camera import Camera
from chdkshell.chdk.card.uploading import LocalItem
from chdkshell.chdk.constants import ChdkCommand
from chdkshell.chdk.transfersizes import is_risky
from chdkshell.errors import (
    CameraTimeoutError,
    DisconnectedError,
    TransferStalledError,
)
from chdkshell.flow import NEVER, CancelToken, Progress
from chdkshell.ptp.codes import OperationCode
from chdkshell.ptp.transaction import Request, Response
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.transport import SimTransport
from chdkshell.streams import BytesSource, Sink, Source


class StallingLink(SimTransport):
    """Stalls at uploads in a data phase of a size that `stalls` at.

    `hangs`: it is silent then, until it is reset. `revives` says whether that helps. `sizes` are
    those of the data phases of uploads.
    """

    stalls: Callable[[int], bool] = staticmethod(is_risky)
    hangs = False
    revives = True

    def __init__(self, camera: SimCamera) -> None:
        super().__init__(camera)
        self.sizes: list[int] = []
        self._is_silent = False

    def transact(
        self,
        request: Request,
        source: Source | None = None,
        sink: Sink | None = None,
        cancel: CancelToken = NEVER,
    ) -> Response:
        if self._is_silent:
            raise CameraTimeoutError("the camera is silent")
        if request.code == OperationCode.CHDK and request.params[0] == ChdkCommand.UPLOAD_FILE:
            assert source is not None
            data = b"".join(bytes(chunk) for chunk in source.chunks())
            self.sizes.append(len(data))
            if self.stalls(len(data)):
                # half of it is on the card
                super().transact(request, BytesSource(data[: len(data) // 2]), sink, cancel)
                self._stall()
            source = BytesSource(data)
        return super().transact(request, source, sink, cancel)

    def _stall(self) -> None:
        if self.hangs:
            self._is_silent = True
            raise CameraTimeoutError("the camera is silent")
        raise TransferStalledError("the camera stopped the transfer")

    def reset(self) -> None:
        super().reset()
        if not self.revives:
            raise CameraTimeoutError("the camera does not recover")
        self._is_silent = False


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "card"
    folder.mkdir()
    return folder


@pytest.fixture
def camera(card: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Camera]:
    """A camera with such a link."""
    sim = SimCamera(card)
    monkeypatch.setattr(link, "open_transport", lambda address, cancel: StallingLink(sim))
    with Camera("sim:") as connected:
        yield connected
    sim.close()


def the_link(camera: Camera) -> StallingLink:
    transport = camera.session.transport
    assert isinstance(transport, StallingLink)
    return transport


def test_which_sizes_are_risky() -> None:
    assert [n for n in range(1, 1100) if is_risky(n)] == [*range(501, 513), *range(1013, 1025)]
    high = range(9204, 9204 + 1024)
    assert [n for n in high if is_risky(n)] == [*range(9204, 9217), *range(9716, 9729)]


@pytest.mark.parametrize("hangs", [False, True])
def test_each_size_of_files_comes_through(camera: Camera, card: Path, hangs: bool) -> None:
    the_link(camera).hangs = hangs
    for size in (*range(480, 500), *range(9180, 9205)):
        data = bytes(n % 251 for n in range(size))
        camera.files.write("A/FILE.BIN", data)
        assert (card / "FILE.BIN").read_bytes() == data
        assert [path.name for path in card.iterdir()] == ["FILE.BIN"]
    risky = [size for size in the_link(camera).sizes if is_risky(size)]
    assert len(risky) == 12 + 13, "each is tried once"


def test_the_other_name_is_of_eight_letters_where_that_helps(
    camera: Camera, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    the_link(camera).stalls = lambda size: size == 518  # no size that is known to be bad
    camera.files.write("A/FILE.BIN", bytes(500))
    assert the_link(camera).sizes == [518, 517]


def test_a_camera_that_stalls_at_all_sizes(camera: Camera, card: Path) -> None:
    (card / "FILE.BIN").write_bytes(b"old")
    the_link(camera).stalls = lambda size: True
    with pytest.raises(TransferStalledError, match="the camera stopped the transfer"):
        camera.files.write("A/FILE.BIN", b"x")
    assert len(the_link(camera).sizes) == 2
    assert (card / "FILE.BIN").read_bytes() == b"old"
    assert len(list(card.iterdir())) == 1
    assert camera.lua("return 1") == 1


def test_a_camera_that_hangs_for_good(camera: Camera) -> None:
    the_link(camera).hangs, the_link(camera).revives = True, False
    the_link(camera).stalls = lambda size: True
    with pytest.raises(CameraTimeoutError, match="the camera is silent"):
        camera.files.write("A/FILE.BIN", b"x")
    assert not camera.is_connected
    with pytest.raises(DisconnectedError):
        camera.lua("return 1")


class Sum(Progress):
    def __init__(self) -> None:
        self.count = 0

    def advance(self, count: int) -> None:
        self.count += count


def test_many_files_and_their_progress(camera: Camera, card: Path, tmp_path: Path) -> None:
    items = []
    for size in range(478, 500):
        path = tmp_path / f"F{size}.BIN"
        path.write_bytes(bytes([size & 0xFF]) * size)
        items.append(LocalItem(path, f"A/UP/{path.name}", size, path.stat().st_mtime, False))
    progress = Sum()
    report = camera.files.upload_items(items, progress=progress)
    assert len(report.copied) == len(items)
    assert {path.name: path.stat().st_size for path in (card / "UP").iterdir()} == {
        item.source.name: item.size for item in items
    }
    header = 4 + len("A/UP/CHSH0000.TMP")
    assert any(is_risky(header + item.size) for item in items)
    sent = sum(item.size for item in items)
    assert sent <= progress.count <= sent + 40 * len(items), "names count, failed tries do not"
