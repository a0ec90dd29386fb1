"""Commands that switch modes and take pictures to the card."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.shell.arguments import Integer
from chdkshell.shell.command import Needs, command
from chdkshell.shell.shots.exposureoptions import (
    Av,
    IsoMode,
    Nd,
    Sd,
    SdMode,
    Seconds,
    Suggested,
    Sv,
    Svm,
    Tv,
    U,
    Value,
    exposure_of,
)

if TYPE_CHECKING:
    from chdkshell.shell.context import Context
    from chdkshell.shell.shots.shotresults import CameraMode, Text


@command("rec", topic="shooting", needs=Needs.CHDK)
def rec(context: Context) -> None:
    """Switch the camera to record mode.

    Example: rec
    """
    from chdkshell.chdk.shooting.modes import switch_mode

    switch_mode(context.camera.scripts, True, context.cancel)


@command("play", topic="shooting", needs=Needs.CHDK)
def play(context: Context) -> None:
    """Switch the camera to play mode.

    Example: play
    """
    from chdkshell.chdk.shooting.modes import switch_mode

    switch_mode(context.camera.scripts, False, context.cancel)


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
    from chdkshell.shell.shots.shotresults import CameraMode

    scripts = context.camera.scripts
    if name is not None:
        set_shooting_mode(scripts, name, context.cancel)
        return None
    record, number = shooting_mode(scripts, context.cancel)
    return CameraMode(record, next((n for n, value in MODES.items() if value == number), ""))


@command("shoot", topic="shooting", needs=Needs.CHDK)
def shoot(
    context: Context,
    *,
    u: U = "s",
    tv: Tv = None,
    sv: Sv = None,
    svm: Svm = None,
    av: Av = None,
    isomode: IsoMode = None,
    nd: Nd = None,
    sd: Sd = None,
    sdmode: SdMode = None,
    raw: Arg[bool | int | None, Integer(0, 1), "CHDK's raw file: 1 on, 0 off."] = None,
    dng: Arg[bool | int | None, Integer(0, 1), "DNG as the raw file; 1 turns raw on."] = None,
    cfmt: Arg[str | None, Suggested("JPG", "CR2", "BOTH"), "Canon's image format."] = None,
    pretend: Arg[bool, "Show what the camera would be told, and do nothing."] = False,
    nowait: Arg[bool, "Do not wait for the shot."] = False,
    dl: Arg[bool | str, Value("dest"), "Download the files; where to, else ${name}."] = False,
    rm: Arg[bool, "Delete the files from the card; with -dl once they are safe here."] = False,
    seq: Arg[int | None, Integer(0, 999_999_999), "What ${shotseq} starts with."] = None,
    shots: Arg[int, Integer(1, 1_000_000), "How many shots."] = 1,
    int_: Arg[float, Seconds(), "Seconds from one shot to the next, held without drift."] = 0.0,
) -> Text | None:
    """Take a picture to the card.

    What is not given is as the camera has it. The destination may have substitutions: ${serial},
    ${pid}, ${ldate}, ${lts}, ${lms}, ${name}, ${basename}, ${ext}, ${subdir}, ${imgnum}, ${imgpfx},
    ${imgfmt}, ${dirnum}, ${dirmonth}, ${dirday}, ${shotseq} and the string functions. A file that
    is there is never overwritten.
    Example: shoot -tv=1/100 -sv=80 -dl
    Example: shoot -dng -dl=shots/${ldate}_${shotseq}${ext} -rm
    Example: shoot -shots=100 -int=30
    """
    exposure = exposure_of(locals())
    from chdkshell.chdk.shooting.shots import start_shoot
    from chdkshell.shell.shots.cardshots import CardShots, settings_of
    from chdkshell.shell.shots.shotresults import Text

    settings = settings_of(exposure, raw, dng, cfmt)
    runner = CardShots(context, settings, dl, rm, seq)
    if nowait:
        runner.check_nowait(shots)
    if pretend:
        return Text((settings.code(info=bool(dl or rm)),))
    if nowait:
        start_shoot(context.camera.scripts, settings)
    else:
        runner.run(shots, int_)
    return None
