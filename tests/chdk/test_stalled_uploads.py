"""Uploads that a camera stalls at: sent once more, in a data phase of another size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.stalling_link import StallingLink

from chdkshell import link
from chdkshell.camera import Camera
from chdkshell.chdk.card.uploading import LocalItem
from chdkshell.chdk.transfersizes import is_risky
from chdkshell.errors import (
    CameraTimeoutError,
    DisconnectedError,
    NoDeviceError,
    TransferStalledError,
)
from chdkshell.flow import CancelToken, Progress
from chdkshell.selftest import running
from chdkshell.selftest.catalogue import CHECKS
from chdkshell.selftest.checks import Kind
from chdkshell.selftest.outcomes import Outcome
from chdkshell.selftest.running import Selftest
from chdkshell.sim.camera import SimCamera


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


def test_selftest_names_the_size_at_which_a_camera_hangs(camera: Camera) -> None:
    the_link(camera).hangs, the_link(camera).revives = True, False
    wanted = [trial for trial in CHECKS if trial.kind is Kind.RISKY]
    test = Selftest(camera, [CHECKS[0], *wanted])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "RECONNECT_SECONDS", 0.1)
        patch.setattr(link, "open_transport", no_camera)
        fine, hung = test.run()
    assert fine.outcome is Outcome.PASSED
    assert hung.seen == "the camera hangs at data of 501 bytes (the camera is silent)"
    assert hung.measured == {"largest": 500}
    assert test.ended_early == "the camera is not there"
    assert test.left == ["A/CHSHTEST may be left on the card: the camera is not there"]


def no_camera(address: str, cancel: CancelToken) -> StallingLink:
    raise NoDeviceError("the camera is not there")


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
