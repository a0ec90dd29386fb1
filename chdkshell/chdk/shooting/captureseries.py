"""Series of remote captures: shots that come straight to this computer."""

from __future__ import annotations

from chdkshell.chdk.shooting.capture import CapturedShot, CaptureRequest
from chdkshell.chdk.shooting.capturesession import CapturePlan, CaptureSession
from chdkshell.chdk.shooting.destinations import CaptureDestination
from chdkshell.chdk.shooting.series import (
    RECONNECT_SECONDS,
    ConnectedCamera,
    ShotListener,
    ShotSeries,
    bring_back,
)
from chdkshell.errors import TransportError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress


class CaptureSeries(ShotSeries):
    """Takes the shots of a plan and fetches their files to where `destination` says.

    A file that is there is never overwritten. `first_number` is what ${shotseq} starts with.
    """

    def __init__(
        self,
        camera: ConnectedCamera,
        request: CaptureRequest,
        plan: CapturePlan,
        destination: CaptureDestination,
        *,
        first_number: int = 1,
        listener: ShotListener | None = None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> None:
        super().__init__(
            camera,
            plan.shots,
            plan.interval,
            paced=plan.on_request,
            listener=listener,
            progress=progress,
            cancel=cancel,
        )
        self._plan = plan
        self._destination = destination
        self._first_number = first_number
        self._shots: list[CapturedShot] = []
        self._is_set_up = False
        self._is_open = False
        self._is_alone = False
        self._session = CaptureSession(
            camera.protocol, camera.scripts, request, plan, destination.path, self._listener.message
        )

    def run(self) -> list[CapturedShot]:
        """Take the shots, and return what came of each.

        A series survives a camera that drops off the bus, but where a script of the user's own
        shoots: nobody else knows where that would have to go on. Raises `ChdkError` and
        `HostFileError`. Files of a shot that failed stay where they are complete, and are named to
        the listener.
        """
        try:
            if self._plan.script is None:
                self._take_all()
            else:
                self._session.look_before(self._cancel)
                self._session.start(cancel=self._cancel)
                self._follow_script()
            self._close()
        except BaseException:
            self._warn_of_saved()
            self._session.abort()
            raise
        return self._shots

    def _get_ready(self) -> None:
        """Get the camera ready; a script that takes no shot without being told to is started."""
        if self._is_set_up:
            return
        self._session.look_before(self._cancel)
        if self._plan.on_request:
            self._start()
        self._is_set_up = True

    def _start(self) -> None:
        """Start the script that shoots: after a drop-out, for the shot that failed alone.

        The camera would go on beyond that shot, and a link that breaks again would cost two.
        """
        left = self._plan.shots - len(self._shots)
        self._session.start(1 if self._is_alone else left, self._cancel)
        self._is_open = True

    def _follow_script(self) -> None:
        try:
            for _ in range(self._plan.shots):
                self._fetch()
        except TransportError:
            self._listener.warn(
                f"the camera is gone after {len(self._shots)} of {self._plan.shots} shots; "
                "your script is not started again, for only you know where it would have to go on"
            )
            raise

    def _take_shot(self, number: int) -> None:
        if self._is_open and self._is_alone and not self._plan.on_request:
            self._go_on_together()
        if not self._is_open:
            self._start()
        if self._plan.on_request:
            self._session.request()
        self._fetch()

    def _go_on_together(self) -> None:
        """After a shot that was taken alone, take the rest in one go."""
        self._is_set_up = self._is_open = self._is_alone = False
        self._session.close(self._cancel)
        self._get_ready()

    def _fetch(self) -> None:
        self._destination.shot_number = self._first_number + len(self._shots)
        shot = self._session.fetcher.fetch_shot(self._progress, self._cancel)
        self._shots.append(shot)
        if shot.problem:
            self._listener.warn(shot.problem)
        self._listener.captured(shot)

    def _after_drop_out(self) -> bool:
        self._warn_of_saved()
        self._is_set_up, self._is_open, self._is_alone = False, False, True
        self._session.go_over_to(self._camera.protocol, self._camera.scripts, self._cancel)
        return True

    def _close(self) -> None:
        try:
            self._session.close(self._cancel)
        except TransportError as error:
            if self._plan.shots == 1:
                raise
            self._listener.warn(f"the camera is gone after the last shot: {error}; looking for it")
            bring_back(
                self._camera,
                RECONNECT_SECONDS,
                lambda: self._session.go_over_to(
                    self._camera.protocol, self._camera.scripts, self._cancel
                ),
                self._progress,
                self._cancel,
            )

    def _warn_of_saved(self) -> None:
        """Name the files of a shot that did not come whole, which are kept."""
        shot = self._session.fetcher.shot
        if shot.files and not any(shot is done for done in self._shots):
            names = ", ".join(str(file.path) for file in shot.files)
            self._listener.warn(f"complete files of the shot that failed: {names}")
