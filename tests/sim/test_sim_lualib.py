"""Modules that scripts find on a simulated card which has no file of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sim_scripts import Runner, simulated


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[Runner]:
    with simulated(tmp_path) as runner:
        yield runner


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("local p=require'propcase' return p.FLASH_MODE,p.FOCUS_STATE,p.SERVO_AF", [143, 18, 298]),
        ("return require'gen/propset1'.FLASH_MODE,require('GEN/propset13').TV", [16, 275]),
        ("return require'gen/cnf_core'.save_raw,require'gen/cnf_osd'.lang_file", [1020, 2135]),
        ("return require'gen/modelist'[2]", ["P"]),
        ("require'wrap13' return get_raw(),set_mf(0),get_video_button()", [0, 0, 1]),
    ],
)
def test_modules(camera: Runner, code: str, expected: list[object]) -> None:
    assert camera.values(code) == expected


def test_the_cards_own_win(camera: Runner) -> None:
    folder = camera.root / "CHDK/LUALIB/GEN"
    folder.mkdir(parents=True)
    (folder / "PROPSET6.LUA").write_text("return {FLASH_MODE=1}")
    assert camera.values("return require'propcase'.FLASH_MODE") == [1]


def test_others_are_not_found(camera: Runner) -> None:
    assert "module 'gen/propset14' not found" in camera.error("require'gen/propset14'")
