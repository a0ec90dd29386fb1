"""The synchronised shot of several cameras: each station is held for it meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from chdkshell.page.problems import CallRefusedError, text_of
from chdkshell.page.room import ControlRoom
from chdkshell.page.shapes import ShotReport
from chdkshell.page.station import Station
from chdkshell.page.workshapes import TogetherReport
from chdkshell.rig.syncreport import SyncReport, SyncRequest
from chdkshell.rig.syncshot import synchronised_shoot

READY_SECONDS = 30.0
"""How long jobs before this one may take."""


def shoot_together(room: ControlRoom, stations: Sequence[Station]) -> TogetherReport:
    """Take one shot with several cameras. Raises `CallRefusedError` where one is not free."""
    go, over = threading.Event(), threading.Event()
    ready = threading.Semaphore(0)

    def hold() -> None:
        ready.release()
        go.wait()
        over.wait()

    try:
        held = [station.submit(hold) for station in stations]
        for each in held:  # one that goes away before its turn never gets there
            each.add_done_callback(lambda _: ready.release())
        for _ in stations:
            if not ready.acquire(timeout=READY_SECONDS):
                raise CallRefusedError(409, "a camera is busy")
        for each in held:
            if each.done():
                each.result()
        go.set()
        cameras = {str(station.number): station.camera for station in stations}
        report = synchronised_shoot(cameras, SyncRequest(), clocks=room.clocks, cancel=room.cancel)
    finally:
        go.set()
        over.set()
    return _told({str(station.number): station for station in stations}, report)


def _told(stations: dict[str, Station], report: SyncReport) -> TogetherReport:
    problems = [text_of(report.ended)] if report.ended else []
    fired, spread = [], None
    for shot in report.shots:
        spread = shot.spread
        if shot.called_off:
            problems.append(text_of(shot.called_off))
        for name, camera in shot.cameras.items():
            if camera.fired:
                fired.append(int(name))
                files = [picture.path for picture in camera.pictures]
                told = ShotReport(int(name), camera.count or 0, files, "card", "taken together")
                stations[name].publish("shot", told.as_json())
            if camera.problem:
                problems.append(f"{stations[name].label}: {text_of(camera.problem)}")
    return TogetherReport(fired, None if spread is None else round(spread, 2), problems)
