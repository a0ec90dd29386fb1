"""What `rcapture` does: shots that come straight to this computer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell.chdk.shooting.capture import CapturedShot, CaptureRequest
from chdkshell.chdk.shooting.destinations import CaptureDestination
from chdkshell.chdk.shooting.exposure import Exposure
from chdkshell.chdk.shooting.shots import CapturePlan, CaptureSession
from chdkshell.errors import HostFileError
from chdkshell.flow import Progress
from chdkshell.shell.shots import shotrun
from chdkshell.shell.shots.shotresults import ShotFile, ShotFiles

if TYPE_CHECKING:
    from chdkshell.shell.context import Context

MAX_SCRIPT = 1 << 20
"""Bytes of a script of the user's own; a camera has less memory."""


def request_of(
    context: Context,
    jpg: bool,
    craw: bool,
    raw: bool,
    dng: bool,
    dnghdr: bool,
    first_line: int | None,
    lines: int | None,
    badpix: bool | int | None,
) -> CaptureRequest:
    """Return which files the switches ask for. Raises `UsageError`."""
    if badpix is not None and not dng:
        context.warn("badpix without dng ignored")
    if (first_line is not None or lines is not None) and not (raw or dng):
        context.warn("subimage without raw ignored")
        first_line = lines = None
    return CaptureRequest(
        jpg=jpg,
        canon_raw=craw,
        raw=raw,
        dng=dng,
        dng_header=dnghdr,
        first_line=first_line or 0,
        lines=lines or 0,
        bad_pixels=int(0 if badpix is True else badpix) if badpix is not None and dng else None,
    )


def plan_of(
    context: Context,
    exposure: Exposure,
    *,
    shots: int | None,
    interval: float,
    cont: bool | int,
    quick: bool | int,
    dummy_files: bool,
    shot_wait: int | None,
    script: str | None = None,
    interactive_idle: float | None = None,
) -> CapturePlan:
    """Return how the switches have the shots taken. Raises `UsageError` and `HostFileError`."""
    counts = [int(value) for value in (cont, quick) if value and value is not True]
    if counts and shots is not None:
        context.warn("shot count specified with -quick or -cont, ignoring -shots")
    count = counts[0] if counts else shots or 1
    camera_keeps_time = bool(cont or quick or script)
    return CapturePlan(
        exposure=exposure,
        shots=count,
        interval=interval,
        cont=bool(cont),
        quick=bool(quick),
        interactive_idle=interactive_idle,
        on_request=count > 1 and not camera_keeps_time,
        dummy_files=dummy_files,
        script=None if script is None else _read_script(script),
        shot_wait=None if shot_wait is None else shot_wait / 1000,
    )


def _read_script(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_SCRIPT + 1)
    except OSError as error:
        raise HostFileError(f"cannot read {path}: {error.strerror or error}") from error
    if len(data) > MAX_SCRIPT:
        raise HostFileError(f"{path} is too long for a script")
    return data


class CaptureShots:
    """Takes the shots of a plan and fetches their files."""

    def __init__(
        self,
        context: Context,
        request: CaptureRequest,
        plan: CapturePlan,
        destination: str | None,
        literal: bool,
    ) -> None:
        self._context = context
        self._request = request
        self._plan = plan
        self._destination = CaptureDestination(destination, shotrun.camera_names(context), literal)
        self._session: CaptureSession | None = None

    def run(self, sequence: int | None) -> None:
        """Take all shots. What goes wrong leaves the files that are complete."""
        plan = self._plan
        shotrun.start_sequence(self._context, sequence)
        session = self._open()
        with self._context.progress("rcapture") as progress:
            try:
                if plan.on_request:
                    shotrun.run_lapse(
                        self._context,
                        progress,
                        plan.shots,
                        plan.interval,
                        lambda shot: self._take(progress),
                        self._open_again,
                    )
                else:
                    for _ in range(plan.shots):
                        self._fetch(progress)
            except BaseException:
                self._tell_saved()
                if self._session is not None:
                    self._session.abort()
                raise
            session = self._session or session
            session.close(self._context.cancel)

    def _open(self) -> CaptureSession:
        context = self._context
        camera = context.camera
        self._session = CaptureSession(
            camera.protocol,
            camera.scripts,
            self._request,
            self._plan,
            self._destination.path,
            lambda text: context.warn(f"script msg {text}"),
        )
        self._session.open(context.cancel)
        return self._session

    def _open_again(self) -> None:
        self._tell_saved()
        self._open()

    def _take(self, progress: Progress) -> None:
        assert self._session is not None
        self._session.request()
        self._fetch(progress)

    def _fetch(self, progress: Progress) -> None:
        context = self._context
        assert self._session is not None
        self._destination.shot_number = shotrun.shot_number(context)
        shot = self._session.fetch(progress, context.cancel)
        shotrun.count_shot(context)
        if shot.problem:
            context.warn(shot.problem)
        context.emit(shot_result(shot))

    def _tell_saved(self) -> None:
        """Name the files of a shot that did not come whole, which are kept."""
        shot = None if self._session is None else self._session.shot
        if shot is not None and shot.files and not self._is_complete(shot):
            names = ", ".join(str(file.path) for file in shot.files)
            self._context.warn(f"complete files of the shot that failed: {names}")

    def _is_complete(self, shot: CapturedShot) -> bool:
        wanted = bin(int(self._request.data)).count("1") - (1 if self._request.dng else 0)
        return len(shot.files) >= wanted


def shot_result(shot: CapturedShot) -> ShotFiles:
    """Return the files of a shot as a result."""
    files = tuple(ShotFile(str(f.path), f.kind.image_format, f.size) for f in shot.files)
    return ShotFiles(shot.image_number, files, shot.patched_pixels)
