"""Objects of 4 GiB or more: their size is not told, and no part of them can be asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chdkshell.camera import connect
from chdkshell.chdk.transfer import PART
from chdkshell.errors import Cancelled
from chdkshell.flow import CancelToken, Progress
from chdkshell.ptp.objects import UNKNOWN_SIZE
from chdkshell.standard.objecttree import ObjectTree
from chdkshell.standard.transfer import get

DATA = bytes(range(251)) * 10_000


class Stops(Progress):
    """Breaks off after 2 MB."""

    def __init__(self, token: CancelToken) -> None:
        self._token = token
        self._done = 0

    def advance(self, count: int) -> None:
        self._done += count
        if self._done >= 2_000_000:
            self._token.set()


def test_one_that_was_broken_off_comes_anew(tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    (tmp_path / "card/BIG.BIN").write_bytes(DATA)
    target, token = tmp_path / "big.bin", CancelToken()
    with connect(f"sim:card={tmp_path / 'card'}") as camera:
        node = ObjectTree(camera.ptp).resolve("BIG.BIN")
        assert node.info
        large = replace(node, info=replace(node.info, size=UNKNOWN_SIZE))
        with pytest.raises(Cancelled):
            get(camera.ptp, large, target, progress=Stops(token), cancel=token)
        assert not Path(f"{target}{PART}").exists()
        before = camera.session.bytes_read
        assert get(camera.ptp, large, target) == len(DATA)
        assert camera.session.bytes_read - before == len(DATA)
    assert target.read_bytes() == DATA
