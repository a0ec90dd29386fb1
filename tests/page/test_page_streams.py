"""The picture over HTTP: frames for any number of viewers, none of whom holds up another."""

from __future__ import annotations

import io
from contextlib import ExitStack
from pathlib import Path

import pytest
from PIL import Image
from support.control_room import ServedRoom, Viewer, serving, wait_for_viewers

from chdkshell.api.screensource import ScreenSource
from chdkshell.chdk.imaging.liveview import Frame
from chdkshell.flow import CancelToken
from chdkshell.page.feeds import MAX_VIEWERS
from chdkshell.page.room import RoomOptions


def test_stream_has_pictures_that_move(control_room: ServedRoom) -> None:
    viewer = Viewer(control_room)
    head = viewer.head()
    assert head["content-type"] == "multipart/x-mixed-replace; boundary=frame"
    assert head["cross-origin-resource-policy"] == "same-origin"
    pictures = {viewer.picture() for _ in range(40)}
    viewer.close()
    assert len(pictures) > 1
    for data in pictures:
        with Image.open(io.BytesIO(data)) as image:
            assert (image.format, image.size) == ("JPEG", (720, 540))


@pytest.mark.parametrize("path", ["frame.jpg", "api/cameras/1/frame.jpg?overlay=true"])
def test_single_picture(control_room: ServedRoom, path: str) -> None:
    code, headers, body = control_room.ask(path)
    assert (code, headers["content-type"]) == (200, "image/jpeg")
    with Image.open(io.BytesIO(body)) as image:
        assert image.size == (720, 540)


def test_overlay_is_what_the_camera_draws(control_room: ServedRoom) -> None:
    def mean(path: str) -> bytes:
        with Image.open(io.BytesIO(control_room.ask(path)[2])) as image:
            return image.resize((60, 45)).tobytes()

    plain = mean("frame.jpg")
    drawn = mean("frame.jpg?overlay=true")
    differing = sum(abs(a - b) > 60 for a, b in zip(plain, drawn, strict=True))
    assert differing > 100


def test_who_wants_the_overlay_gets_no_frame_that_was_fetched_without(
    still: ServedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = still.room.stations[0].frames
    monkeypatch.setattr(frames, "_cancel", CancelToken())
    fetch, watched = ScreenSource.fetch, ExitStack()

    def fetch_as_a_viewer_comes(source: ScreenSource, cancel: CancelToken) -> Frame:
        frame = fetch(source, cancel)
        watched.enter_context(frames.overlaid.viewer())
        return frame

    monkeypatch.setattr(ScreenSource, "fetch", fetch_as_a_viewer_comes)
    with watched, frames.plain.viewer():
        frames._turn()
        assert (frames.plain.number, frames.overlaid.number) == (1, 0)
        frames._turn()
        assert (frames.plain.number, frames.overlaid.number) == (2, 1)


def numbered(number: int) -> bytes:
    return b"%08d" % number + bytes(1 << 16)


@pytest.fixture
def still(control_room: ServedRoom) -> ServedRoom:
    """A control room whose frames the test itself publishes."""
    control_room.room.stations[0].frames._cancel.set()
    control_room.room.stations[0].frames._thread.join()
    return control_room


def test_slow_viewer_does_not_slow_the_others(still: ServedRoom) -> None:
    feed = still.room.stations[0].frames.plain
    slow, fast, third = Viewer(still, receive_buffer=4096), Viewer(still), Viewer(still)
    fast.head()
    third.head()
    wait_for_viewers(still, 3)
    for number in range(200):
        feed.publish(numbered(number))
        assert fast.picture()[:8] == b"%08d" % number
        third.picture()
    slow.head()
    seen = [int(slow.picture()[:8])]
    while seen[-1] < 199:
        seen.append(int(slow.picture()[:8]))
    assert seen == sorted(set(seen)), "it never goes back"
    assert len(seen) < 100, "what it was too slow for was left out"
    for viewer in (slow, fast, third):
        viewer.close()


def test_viewer_that_leaves_is_forgotten(control_room: ServedRoom) -> None:
    viewer = Viewer(control_room)
    viewer.head()
    wait_for_viewers(control_room, 1)
    viewer.close()
    wait_for_viewers(control_room, 0)


def test_there_may_not_be_too_many(still: ServedRoom) -> None:
    viewers = [Viewer(still) for _ in range(MAX_VIEWERS)]
    for viewer in viewers:
        viewer.head()
    assert still.ask("stream")[0] == 503
    assert still.ask("frame.jpg")[0] == 503
    assert still.ask("")[0] == 200
    for viewer in viewers:
        viewer.close()


def test_end_lets_all_viewers_go(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        viewer = Viewer(served)
        viewer.head()
        viewer.picture()
    while not viewer.ended():
        pass
    viewer.close()
    with pytest.raises(ConnectionRefusedError):
        served.ask("")


def test_no_frame_is_fetched_while_nobody_watches(control_room: ServedRoom) -> None:
    before = control_room.camera.session.bytes_read
    assert control_room.ask("")[0] == 200
    assert control_room.get("api/state")["cameras"][0]["stream"] == "idle"
    assert control_room.camera.session.bytes_read == before
    assert control_room.room.frames == 0


def test_several_cameras_have_streams_of_their_own(tmp_path: Path) -> None:
    with serving(tmp_path / "card", RoomOptions(fps=200), cameras=2) as served:
        viewers = [Viewer(served, camera=number) for number in (1, 2)]
        for viewer in viewers:
            viewer.head()
            viewer.picture()
            viewer.close()
        assert [station.frames.count > 0 for station in served.room.stations] == [True, True]
        assert served.ask("api/cameras/3/stream")[0] == 404
