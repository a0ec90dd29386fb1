"""Work that is done while the prompt waits: one thread, one job at a time.

A command never runs beside a job: the prompt pauses the thread before a command and resumes it
after. So a job may use the camera, and gives way by looking at its token.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Hashable
from types import TracebackType
from typing import Self

from chdkshell import waits
from chdkshell.bugs import log_bug
from chdkshell.errors import ChdkShellError
from chdkshell.flow import CancelToken

log = logging.getLogger(__name__)

Job = Callable[[CancelToken], None]

GIVE_WAY_SECONDS = 5.0
"""How long a command waits for a job to give way: a camera may take its time to answer."""


class Background:
    """Runs jobs in a thread of its own while it is not paused. It begins paused."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._jobs: dict[Hashable, Job] = {}
        self._periods: dict[Hashable, tuple[float, Job]] = {}
        self._due: dict[Hashable, float] = {}
        self._paused = True
        self._closed = False
        self._running = False
        self._cancel = CancelToken()
        self._thread = threading.Thread(target=self._work, name="background", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def submit(self, key: Hashable, job: Job) -> None:
        """Run `job` once, as soon as can be. One that waits under the same key is forgotten."""
        with self._changed:
            self._jobs[key] = job
            self._changed.notify_all()

    def every(self, seconds: float, key: Hashable, job: Job) -> None:
        """Run `job` each time the prompt comes back, and then every so many seconds."""
        with self._changed:
            self._periods[key] = (seconds, job)
            self._due[key] = 0.0
            self._changed.notify_all()

    def resume(self) -> None:
        """The prompt waits: work may be done."""
        with self._changed:
            self._paused = False
            self._due = dict.fromkeys(self._periods, 0.0)
            self._changed.notify_all()

    def pause(self) -> None:
        """Give way to a command: cancel what runs, and return when it has ended."""
        with self._changed:
            self._paused = True
            self._cancel.set()
            waits.until(self._is_idle_within, GIVE_WAY_SECONDS)

    def close(self) -> None:
        """End the thread."""
        self.pause()
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        waits.ended(self._thread, GIVE_WAY_SECONDS)

    def wait_idle(self, seconds: float) -> bool:
        """Wait until nothing is to be done at once. Returns False where that takes longer."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._running and not self._jobs and self._next_due() > 0, seconds
            )

    def _is_idle_within(self, seconds: float) -> bool:
        return self._changed.wait_for(lambda: not self._running, seconds)

    # ---- the thread ----

    def _work(self) -> None:
        while True:
            with self._changed:
                job = self._next_job()
                while job is None and not self._closed:
                    self._changed.wait(None if self._paused else self._next_due())
                    job = self._next_job()
                if job is None or self._closed:
                    return
                self._running = True
                self._cancel = CancelToken()
                cancel = self._cancel
            try:
                with contextlib.suppress(ChdkShellError):
                    job(cancel)
            except Exception as error:
                log_bug(log, "a background job of the prompt failed", error)
            finally:
                with self._changed:
                    self._running = False
                    self._changed.notify_all()

    def _next_job(self) -> Job | None:
        if self._paused or self._closed:
            return None
        if self._jobs:
            return self._jobs.pop(next(iter(self._jobs)))
        now = time.monotonic()
        for key, (seconds, job) in self._periods.items():
            if self._due[key] <= now:
                self._due[key] = now + seconds
                return job
        return None

    def _next_due(self) -> float:
        if not self._due:
            return 3600.0
        return max(0.0, min(self._due.values()) - time.monotonic())
