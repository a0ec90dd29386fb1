"""The synchronised shot of all cameras that are shown: each is left to it meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chdkshell import waits
from chdkshell.errors import ChdkShellError
from chdkshell.flow import CancelToken
from chdkshell.rig.syncreport import SyncReport
from chdkshell.shell.viewing.tile import Tile

if TYPE_CHECKING:
    from chdkshell.rig.rig import Rig

READY_SECONDS = 10.0
"""How long what a camera does before may take."""


class JointShot:
    """Takes one shot with all cameras at the same moment, in a thread of its own."""

    def __init__(self, rig: Rig, tiles: Sequence[Tile]) -> None:
        self._rig = rig
        self._tiles = tiles
        self._cancel = CancelToken()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Begin, where none is being taken. All cameras shoot, or nobody does."""
        if self._thread is not None and self._thread.is_alive():
            self._say("the cameras are shooting")
            return
        gone = [tile.member.label for tile in self._tiles if tile.state == "gone"]
        if gone:
            self._say(f"{', '.join(gone)}: gone; nobody shoots without all")
            return
        self._say("all get ready")
        self._thread = threading.Thread(target=self._shoot, name="joint shot", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it, and wait for that."""
        self._cancel.set()
        if self._thread is not None:
            waits.ended(self._thread, READY_SECONDS)

    def _say(self, text: str) -> None:
        for tile in self._tiles:
            tile.say(text)

    def _shoot(self) -> None:
        ready, over = threading.Semaphore(0), threading.Event()
        try:
            for tile in self._tiles:
                tile.hold(ready, over)
            for _ in self._tiles:
                if not ready.acquire(timeout=READY_SECONDS):
                    self._say("a camera is busy: nobody shoots")
                    return
            numbers = ",".join(str(tile.member.number) for tile in self._tiles)
            text = told(self._rig.shoot(selection=numbers, cancel=self._cancel))
        except ChdkShellError as error:
            text = str(error)
        finally:
            over.set()
        self._say(text)


def told(report: SyncReport) -> str:
    """Return on a line what came of a shot."""
    parts = [str(report.ended)] if report.ended else []
    for shot in report.shots:
        if shot.called_off:
            parts.append(str(shot.called_off))
            continue
        text = f"{len(shot.fired)} of {len(shot.cameras)} fired"
        if shot.spread is not None:
            text += f", spread {shot.spread:.1f} ms"
        if shot.spread_bound is not None:
            text += f" (at most {shot.spread_bound:.1f})"
        parts.append(text)
        parts += [f"{one.camera}: {one.problem}" for one in shot.cameras.values() if one.problem]
    return "; ".join(parts)
