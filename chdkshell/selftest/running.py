"""Runs checks on a camera, goes on after what failed, and leaves the camera as it was."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from chdkshell.camera import Camera
from chdkshell.chdk import versions
from chdkshell.chdk.constants import ScriptStatus
from chdkshell.connection import RECONNECT_SECONDS
from chdkshell.errors import (
    Cancelled,
    CardError,
    ChdkShellError,
    ChdkVersionError,
    HostFileError,
    MissingPackageError,
)
from chdkshell.flow import NEVER, CancelToken
from chdkshell.selftest.bench import FOLDER, Bench
from chdkshell.selftest.checks import Trial
from chdkshell.selftest.outcomes import AbsentError, CheckFailedError, CheckResult, Outcome

END_SECONDS = 30.0
"""How long a script of a check that failed may take to end where it cannot be killed."""

_PAUSE = 0.05

_PLAY = "play"


class Selftest:
    """One run of some checks on a connected camera.

    `on_deleted` is told of each picture that was taken and deleted. `results` are what came so far.
    `ended_early` says why the rest of the checks was not tried, and `left` what could not be put
    back as it was.
    """

    def __init__(
        self,
        camera: Camera,
        checks: Sequence[Trial],
        on_begin: Callable[[Trial], None] = lambda check: None,
        on_result: Callable[[CheckResult], None] = lambda result: None,
        on_deleted: Callable[[str], None] = lambda path: None,
        cancel: CancelToken = NEVER,
    ) -> None:
        self.results: list[CheckResult] = []
        self.ended_early = ""
        self.left: list[str] = []
        self._camera = camera
        self._checks = checks
        self._on_begin = on_begin
        self._on_result = on_result
        self._on_deleted = on_deleted
        self._cancel = cancel
        self._mode = ""

    def run(self) -> list[CheckResult]:
        """Run the checks and return what came of each.

        Raises `CardError` where the folder for files is on the card already, what the library
        raises where not even that can be found out, `HostFileError`, and `Cancelled`. The card is
        put in order in all cases.
        """
        files = self._camera.files
        if files.exists(FOLDER, self._cancel):
            raise CardError(f"{FOLDER} is on the card already", FOLDER)
        self._mode = self._camera.mode
        with tempfile.TemporaryDirectory(prefix="chdkshell-", ignore_cleanup_errors=True) as local:
            bench = Bench(self._camera, Path(local), self._cancel, self._on_deleted)
            try:
                files.mkdir(FOLDER, self._cancel)
                self._run_all(bench)
            except SystemExit:  # the program has to end at once
                raise
            except BaseException:
                self._put_in_order(bench)
                raise
            self._put_in_order(bench)
        return self.results

    def _run_all(self, bench: Bench) -> None:
        for check in self._checks:
            self._cancel.check()
            self._on_begin(check)
            result = self._run(check, bench)
            self.results.append(result)
            self._on_result(result)
            if result.outcome is not Outcome.PASSED:
                try:
                    self._recover(self._cancel)
                except Cancelled:
                    raise
                except ChdkShellError as error:
                    self.ended_early = str(error)
                    return

    def _run(self, check: Trial, bench: Bench) -> CheckResult:
        bench.measured = {}
        start = time.monotonic()
        expected = ""
        try:
            if check.needs is not None:
                self._camera.protocol.require(check.needs)
            if check.records:
                self._camera.switch_mode(True, self._cancel)
            seen, outcome = check.run(bench), Outcome.PASSED
        except (Cancelled, HostFileError):
            raise
        except (AbsentError, ChdkVersionError, MissingPackageError) as error:
            seen, outcome = str(error), Outcome.ABSENT
        except CheckFailedError as error:
            seen, expected, outcome = error.seen, error.expected, Outcome.FAILED
        except ChdkShellError as error:
            seen, expected, outcome = str(error), check.expected, Outcome.FAILED
        seconds = round(time.monotonic() - start, 3)
        return CheckResult(check.name, outcome, seen, expected, seconds, bench.measured)

    def _recover(self, cancel: CancelToken) -> None:
        """Get the camera ready for the next check. Raises `ChdkShellError` where it does not."""
        camera = self._camera
        if not camera.is_connected:
            camera.reconnect(RECONNECT_SECONDS, cancel)
        scripts = camera.scripts
        if scripts.protocol.script_status() & ScriptStatus.RUNNING:
            if scripts.protocol.supports(versions.SCRIPT_FLAGS):
                scripts.kill()
            self._wait_for_end(cancel)
        scripts.drain()

    def _wait_for_end(self, cancel: CancelToken) -> None:
        protocol = self._camera.protocol
        deadline = time.monotonic() + END_SECONDS
        while protocol.script_status() & ScriptStatus.RUNNING:
            if time.monotonic() > deadline:
                raise CheckFailedError("a script does not end", "its end")
            cancel.wait(_PAUSE)

    # ---- putting in order -----------------------------------------------------------------------

    def _put_in_order(self, bench: Bench) -> None:
        """Leave camera and card as they were; note in `left` what cannot be."""
        try:
            self._recover(NEVER)
        except ChdkShellError as error:
            self.left += [f"{path} may be left on the card: {error}" for path in bench.pictures]
            self.left.append(f"{FOLDER} may be left on the card: {error}")
            return
        for what, step in (
            ("a picture may be left on the card", bench.find_picture),
            ("a picture is left on the card", bench.delete_pictures),
            ("the mode is another than before", self._put_mode_back),
            (f"{FOLDER} is left on the card", self._remove_folder),
        ):
            try:
                step()
            except ChdkShellError as error:
                self.left.append(f"{what}: {error}")

    def _put_mode_back(self) -> None:
        self._camera.switch_mode(self._mode != _PLAY)

    def _remove_folder(self) -> None:
        files = self._camera.files
        if files.exists(FOLDER):
            files.remove_tree(FOLDER)
