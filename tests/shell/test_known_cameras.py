"""Several cameras that are not on USB: what `list` shows of them, and changing between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk import Desk

from chdkshell.shell import devices


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.shell.close()


@pytest.fixture
def bare_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "list_devices", lambda *schemes: [])


def test_cameras_that_are_not_on_usb_stay_known(desk: Desk, tmp_path: Path, bare_bus: None) -> None:
    for serial in ("AAA1", "BBB2"):
        desk.run(f'connect "sim:card={tmp_path},model=Canon PowerShot {serial},serial={serial}"')

    def marks() -> list[str]:
        return [line[:2] + line[-4:] for line in desk.run("list")]

    assert marks() == ["-1AAA1", "*2BBB2"]
    for line, serial in (
        ("connect 1", "AAA1"),
        ("connect 2", "BBB2"),
        ("connect -s=AAA", "AAA1"),
        ("connect -nodis bbb", "BBB2"),
        ("connect AAA", "AAA1"),
    ):
        assert desk.run(line) == [f"connected: Canon PowerShot {serial}, max packet size 0"]
        assert desk.run("luar return 1")
    assert marks() == ["*1AAA1", "-2BBB2"]
    desk.run("connect -nodis 2")
    assert marks() == ["+1AAA1", "*2BBB2"]
    assert desk.fail("connect -nodis powershot").startswith(
        "2 cameras fit: 1 (Canon PowerShot AAA1"
    )
    for line in ("connect", "connect -p=0 AAA1", "connect CCC3"):
        assert desk.fail(line).startswith("no matching devices found; ")


def test_a_word_that_is_no_text_fits_no_camera(desk: Desk, bare_bus: None) -> None:
    desk.run("connect sim:serial=AAA1")
    assert desk.fail("connect caf\udcc3\udca9").startswith("no matching devices found; ")
    assert desk.fail("connect [\udcc3").startswith("bad pattern '")
