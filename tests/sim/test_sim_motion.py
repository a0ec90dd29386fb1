"""Motion detection on the simulated camera's moving scene, and the histogram of its live view."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sim_camera import CameraRunner, power_on

from chdkshell.sim.api.motion import Grid

QUIET = "6,4,1,{},7,10,0,0,0,0,0,0,0,0"
"""Arguments of a detection that takes no picture; its timeout is left open."""


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[CameraRunner]:
    runner = power_on(tmp_path / "card")
    yield runner
    runner.camera.close()


def test_the_balloon_moves(camera: CameraRunner) -> None:
    code = f"local n=md_detect_motion({QUIET.format(86400000)}) local most=0 "
    most = "for c=1,6 do for r=1,4 do most=math.max(most,md_get_cell_diff(c,r)) end end "
    found, difference, bright, outside = camera.values(
        code + most + "return n,most,md_get_cell_val(1,1),md_get_cell_val(7,1)"
    )
    assert isinstance(found, int)
    assert isinstance(difference, int)
    assert isinstance(bright, int)
    assert found >= 1
    assert difference > 10
    assert 0 < bright < 256
    assert outside == 0


def test_scripts_find_it_with_their_usual_numbers(camera: CameraRunner) -> None:
    """As CHDK's own motion.lua asks: 6 by 6 cells, every 200 ms, 25 of 255."""
    found = camera.value("return md_detect_motion(6,6,1,86400000,200,25,0,0,0,0,0,0,0,0,2,500)")
    assert isinstance(found, int)
    assert found >= 1


def test_nothing_moves_in_play_mode(camera: CameraRunner) -> None:
    camera.state.recording = False
    code = f"local t=get_tick_count() local n=md_detect_motion({QUIET.format(500)}) "
    assert camera.values(code + "return n,get_tick_count()-t>=500") == [0, True]


def test_a_picture_is_taken_at_once(camera: CameraRunner) -> None:
    code = "local n=md_detect_motion(6,4,1,86400000,7,10) while get_exp_count()<1 do sleep(10) end "
    assert camera.values(code + "return n>0,get_exp_count()") == [True, 1]
    assert camera.state.keys_held == set()


def test_cells_that_are_left_out_are_not_watched() -> None:
    def moved(mode: int) -> int:
        grid = Grid(2, 2, 1, 10, mode, (1, 1, 1, 2), values=[0, 0, 0, 0])
        return grid.look([50, 0, 5, 60])

    assert [moved(mode) for mode in (0, 1, 2)] == [2, 1, 1]


def test_there_are_at_most_as_many_cells_as_on_a_camera(camera: CameraRunner) -> None:
    camera.state.recording = False
    assert camera.values("return md_detect_motion(99999,99999,1,0)") == [0]


def test_the_histogram_of_the_live_view(camera: CameraRunner) -> None:
    code = (
        "local h,total=get_live_histo() local sum=0 for i=0,255 do sum=sum+h[i] end "
        "return total,sum,h[256],h[-1]"
    )
    assert camera.values(code) == [180 * 120, 180 * 120, None, None]
