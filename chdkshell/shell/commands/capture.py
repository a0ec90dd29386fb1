"""Commands that take pictures straight to this computer."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.shell.arguments import Integer, LocalPath
from chdkshell.shell.command import Needs, command
from chdkshell.shell.shots.exposureoptions import (
    Av,
    IsoMode,
    Nd,
    Sd,
    SdMode,
    Seconds,
    Sv,
    Svm,
    Tv,
    U,
    exposure_of,
)

if TYPE_CHECKING:
    from chdkshell.shell.context import Context

Jpg = Arg[bool, "The JPEG file; the default if nothing else is asked for."]
Craw = Arg[bool, "Canon's own raw file, on cameras that make one."]
Raw = Arg[bool, "The frame buffer as it is."]
Dng = Arg[bool, "The frame buffer as a DNG file."]
DngHeader = Arg[bool, "The DNG header as a file; pointless with -dng."]
FirstLine = Arg[int | None, Integer(0, 100_000), "First line of a part of the frame buffer."]
LineCount = Arg[int | None, Integer(0, 100_000), "Number of lines of the part."]
BadPixels = Arg[
    bool | int | None,
    Integer(0, 0xFFFF),
    "Patch pixels of this value or less in a DNG; 0 without a value.",
]
ShotWait = Arg[
    int | None,
    Integer(1, 1_000_000_000, "ms"),
    "How long a shot may take; else 20000, or 10000 and twice -tv.",
]
FileDummy = Arg[bool, "Leave an empty IMG_nnnn.JPG on the card: some cameras need one."]
NoSubst = Arg[bool, "Take a $ in the destination as it is."]
Sequence = Arg[int | None, Integer(0, 999_999_999), "What ${shotseq} starts with."]


@command("rcapture", "remoteshoot", "rs", topic="shooting", needs=Needs.CHDK)
def rcapture(
    context: Context,
    dest: Arg[
        LocalPath | None,
        "A folder (one that exists, or a / at the end), a template with $, or a name without "
        "suffix; else here.",
    ] = None,
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
    jpg: Jpg = False,
    craw: Craw = False,
    raw: Raw = False,
    dng: Dng = False,
    dnghdr: DngHeader = False,
    s: FirstLine = None,
    c: LineCount = None,
    cont: Arg[
        bool | int, Integer(1, 1_000_000), "Continuous mode, as set on the camera; how many shots."
    ] = False,
    quick: Arg[
        bool | int, Integer(1, 1_000_000), "Stay half pressed between the shots; how many shots."
    ] = False,
    shots: Arg[int | None, Integer(1, 1_000_000), "How many shots."] = None,
    int_: Arg[float, Seconds(), "Seconds from one shot to the next, held without drift."] = 0.0,
    badpix: BadPixels = None,
    shotwait: ShotWait = None,
    filedummy: FileDummy = False,
    jpgdummy: Arg[bool, "The same as -filedummy."] = False,
    nosubst: NoSubst = False,
    seq: Sequence = None,
    script: Arg[
        LocalPath | None, "A file of Lua that shoots; options are in its table rs_opts."
    ] = None,
) -> None:
    """Take pictures and fetch them, without the card.

    Substitutions are ${serial}, ${pid}, ${ldate}, ${lts}, ${lms}, ${name}, ${basename}, ${ext},
    ${imgnum}, ${imgpfx}, ${imgfmt}, ${shotseq} and the string functions. A file that is there is
    never overwritten. A row of shots survives a camera that drops off the bus.
    Example: rcapture -dng -jpg shots/
    Example: rs -tv=2 -sv=80 -raw -s=100 -c=50 strip
    Example: rcapture -shots=100 -int=30 lapse/${shotseq}_${ldate}${ext}
    """
    exposure = exposure_of(locals())
    from chdkshell.shell.shots.captureshots import CaptureShots, plan_of, request_of

    request = request_of(context, jpg, craw, raw, dng, dnghdr, s, c, badpix)
    plan = plan_of(
        context,
        exposure,
        shots=shots,
        interval=int_,
        cont=cont,
        quick=quick,
        dummy_files=filedummy or jpgdummy,
        shot_wait=shotwait,
        script=script,
    )
    CaptureShots(context, request, plan, dest, nosubst).run(seq)


@command("rsint", topic="shooting", needs=Needs.CHDK)
def rsint(
    context: Context,
    dest: Arg[LocalPath | None, "Where to, as with rcapture."] = None,
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
    jpg: Jpg = False,
    craw: Craw = False,
    raw: Raw = False,
    dng: Dng = False,
    dnghdr: DngHeader = False,
    s: FirstLine = None,
    c: LineCount = None,
    badpix: BadPixels = None,
    cmdwait: Arg[int, Integer(1, 86_400), "Seconds to wait for a command."] = 60,
    cont: Arg[bool, "Continuous mode, as set on the camera: the quickest shots."] = False,
    pipe: Arg[LocalPath | None, "A program whose output is the commands."] = None,
    shotwait: ShotWait = None,
    filedummy: FileDummy = False,
    jpgdummy: Arg[bool, "The same as -filedummy."] = False,
    nosubst: NoSubst = False,
    seq: Sequence = None,
) -> None:
    """Take pictures one by one at your word, and fetch them at once.

    The camera stays half pressed, so that shots come without delay. Commands are s (shoot), l
    (shoot and leave), q (leave), exec and pcall with Lua code for the camera, and path with another
    destination. With -cont, leave with l.
    Example: rsint -tv=1/500 shots/
    Example: rsint -pipe="./trigger.sh" -dng
    """
    exposure = exposure_of(locals())
    from chdkshell.shell.shots.captureshots import plan_of, request_of
    from chdkshell.shell.shots.rsint import Interactive, lines_of

    request = request_of(context, jpg, craw, raw, dng, dnghdr, s, c, badpix)
    plan = plan_of(
        context,
        exposure,
        shots=1,
        interval=0.0,
        cont=cont,
        quick=False,
        dummy_files=filedummy or jpgdummy,
        shot_wait=shotwait,
        interactive_idle=float(cmdwait),
    )
    with lines_of(pipe) as read_line:
        Interactive(context, request, plan, dest, nosubst).run(read_line, seq)
