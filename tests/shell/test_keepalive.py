"""Signs of life to cameras while the prompt is idle."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from support.chdk_replay import Answer, Player
from support.timeouts import TIMEOUT

from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.errors import DisconnectedError, NotConnectedError
from chdkshell.flow import NEVER
from chdkshell.ptp.session import Session
from chdkshell.shell.prompt import keepalive
from chdkshell.shell.prompt.keepalive import KeepAlive, give_sign


class Camera:
    """What the signs of life need of a camera; `asked` is set by the second request."""

    def __init__(self, version: tuple[int, int] | None = (2, 9)) -> None:
        self.asked = threading.Event()
        self.player = Player(answer=self._answer)
        self.session = Session(self.player)
        self.protocol = ChdkProtocol(self.session)
        self.chdk_version = version

    def _answer(self, asked: Any) -> Answer:
        if len(self.player.asked) >= 2:
            self.asked.set()
        return Answer((0,)) if asked.code == 0x9999 else Answer(code=0x2005)


def requests(camera: Camera) -> set[tuple[int, ...]]:
    return {(asked.code, *asked.params[:1]) for asked in camera.player.asked}


@pytest.mark.parametrize(("version", "request_"), [((2, 9), (0x9999, 8)), (None, (0x1001,))])
def test_a_sign_comes_again_and_again(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, int] | None, request_: tuple[int, ...]
) -> None:
    monkeypatch.setattr(keepalive, "_FINISH_SECONDS", TIMEOUT)
    camera = Camera(version)
    with KeepAlive(lambda: [camera], 0.001):  # type: ignore[list-item]
        assert camera.asked.wait(TIMEOUT)
    count = len(camera.player.asked)
    assert requests(camera) == {request_}
    assert not any(thread.name == "keep-alive" for thread in threading.enumerate())
    assert len(camera.player.asked) == count


@pytest.mark.parametrize(("cameras", "seconds"), [(1, 0), (0, 0.001)])
def test_without_interval_or_camera_nothing_runs(cameras: int, seconds: float) -> None:
    there = [Camera()] * cameras
    with KeepAlive(lambda: there, seconds):  # type: ignore[arg-type, return-value]
        assert not any(thread.name == "keep-alive" for thread in threading.enumerate())


def test_a_camera_in_use_is_left_alone() -> None:
    camera = Camera()
    with camera.session.exclusive():
        thread = threading.Thread(target=give_sign, args=(camera, NEVER))
        thread.start()
        thread.join()
    assert camera.player.asked == []


def test_a_camera_that_is_gone_is_no_failure() -> None:
    camera = Camera()
    camera.player = Player(answer=lambda asked: DisconnectedError("asleep"))
    camera.session.transport = camera.player
    give_sign(camera, NEVER)  # type: ignore[arg-type]
    assert camera.session.broken

    class Closed(SimpleNamespace):
        @property
        def session(self) -> Session:
            raise NotConnectedError

    give_sign(Closed(), NEVER)  # type: ignore[arg-type]
