"""How much of the host's memory simulated cameras take: a rig of 24 has to fit beside its user."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from weakref import WeakValueDictionary

import pytest
from support.sim_scripts import simulated

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.display import viewport
from chdkshell.sim.imaging import pictures
from chdkshell.sim.imaging.sensor import SENSORS

MIB = 1 << 20


@pytest.fixture
def traced() -> Iterator[None]:
    """What is allocated is counted, numpy's memory too."""
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()


def peak_of(work: Callable[[], object]) -> int:
    """Return how many bytes more than before are in use at a time, at most."""
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    work()
    return tracemalloc.get_traced_memory()[1] - before


def kept_by(work: Callable[[], object]) -> int:
    """Return how many bytes more than before are in use afterwards."""
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    work()
    gc.collect()
    return tracemalloc.get_traced_memory()[0] - before


@pytest.mark.usefixtures("traced")
def test_a_raw_frame_is_made_as_it_is_taken(tmp_path: Path) -> None:
    with simulated(tmp_path) as camera:
        state = camera.state
        shot = state.expose()
        data = pictures.dng(state, shot, SENSORS[10])
        sizes: list[int] = []
        peak = peak_of(lambda: sizes.extend(len(part) for part in data.chunks()))
        assert sum(sizes) == data.length > SENSORS[10].raw_size
        assert peak < SENSORS[10].raw_size / 2


@pytest.mark.usefixtures("traced")
def test_a_picture_takes_little_more_than_itself(tmp_path: Path) -> None:
    with simulated(tmp_path) as camera:
        shot = camera.state.expose()
        pictures.jpeg(camera.state, shot)
        assert peak_of(lambda: pictures.jpeg(camera.state, shot)) < 6 * MIB


@pytest.mark.usefixtures("traced")
def test_screens_that_show_the_same_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewport, "_backdrops", WeakValueDictionary())  # no other test's
    cameras = [SimCamera() for _ in range(2)]
    try:
        for camera in cameras:
            camera.state.recording = True
        first, second = (camera.screen for camera in cameras)
        one = kept_by(lambda: first.display_data(13))
        assert kept_by(lambda: second.display_data(13)) < one / 2
    finally:
        for camera in cameras:
            camera.close()


@pytest.mark.usefixtures("traced")
def test_a_camera_that_nobody_uses_takes_little() -> None:
    cameras = [SimCamera()]
    try:
        assert kept_by(lambda: cameras.append(SimCamera())) < MIB // 4
    finally:
        for camera in cameras:
            camera.close()
