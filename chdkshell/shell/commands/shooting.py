"""Commands that switch modes and take pictures to the card."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import ChdkError, UsageError
from chdkshell.shell.arguments import Choice, Integer
from chdkshell.shell.card.confirming import Verify
from chdkshell.shell.command import Needs, command
from chdkshell.shell.shots.switches import (
    EXPOSURE,
    SYNC,
    ExecAfterShot,
    ExposureSwitches,
    Interval,
    Quiet,
    Sequence,
    Suggested,
    SyncSwitches,
    no_selection,
)
from chdkshell.shell.substitutions import SHOOT

if TYPE_CHECKING:
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.shooting import CameraMode, ShotCode


@command("rec", topic="shooting", needs=Needs.CHDK)
def rec(context: Context) -> None:
    """Switch the camera to record mode.

    Example: rec
    """
    _switch_mode(context, True)


@command("play", topic="shooting", needs=Needs.CHDK)
def play(context: Context) -> None:
    """Switch the camera to play mode.

    Example: play
    """
    _switch_mode(context, False)


def _switch_mode(context: Context, record: bool) -> None:
    from chdkshell.chdk.shooting.modes import switch_mode

    if switch_mode(context.camera.scripts, record, context.cancel):
        return
    if context.compat:
        raise ChdkError(f"already in {'rec' if record else 'play'}")
    context.notice(f"the camera is in {'record' if record else 'play'} mode already")


CANON_FORMAT = Choice("JPG", "CR2", "BOTH", problem="unexpected cfmt {}", any_case=True)


class ModeName(Suggested):
    """The name of a shooting mode."""

    hint = "mode"

    def __init__(self) -> None:
        super().__init__("AUTO", "P", "TV", "AV", "M")


@command("mode", topic="shooting", needs=Needs.CHDK)
def mode(
    context: Context,
    name: Arg[str | None, ModeName(), "The shooting mode to set: AUTO, P, TV, AV, M ..."] = None,
) -> CameraMode | None:
    """Show or set the shooting mode.

    Example: mode
    Example: mode TV
    """
    from chdkshell.chdk.shooting.modes import MODES, set_shooting_mode, shooting_mode
    from chdkshell.shell.results.shooting import CameraMode

    scripts = context.camera.scripts
    if name is not None:
        set_shooting_mode(scripts, name, context.cancel)
        return None
    record, number = shooting_mode(scripts, context.cancel)
    return CameraMode(record, next((n for n, value in MODES.items() if value == number), ""))


@command("shoot", topic="shooting", needs=Needs.CHDK, ignores_words=True)
def shoot(
    context: Context,
    *,
    exposure: ExposureSwitches = EXPOSURE,
    raw: Arg[bool | int | None, Integer(0, 1), "CHDK's raw file: 1 on, 0 off."] = None,
    dng: Arg[bool | int | None, Integer(0, 1), "DNG as the raw file; 1 turns raw on."] = None,
    cfmt: Arg[str | None, CANON_FORMAT, "Canon's image format."] = None,
    pretend: Arg[bool, "Show what the camera would be told, and do nothing."] = False,
    nowait: Arg[bool, "Do not wait for the shot."] = False,
    dl: Arg[bool | str, SHOOT, "Download the files; where to, else ${name}."] = False,
    rm: Arg[bool, "Delete the files from the card; with -dl once they are safe here."] = False,
    verify: Verify = False,
    seq: Sequence = None,
    shots: Arg[int, Integer(1, 1_000_000), "How many shots."] = 1,
    int_: Interval = 0.0,
    quiet: Quiet = False,
    exec_: ExecAfterShot = None,
    timing: SyncSwitches = SYNC,
) -> ShotCode | None:
    """Take a picture to the card.

    What is not given is as the camera has it. A file that is there is never overwritten. A row of
    shots survives a camera that drops off the bus. With -sync after @ all cameras shoot at the same
    moment, each at a tick of its own clock, and it is told how far apart they were.
    Example: shoot -tv=1/100 -sv=80 -dl
    Example: shoot -dng -dl=shots/${ldate}_${shotseq}${ext} -rm
    Example: shoot -shots=100 -int=30
    Example: @all shoot -sync -lock=left -dl=${camera}_${name}
    """
    from chdkshell.chdk.shooting.cardpictures import CanonFormat, CardShotSettings, start_shoot
    from chdkshell.chdk.shooting.cardseries import CardSeries
    from chdkshell.chdk.shooting.destinations import DownloadDestination
    from chdkshell.shell.results.shooting import ShotCode
    from chdkshell.shell.shots import shotrun

    timing.check()
    if timing.sync:
        raise no_selection()
    settings = CardShotSettings(
        exposure.exposure(),
        None if raw is None else bool(raw),
        None if dng is None else bool(dng),
        None if cfmt is None else CanonFormat[cfmt],
    )
    handled = bool(dl or rm)
    if nowait and handled:
        raise UsageError("can't download or remove with nowait", "files are there after the shot")
    if nowait and shots > 1:
        raise UsageError("can't take several shots with nowait", "leave -nowait or -shots out")
    destination = None
    if dl:
        text = "${name}" if dl is True else dl
        destination = DownloadDestination(text, context.camera.naming, context.compat)
    if pretend:
        return ShotCode(settings.code(info=handled))
    if nowait:
        start_shoot(context.camera.scripts, settings)
        return None
    with context.progress("shoot") as progress:
        CardSeries(
            context.camera,
            settings,
            shots,
            int_,
            destination=destination,
            remove=rm,
            verify=verify,
            first_number=shotrun.start_sequence(
                context, seq if handled else None, text if dl else None
            ),
            listener=shotrun.ShotPrinter(context, settings.exposure, handled, quiet, exec_),
            progress=progress,
            cancel=context.cancel,
        ).run()
    return None
