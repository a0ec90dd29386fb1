"""Parts of the viewfinder: the held half press by the clock, the recording, the histogram."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.fresh_sim import fresh_sim

import chdkshell
from chdkshell.api.screensource import ScreenSource
from chdkshell.chdk.imaging.lvdump import DumpWriter
from chdkshell.errors import HostFileError
from chdkshell.flow import NEVER
from chdkshell.shell.viewing.cameraactions import CameraActions
from chdkshell.shell.viewing.halfhold import WORD_SECONDS, HalfHold
from chdkshell.shell.viewing.histogram import BINS, FrameHistogram, bar_heights
from chdkshell.shell.viewing.screenrecording import ScreenRecording


@pytest.fixture(autouse=True)
def camera_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the camera of other tests in its mode."""
    fresh_sim(monkeypatch)


def test_words_to_the_camera_come_at_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with chdkshell.connect("sim:") as camera:
        camera.mode = "record"
        said: list[str] = []
        sent: list[str] = []
        actions = CameraActions(camera.scripts)
        half = HalfHold(actions, said.append)
        send = camera.scripts.send

        def note(message: str, script_id: int = 0) -> None:
            sent.append(message)
            send(message, script_id)

        monkeypatch.setattr(camera.scripts, "send", note)
        half.hold()
        half.step(100.0)
        assert not sent, "the script has not begun"
        actions.step()
        for now in (100.0, 100.1, 100.0 + WORD_SECONDS, 100.1 + WORD_SECONDS):
            half.step(now)
        assert sent == ["hold", "hold"]
        half.release()
        half.step(100.2 + WORD_SECONDS)
        half.step(101.0)
        assert sent == ["hold", "hold", "release"]
        while actions.busy:
            actions.step()
        assert said == ["", "released"]


@pytest.mark.parametrize("end", ["release", "shoot"])
def test_one_that_is_held_again_at_once_gets_its_words(
    end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with chdkshell.connect("sim:") as camera:
        camera.mode = "record"
        said: list[str] = []
        sent: list[str] = []
        actions = CameraActions(camera.scripts)
        half = HalfHold(actions, said.append)
        send = camera.scripts.send

        def note(message: str, script_id: int = 0) -> None:
            sent.append(message)
            send(message, script_id)

        monkeypatch.setattr(camera.scripts, "send", note)
        half.hold()
        actions.step()
        half.step(100.0)
        getattr(half, end)()
        half.hold()
        assert sent == ["hold", end]
        first = half._action
        while actions._running is None or actions._running.action is not first:
            actions.step()
        assert half.is_held, "what has ended was the one before"
        half.step(100.0)
        assert sent == ["hold", end, "hold"]
        half.release()
        half.step(101.0)
        while actions.busy:
            actions.step()
        assert said[-1] == "released"


def test_a_camera_that_hears_nothing_lets_go_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chdkshell.shell.viewing.halfhold.SILENCE_MS", 50)
    with chdkshell.connect("sim:") as camera:
        camera.mode = "record"
        said: list[str] = []
        actions = CameraActions(camera.scripts)
        half = HalfHold(actions, said.append)
        half.hold()
        while actions.busy:
            actions.step()
        assert not half.is_held
        assert "the camera let go" in said[-1]


def test_histogram_of_known_pixels() -> None:
    picture = np.zeros((120, 256, 3), np.uint8)
    picture[:, 128:] = (255, 0, 0)
    drawn = FrameHistogram.RGB.draw(picture)
    assert (picture[:, :128] == 0).all(), "the picture itself is left alone"
    assert tuple(drawn[-1, 0]) == (255, 255, 255), "half of the red is dark, and all of the others"
    assert tuple(drawn[-1, 127]) == (255, 0, 0), "half of the red is bright, and nothing else"
    assert tuple(drawn[-1, 60]) == (0, 0, 0)
    assert (drawn[: 120 - 40] == picture[: 120 - 40]).all()
    assert (FrameHistogram.NONE.draw(picture) == picture).all()


def test_bars_are_as_high_as_what_is_counted() -> None:
    channel = np.array([0] * 4 + [255] * 2 + [130], np.uint8)
    (bars,) = bar_heights(channel[None], 40)
    assert len(bars) == BINS
    assert (bars[0], bars[BINS - 1], bars[32], bars.sum()) == (40, 20, 10, 70)
    assert [kind.next for kind in FrameHistogram] == [
        FrameHistogram.LUMA,
        FrameHistogram.RGB,
        FrameHistogram.NONE,
    ]


def test_recording_without_a_frame_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    recording = ScreenRecording(0x1234)
    assert recording.path.name.startswith("chdk_1234_")
    assert not recording.close()
    assert not list(tmp_path.iterdir())


def test_full_disk_keeps_the_frames_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with chdkshell.connect("sim:") as camera:
        frame = ScreenSource(camera.protocol, overlay=False).fetch(NEVER)
    recording = ScreenRecording(0)
    recording.write(frame)
    size = recording.path.with_name(recording.path.name + ".part").stat().st_size

    def refuse(self: DumpWriter, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(DumpWriter, "write", refuse)
    with pytest.raises(HostFileError, match="No space left"):
        recording.write(frame)
    assert recording.close()
    assert recording.path.stat().st_size == size
