"""Files are deleted a portion at a time: a script that deletes cannot be cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chdkshell.camera import Camera, connect
from chdkshell.chdk.card.copying import CopyOptions, SourceRemoved
from chdkshell.chdk.card.removing import REMOVE_AT_ONCE
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import Cancelled
from chdkshell.flow import CancelToken

COUNT = REMOVE_AT_ONCE + 10


@pytest.fixture
def cam(tmp_path: Path) -> Iterator[Camera]:
    folder = tmp_path / "card/D"
    folder.mkdir(parents=True)
    for number in range(COUNT):
        (folder / f"F{number:03}.TXT").write_bytes(b"x")
    with connect(f"sim:card={tmp_path / 'card'}") as camera:
        yield camera


@pytest.fixture
def portions(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Get how many files each script was to delete."""
    seen: list[int] = []
    call = Scripts.call

    def watch(self: Scripts, code: Any, *rest: Any, **options: Any) -> Any:
        if "remove_files(" in str(code):
            seen.append(str(code).count(".TXT"))
        return call(self, code, *rest, **options)

    monkeypatch.setattr(Scripts, "call", watch)
    return seen


def left(tmp_path: Path) -> int:
    return len(list((tmp_path / "card/D").iterdir()))


def test_what_was_listed(cam: Camera, tmp_path: Path, portions: list[int]) -> None:
    cam.files.remove_entries(cam.files.find("*.TXT"))
    assert portions == [REMOVE_AT_ONCE, 10]
    assert left(tmp_path) == 0


def test_a_cancel_is_heard_between_portions(
    cam: Camera, tmp_path: Path, portions: list[int]
) -> None:
    token = CancelToken()
    with pytest.raises(Cancelled):
        cam.files.remove_entries(cam.files.find("*.TXT"), lambda event: token.set(), token)
    assert portions == [REMOVE_AT_ONCE]
    assert left(tmp_path) == 10


def test_what_has_arrived(cam: Camera, tmp_path: Path, portions: list[int]) -> None:
    report = cam.files.download_tree("D", str(tmp_path / "here"), options=CopyOptions(remove=True))
    assert portions == [REMOVE_AT_ONCE, 10]
    assert len(report.removed) == COUNT
    assert left(tmp_path) == 0


def test_what_has_arrived_goes_while_the_rest_is_copied(
    cam: Camera, tmp_path: Path, portions: list[int]
) -> None:
    """A run that is cancelled has deleted the portions that were whole by then."""
    from chdkshell.chdk.card.copyplan import plan
    from chdkshell.chdk.card.targets import TreeTargets

    token, removed = CancelToken(), list[str]()

    def on_event(event: object) -> None:
        if isinstance(event, SourceRemoved) and event.ok:
            removed.append(event.path)
            token.set()

    copies = plan(cam.files.walk("D"), TreeTargets(str(tmp_path / "here")))
    with pytest.raises(Cancelled):
        cam.files.download_copies(
            copies, options=CopyOptions(remove=True), on_event=on_event, cancel=token
        )
    assert portions == [REMOVE_AT_ONCE]
    assert len(removed) == REMOVE_AT_ONCE
    assert left(tmp_path) == 10
