"""Commands that take pictures straight to this computer."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import UsageError
from chdkshell.shell.arguments import Integer, LocalPath, MadePath, Named, ScriptValueType
from chdkshell.shell.command import Needs, command
from chdkshell.shell.shots.switches import (
    CAPTURE,
    EXPOSURE,
    SYNC,
    CaptureSwitches,
    ExecAfterShot,
    ExposureSwitches,
    Interval,
    Quiet,
    SyncSwitches,
    no_selection,
)

if TYPE_CHECKING:
    from chdkshell.shell.context import Context


@command("rcapture", "remoteshoot", "rs", topic="shooting", needs=Needs.CHDK)
def rcapture(
    context: Context,
    dest: Arg[
        MadePath | None,
        "A folder (one that exists, or a / at the end), a template with $, or a name without "
        "suffix; else here.",
    ] = None,
    *,
    exposure: ExposureSwitches = EXPOSURE,
    capture: CaptureSwitches = CAPTURE,
    cont: Arg[
        bool | int, Integer(1, 1_000_000), "Continuous mode, as set on the camera; how many shots."
    ] = False,
    quick: Arg[
        bool | int, Integer(1, 1_000_000), "Stay half pressed between the shots; how many shots."
    ] = False,
    shots: Arg[int | None, Integer(1, 1_000_000), "How many shots."] = None,
    int_: Interval = 0.0,
    script: Arg[
        LocalPath | None, "A file of Lua that shoots; options are in its table rs_opts."
    ] = None,
    camscript: Arg[
        LocalPath | None, "A script of CHDK's menu that shoots; with A/ before it, on the card."
    ] = None,
    tpl: Arg[LocalPath | None, "With -camscript: a template for it, as of camscript."] = None,
    cfg: Arg[LocalPath | None, "With -camscript: settings that the menu kept."] = None,
    menuopts: Arg[
        str | None, Named("name=value,..."), "With -camscript: its parameters, as of camscript."
    ] = None,
    quiet: Quiet = False,
    exec_: ExecAfterShot = None,
    timing: SyncSwitches = SYNC,
) -> None:
    """Take pictures and fetch them, without the card.

    Substitutions are ${serial}, ${pid}, ${ldate}, ${lts}, ${lms}, ${name}, ${basename}, ${ext},
    ${imgnum}, ${imgpfx}, ${imgfmt}, ${shotseq} and the string functions. A file that is there is
    never overwritten. A row of shots survives a camera that drops off the bus, but for one that
    your own script takes.
    Example: rcapture -dng -jpg shots/
    Example: rs -tv=2 -sv=80 -raw -s=100 -c=50 strip
    Example: @all rcapture -sync shots/${camera}_${name}
    Example: rcapture -shots=100 -int=30 lapse/${shotseq}_${ldate}${ext}
    """
    from chdkshell.chdk.shooting.captureseries import CaptureSeries
    from chdkshell.chdk.shooting.capturesession import CapturePlan
    from chdkshell.chdk.shooting.destinations import CaptureDestination
    from chdkshell.shell.shots import shotrun

    timing.check()
    if timing.sync:
        raise no_selection()
    light, request = exposure.exposure(), capture.request(context)
    counts = [int(value) for value in (cont, quick) if value and value is not True]
    if counts and shots is not None:
        context.warn("shot count specified with -quick or -cont, ignoring -shots")
    plan = CapturePlan(
        exposure=light,
        shots=counts[0] if counts else shots or 1,
        interval=int_,
        cont=bool(cont),
        quick=bool(quick),
        dummy_files=capture.dummy_files,
        script=_script(context, script, camscript, tpl, cfg, menuopts),
        shot_wait=capture.shot_wait,
    )
    destination = CaptureDestination(dest, context.camera.naming, capture.nosubst)
    with context.progress("rcapture") as progress:
        CaptureSeries(
            context.camera,
            request,
            plan,
            destination,
            first_number=shotrun.start_sequence(context, capture.seq, dest),
            listener=shotrun.ShotPrinter(context, light, quiet=quiet, command=exec_),
            progress=progress,
            cancel=context.cancel,
        ).run()


def _script(
    context: Context,
    script: str | None,
    camscript: str | None,
    tpl: str | None,
    cfg: str | None,
    menuopts: str | None,
) -> str | bytes | None:
    """Return the Lua that shoots in place of our own, None where none is named."""
    from chdkshell.shell.shots import shotrun

    if camscript is None:
        for name, value in (("tpl", tpl), ("cfg", cfg), ("menuopts", menuopts)):
            if value is not None:
                raise UsageError(f"-{name} is for a script of the menu", "name it with -camscript")
        return None if script is None else shotrun.read_script(script)
    if script is not None:
        raise UsageError("-script and -camscript exclude each other", "leave one of them out")
    from chdkshell.shell.shots.menuscripts import MenuFiles

    files = MenuFiles(context, camscript, cfg, tpl)
    words = [word for word in (menuopts or "").split(",") if word]
    return files.script(map(ScriptValueType().parse, words)).chunk(files.template)


@command("rsint", topic="shooting", needs=Needs.CHDK, interactive=True)
def rsint(
    context: Context,
    dest: Arg[LocalPath | None, "Where to, as with rcapture."] = None,
    *,
    exposure: ExposureSwitches = EXPOSURE,
    capture: CaptureSwitches = CAPTURE,
    cmdwait: Arg[int, Integer(1, 86_400), "Seconds to wait for a command."] = 60,
    cont: Arg[bool, "Continuous mode, as set on the camera: the quickest shots."] = False,
    pipe: Arg[LocalPath | None, "A program whose output is the commands."] = None,
) -> None:
    """Take pictures one by one at your word, and fetch them at once.

    The camera stays half pressed, so that shots come without delay. Commands are s (shoot), l
    (shoot and leave), q (leave), exec and pcall with Lua code for the camera, and path with another
    destination. With -cont, leave with l.
    Example: rsint -tv=1/500 shots/
    Example: rsint -pipe="./trigger.sh" -dng
    """
    from chdkshell.chdk.shooting.capturesession import CapturePlan
    from chdkshell.shell.shots.rsint import Interactive, lines_of

    plan = CapturePlan(
        exposure=exposure.exposure(),
        cont=cont,
        interactive_idle=float(cmdwait),
        dummy_files=capture.dummy_files,
        shot_wait=capture.shot_wait,
    )
    loop = Interactive(context, capture.request(context), plan, dest, capture.nosubst)
    with lines_of(pipe, context) as read_line:
        loop.run(read_line, capture.seq)
