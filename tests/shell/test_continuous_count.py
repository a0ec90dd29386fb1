"""Continuous mode: shots are counted by the camera's counter, whenever the script looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.shooting_shell import ShootingShell, shooting_shell

from chdkshell.chdk.shooting import capturesession
from chdkshell.sim.clock import Clock
from chdkshell.sim.properties import Prop

SEEN_IN_PAIRS = (
    b"local native=get_exp_count function get_exp_count() local n=native() return n-n%2 end "
)
"""A script that is held up: whenever it looks, the counter has moved on by two."""


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShootingShell]:
    monkeypatch.setattr(capturesession, "SCRIPT_END_SECONDS", 30.0)
    with shooting_shell(tmp_path / "card", clock=Clock(speed=4)) as shell:
        shell.sim.state.set_prop(Prop.DRIVE_MODE, 1)
        yield shell


def test_a_script_that_is_held_up_ends(
    shell: ShootingShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = shell.sim.scripts.execute
    monkeypatch.setattr(
        shell.sim.scripts,
        "execute",
        lambda source, flags=0: execute(SEEN_IN_PAIRS + source, flags),
    )
    shell.run(f"rcapture -cont=4 {tmp_path}/out/")
    assert len(list((tmp_path / "out").iterdir())) == 4


def test_the_counter_starts_over(shell: ShootingShell, tmp_path: Path) -> None:
    shell.sim.state.exposure_count = 9997
    shell.run(f"rcapture -cont=4 {tmp_path}/out/")
    names = sorted(path.stem for path in (tmp_path / "out").iterdir())
    assert names == ["IMG_0001", "IMG_0002", "IMG_9998", "IMG_9999"]
