"""Sequences of shots: they run in the program, whoever watches, until they end or are stopped."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import replace

from chdkshell import waits
from chdkshell.chdk.shooting.exposure import STEP, Exposure, FocusMode
from chdkshell.errors import Cancelled, ChdkShellError, UsageError
from chdkshell.flow import CancelToken
from chdkshell.page.cameralook import read_look
from chdkshell.page.problems import CallRefusedError, text_of
from chdkshell.page.shapes import ShotReport
from chdkshell.page.shots import NO_FOLDER, exposure_of, take_shot
from chdkshell.page.station import Station
from chdkshell.page.workshapes import Progress, SequenceForm, SequenceReport

LOG_LINES = 200
"""Lines of the log that are kept."""

LOOK_SECONDS = 0.25
"""How often it is looked whether a pause is over."""

MAX_FAILURES = 3
"""Shots in a row that may fail, such as while the camera is gone, until a sequence ends."""


class Sequence:
    """A sequence of one camera. Each shot is a job of the camera's, so that it can be worked
    between them."""

    def __init__(self, station: Station, form: SequenceForm) -> None:
        if form.kind == "focus" and form.near >= form.far:
            raise UsageError("near is not before far")
        if form.to == "computer" and station.folder is None:
            raise CallRefusedError(409, NO_FOLDER)
        self._station = station
        self._form = form
        self._cancel = CancelToken()
        self._pause = threading.Event()
        self._outcome: Progress | None = None
        self._taken = 0
        self._due: float | None = None
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._tv: int | None = None
        self._thread = threading.Thread(target=self._run, name="sequence", daemon=True)

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._outcome is not None

    @property
    def progress(self) -> Progress:
        """How it goes."""
        return self._outcome or ("paused" if self._pause.is_set() else "running")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def pause(self, on: bool) -> None:
        """Take no more shots, or go on."""
        if self.is_over:
            return
        (self._pause.set if on else self._pause.clear)()
        self._tell("paused" if on else "going on")

    def stop(self) -> None:
        """End, after a shot that is under way, and wait for it."""
        self._cancel.set()
        waits.ended(self._thread, 60.0)

    def report(self) -> SequenceReport:
        """Return how far it has come."""
        left = None if self._due is None or self.is_over else max(0.0, self._due - time.monotonic())
        return SequenceReport(
            camera=self._station.number,
            kind=self._form.kind,
            progress=self.progress,
            taken=self._taken,
            shots=self._form.shots,
            next=None if left is None else round(left, 1),
            log=list(self._log),
        )

    def _run(self) -> None:
        try:
            self._take_all()
            self._end("done", "done")
        except Cancelled:
            self._end("stopped", "stopped")
        except ChdkShellError as error:
            self._end("failed", text_of(error))

    def _take_all(self) -> None:
        failures, start = 0, time.monotonic()
        while self._taken < self._form.shots:
            self._due = start + self._taken * self._form.interval if self._form.interval else None
            self._wait()
            try:
                shot = self._station.submit(self._take).result()
            except CallRefusedError as error:  # gone, or busy with a script
                failures = self._failed(error, failures)
            except Cancelled:
                raise
            except ChdkShellError as error:
                failures = self._failed(error, failures)
            else:
                failures = 0
                self._taken += 1
                self._tell(f"{self._taken}: {', '.join(shot.files)}")

    def _failed(self, error: ChdkShellError, failures: int) -> int:
        if failures + 1 >= MAX_FAILURES:
            raise error
        self._tell(text_of(error))
        self._cancel.wait(max(1.0, self._form.interval))
        return failures + 1

    def _wait(self) -> None:
        while self._pause.is_set() or (self._due is not None and time.monotonic() < self._due):
            left = LOOK_SECONDS if self._due is None else self._due - time.monotonic()
            self._cancel.wait(max(0.001, min(LOOK_SECONDS, left)))
        self._cancel.check()

    def _take(self) -> ShotReport:
        return take_shot(self._station, self._form.to, self._exposure())

    def _exposure(self) -> Exposure:
        """Return what the next shot is taken with."""
        form, number = self._form, self._taken
        exposure = exposure_of(self._station)
        if form.kind == "bracket":
            if self._tv is None:
                self._tv = read_look(self._station.camera.scripts, self._cancel).number("tv")
            steps = number - (form.shots - 1) / 2
            return replace(exposure, tv=round(self._tv - steps * form.step * STEP))
        if form.kind == "focus":
            part = number / max(1, form.shots - 1)
            # even steps of what is sharp are even steps of the inverse distance
            inverse = (1 - part) / form.near + part / form.far
            return replace(exposure, distance=round(1 / inverse), focus_mode=FocusMode.MF)
        return exposure

    def _end(self, outcome: Progress, text: str) -> None:
        self._outcome = outcome
        self._tell(text)

    def _tell(self, text: str) -> None:
        self._log.append(f"{time.strftime('%H:%M:%S')} {text}")
        self._station.publish("sequence", self.report().as_json())
