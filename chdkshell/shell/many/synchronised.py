"""`@cameras shoot -sync` and `@cameras rcapture -sync`: one shot of all, at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from chdkshell.chdk.shooting.cardpictures import CanonFormat, CardShotSettings
from chdkshell.chdk.shooting.destinations import CaptureDestination, DownloadDestination
from chdkshell.errors import Cancelled, ChdkShellError, HostFileError, UsageError
from chdkshell.reasons import Reason
from chdkshell.rig.results import told_together
from chdkshell.rig.syncreport import SyncListener, SyncReport, SyncRequest, SyncShot
from chdkshell.shell import programs
from chdkshell.shell.binding import bind
from chdkshell.shell.many.checks import check_line, filled
from chdkshell.shell.parse import split_command
from chdkshell.shell.results.syncshots import SyncCamera, SyncShotTaken
from chdkshell.shell.segments import steps
from chdkshell.shell.shots.switches import CAPTURE, EXPOSURE

if TYPE_CHECKING:
    from chdkshell.rig.members import Member
    from chdkshell.shell.command import Command, Registry
    from chdkshell.shell.context import Context

CARD_SWITCHES = {"exposure", "timing", "raw", "dng", "cfmt", "dl", "rm", "shots", "int_", "quiet"}
CAPTURE_SWITCHES = {"exposure", "timing", "capture", "shots", "int_", "quiet"}
"""What can be said of a synchronised shot to the card, and of a remote capture."""


TRIGGER_SECONDS = 10.0
"""How long the command that switches the 5 V may go on after the shots."""


class Together(NamedTuple):
    """A command that shoots all cameras together, with its arguments."""

    command: Command
    words: list[Any]
    switches: dict[str, Any]


def synchronised(registry: Registry, line: str) -> Together | None:
    """Return the command of a line that has -sync, None where it is another."""
    found = list(steps(line, registry))
    if len(found) != 1 or found[0].error is not None:
        return None
    parts = split_command(found[0].text)
    command = registry.get(parts.name) if parts else None
    if parts is None or command is None or command.name not in ("shoot", "rcapture"):
        return None
    words, switches = bind(command, parts.rest, parts.start)
    timing = switches.get("timing")
    return Together(command, words, switches) if timing and timing.sync else None


def shoot_together(
    context: Context, members: Sequence[Member], line: str, together: Together
) -> SyncReport:
    """Have the cameras shoot at the same moment, and tell what came of it."""
    check_line(line, context.registry, members)
    trigger = _Trigger(together.switches["timing"].trigger)
    request = _request(context, members, together, trigger if trigger.command else None)
    printer = SyncPrinter(context)
    rig = context.connections.rig
    with context.progress("shoot") as progress:
        report = rig.shoot(
            request,
            selection=",".join(str(member.number) for member in members),
            listener=printer,
            progress=progress,
            cancel=context.cancel,
        )
    trigger.finish(context.warn)
    if context.cancel.is_set() or isinstance(report.ended, Cancelled):
        raise Cancelled
    if report.problems:
        told = list(dict.fromkeys(_named(report)))
        raise ChdkShellError("; ".join(told), reason=Reason.SOME_CAMERAS)
    return report


def _named(report: SyncReport) -> list[str]:
    """Return what failed, each with the cameras where it is theirs."""
    told = []
    for shot in report.shots:
        told += [str(shot.called_off)] if shot.called_off else []
        told += told_together(
            {one.camera: one.problem for one in shot.cameras.values() if one.problem}
        )
    return told + ([str(report.ended)] if report.ended else [])


def _request(
    context: Context, members: Sequence[Member], together: Together, trigger: _Trigger | None
) -> SyncRequest:
    switches = together.switches
    timing = switches["timing"]
    timing.check()
    is_capture = together.command.name == "rcapture"
    known = CAPTURE_SWITCHES if is_capture else CARD_SWITCHES
    for key, value in switches.items():
        if key not in known and value not in (None, False):
            raise UsageError(f"-{key.rstrip('_')} does not go with -sync", "leave it out")
    exposure = switches.get("exposure", EXPOSURE).exposure()
    settings, files = CardShotSettings(exposure), None
    captures: dict[str, CaptureDestination] = {}
    downloads: dict[str, DownloadDestination] = {}
    if is_capture:
        capture = switches.get("capture", CAPTURE)
        files = capture.request(context)
        for member in members:
            words, _ = filled(together.command, together.words, switches, member)
            destination = words[0] if words else None
            naming = member.camera.naming
            captures[member.label] = CaptureDestination(destination, naming, capture.nosubst)
    else:
        settings = CardShotSettings(
            exposure,
            _flag(switches.get("raw")),
            _flag(switches.get("dng")),
            CanonFormat[switches["cfmt"]] if switches.get("cfmt") else None,
        )
        if text := switches.get("dl"):
            text = "${name}" if text is True else text
            for member in members:
                downloads[member.label] = DownloadDestination(text, member.camera.naming)
    lock = context.connections.rig.select(timing.lock)[0].label if timing.lock else None
    return SyncRequest(
        settings,
        files,
        captures,
        downloads,
        bool(switches.get("rm")),
        switches.get("shots") or 1,
        switches.get("int_", 0.0),
        minimum=timing.min,
        lock=lock,
        edge=timing.hw,
        trigger=trigger,
    )


def _flag(value: bool | int | None) -> bool | None:
    return None if value is None else bool(value)


class _Trigger:
    """Starts the command that switches the 5 V, once a shot."""

    def __init__(self, command: str | None) -> None:
        self.command = command
        self._running: list[programs.ChildProgram] = []

    def __call__(self) -> None:
        assert self.command is not None
        try:
            self._running.append(programs.start(self.command, alone=True))
        except OSError as error:
            raise HostFileError(f"cannot run {self.command}: {error.strerror or error}") from error

    def finish(self, warn: Callable[[str], None]) -> None:
        """Wait for what was started, and tell what failed of it."""
        for program in self._running:
            status = program.status(TRIGGER_SECONDS)
            if status is None:
                program.end()
                warn(f"the trigger did not end: {self.command}")
            elif status:
                warn(f"the trigger failed with exit status {status}: {self.command}")


class SyncPrinter(SyncListener):
    """Tells of each shot as it is over. `has_files`: its files have the names that they keep."""

    def __init__(self, context: Context, has_files: bool = True) -> None:
        self._context = context
        self._has_files = has_files

    def warn(self, text: str) -> None:
        self._context.warn(text)

    def shot(self, shot: SyncShot) -> None:
        cameras = []
        for one in shot.cameras.values():
            files = [str(path) for path in one.downloads]
            files += [str(file.path) for file in one.captured]
            on_card = [picture.path for picture in one.pictures] if not files else []
            problem = str(one.problem) if one.problem else ""
            cameras.append(
                SyncCamera(
                    one.camera,
                    one.fired,
                    _rounded(one.lateness),
                    _rounded(one.bound),
                    one.count,
                    tuple(files or on_card) if self._has_files else (),
                    problem,
                )
            )
            if one.fired:
                self._context.after_shot(files or on_card)
            for file in files if self._has_files else ():
                self._context.after_download(file, "")
        self._context.output.event(
            "shot",
            SyncShotTaken(
                shot.number,
                _rounded(shot.spread),
                _rounded(shot.spread_bound),
                tuple(cameras),
                str(shot.called_off) if shot.called_off else "",
            ),
            is_result=True,
        )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
