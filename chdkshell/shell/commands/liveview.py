"""Commands about the camera's display."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, BinaryIO
from typing import Annotated as Arg

from chdkshell.errors import UsageError
from chdkshell.shell.arguments import ArgumentType, Choice, Integer, LocalPath, Target, TargetType
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chdkshell.chdk.constants import DisplayData
    from chdkshell.chdk.imaging.lvdump import Grab
    from chdkshell.chdk.templates.formats import Value
    from chdkshell.flow import Progress
    from chdkshell.pace import Pace
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.liveview import FrameDump, FrameRun
    from chdkshell.shell.viewing.frameoutput import Format, FrameOutput, Pipe
    from chdkshell.streams import Sink

DEFAULT_FPS = 10.0
DUMP_WAIT = 0.1
"""Seconds between the frames of a dump, as chdkptp waits."""


class Rate(ArgumentType):
    """Frames a second, such as 10 or 0.5."""

    hint = "n"

    def parse(self, text: str) -> float:
        try:
            rate = float(text)
        except ValueError:
            rate = math.nan
        if not 0.001 <= rate <= 1000:
            raise UsageError(f"'{text}' is no frame rate", "write 10, or 0.5 for one in 2 seconds")
        return rate


ONE_PROCESS = Choice(
    "oneproc", problem="'{}' is not oneproc", advice="leave it out for a program a frame"
)


@command(
    *("lvdump", "dumpframes"),
    topic="live view",
    needs=Needs.CHDK,
    ignores_words=True,
    ignores_switches=("pbm",),
)
def lvdump(
    context: Context,
    file: Arg[Target | None, "Where to; else chdk_<pid>_<date>_<time>.lvdump."] = None,
    *,
    count: Arg[int, Integer(low=1), "How many frames."] = 5,
    wait: Arg[int | None, Integer(), "How many ms to wait between frames; else 100."] = None,
    fps: Arg[float | None, Rate(), "Hold so many frames a second, in place of -wait."] = None,
    novp: Arg[bool, "Leave out the viewfinder."] = False,
    nobm: Arg[bool, "Leave out the overlay."] = False,
    nobmo: Arg[bool, "Leave out the overlay's opacity (Digic 6)."] = False,
    nopal: Arg[bool, "Leave out the overlay's palette."] = False,
    quiet: Arg[bool, "Do not tell the progress."] = False,
) -> FrameDump:
    """Record live view frames to a dump file.

    The file is kept when the recording is interrupted, with the frames that are whole.
    Example: lvdump -count=100 -wait=50 shots/evening.lvdump
    Example: lvdump -count=300 -fps=10
    """
    import time
    from contextlib import nullcontext
    from pathlib import Path

    from chdkshell.flow import SILENT
    from chdkshell.pace import Pace
    from chdkshell.shell.results.liveview import FrameDump, FrameRun
    from chdkshell.shell.viewing.framedump import record

    parts = _parts(not novp, not nobm, palette=not nopal, opacity=not nobmo)
    period = _period(wait, fps, 0)
    pace = Pace(period if fps is not None else 0)
    pause = 0 if fps is not None else DUMP_WAIT if wait is None else period
    if file is None:
        stamp = time.strftime("%Y%m%d_%H%M%S")
        file = f"chdk_{context.camera.product_id:x}_{stamp}.lvdump"

    def frames(progress: Progress) -> Iterator[Grab]:
        def grab(sink: Sink) -> int:
            size = context.camera.protocol.receive_display_data(parts, sink, context.cancel)
            progress.advance(size)
            return size

        for number in range(1, count + 1):
            if number > 1:
                context.cancel.wait(pause)
            pace.wait(context.cancel)
            progress.describe(f"frame {number} of {count}")
            if not quiet:
                context.renderer.step(f"grabbing frame {number}")
            yield grab

    start = time.monotonic()
    with context.progress(file) if not quiet else nullcontext(SILENT) as progress:
        progress.start(None)
        done = record(Path(file), frames(progress))
    if fps is not None:
        # As in lvdumpimg, the last frame has its time like the others.
        seconds = max(time.monotonic() - start, count * pace.period)
        run = FrameRun(done.frames, seconds, pace.late, pace.dropped)
        _tell_rate(context, run, pace.period, asked=True)
    return FrameDump(file, done.size, done.frames)


@command("lvdumpimg", topic="live view", needs=Needs.MAYBE_CAMERA, ignores_words=True)
def lvdumpimg(
    context: Context,
    *,
    infile: Arg[LocalPath | None, "Take the frames from a dump file, not from the camera."] = None,
    count: Arg[int | None, Integer(low=1), "How many frames: 1, or all of a dump file."] = None,
    wait: Arg[int | None, Integer(), "A frame every so many ms."] = None,
    fps: Arg[float | None, Rate(), "How many frames a second: 10, a dump file at once."] = None,
    vp: Arg[str | bool, TargetType("dest"), "Write the viewfinder as ppm."] = False,
    bm: Arg[str | bool, TargetType("dest"), "Write the overlay as pam."] = False,
    composite: Arg[
        str | bool, TargetType("dest"), "Write the screen: viewfinder with overlay, square pixels."
    ] = False,
    png: Arg[bool, "Write PNG in place of ppm and pam."] = False,
    jpg: Arg[bool, "Write JPEG in place of ppm."] = False,
    pipevp: Arg[str | bool, ONE_PROCESS, "The vp dest is a command that reads pictures."] = False,
    pipebm: Arg[str | bool, ONE_PROCESS, "The bm dest is a command that reads pictures."] = False,
    pipecomposite: Arg[str | bool, ONE_PROCESS, "The same for composite."] = False,
    nopal: Arg[bool, "Leave out the overlay's palette."] = False,
    nobmo: Arg[bool, "Leave out the overlay's opacity (Digic 6)."] = False,
    quiet: Arg[bool, "Do not tell the progress."] = False,
    nosubst: Arg[bool, "Take dest as it is, without substitutions."] = False,
) -> FrameRun:
    """Write live view frames as pictures.

    A dest is a file name or, with -pipe..., a command: one process a frame, or one for all with
    oneproc. It may hold ${frame,fmt} (%06d), ${time,fmt} (seconds, %d), ${date,fmt}
    (%Y%m%d_%H%M%S), ${serial}, ${pid,fmt} (%x) and the string functions.
    The default is vp_${time,%014.3f}.ppm, with bm_ and .pam for the overlay, screen_ for the
    screen. With oneproc the name is made at the first frame.
    Example: lvdumpimg -count=20 -fps=5 -vp=frames/${frame}.ppm
    Example: lvdumpimg -composite -png
    Example: lvdumpimg -infile=evening.lvdump -composite="mpv -" -pipecomposite=oneproc
    """
    from contextlib import ExitStack

    from chdkshell.pace import Pace
    from chdkshell.shell.viewing.frameoutput import FrameOutput, FrameView

    form, substitute = _format(png, jpg), not nosubst
    wanted = ((FrameView.VIEWPORT, vp, pipevp), (FrameView.BITMAP, bm, pipebm))
    outputs = [
        FrameOutput(view, target, form, _pipe(pipe), substitute, context.cancel)
        for view, target, pipe in (*wanted, (FrameView.COMPOSITE, composite, pipecomposite))
        if target is not False
    ]
    parts = _parts(
        vp is not False or composite is not False,
        bm is not False or composite is not False,
        palette=not nopal,
        opacity=not nobmo,
    )
    pace = Pace(_period(wait, fps, 0 if infile else 1 / DEFAULT_FPS))
    with ExitStack() as stack:
        if infile is None:
            frames = _camera_frames(context, parts, count or 1, pace)
        else:
            file = stack.enter_context(_opened(infile))
            frames = _dump_frames(context, file, count, pace)
        for output in outputs:
            stack.callback(output.close)
        run = _write_frames(context, frames, outputs, pace, quiet)
    _tell_rate(context, run, pace.period, asked=wait is not None or fps is not None)
    return run


def _write_frames(
    context: Context,
    frames: Iterator[bytes],
    outputs: list[FrameOutput],
    pace: Pace,
    quiet: bool,
) -> FrameRun:
    import time

    from chdkshell.chdk.imaging.liveview import Frame
    from chdkshell.shell.results.liveview import FrameRun

    about_camera = _camera_values(context, outputs)
    number, start = 0, time.monotonic()
    for number, data in enumerate(frames, 1):
        now = time.time()
        values = {**about_camera, "frame": number, "time": now, "date": now}
        frame = Frame.parse(data)
        for output in outputs:
            picture = output.write(number, frame, values)
            if not quiet:
                context.emit(picture)
    # The last frame has its time like the others, though nobody waits for its end.
    seconds = max(time.monotonic() - start, number * pace.period)
    return FrameRun(number, seconds, pace.late, pace.dropped)


def _tell_rate(context: Context, run: FrameRun, period: float, *, asked: bool) -> None:
    """Tell how it went, and warn where a rate that was asked for was not held."""
    rate = run.frames / run.seconds if run.seconds else 0.0
    if context.prefs.number("cli_verbose") >= 2:
        context.renderer.info(f"frames:{run.frames} time:{run.seconds:f} fps:{rate:f}")
    if asked and (run.late or run.dropped):
        context.warn(
            f"{run.frames} frames at {rate:.1f} a second, not {1 / period:.1f}:"
            f" {run.late} late, {run.dropped} dropped"
        )


def _camera_frames(context: Context, parts: DisplayData, count: int, pace: Pace) -> Iterator[bytes]:
    # Asked for here and not at the first frame, so that nothing is done without a camera.
    protocol = context.camera.protocol

    def frames() -> Iterator[bytes]:
        for _ in range(count):
            pace.wait(context.cancel)
            yield protocol.get_display_data(parts, context.cancel)

    return frames()


def _dump_frames(
    context: Context, file: BinaryIO, count: int | None, pace: Pace
) -> Iterator[bytes]:
    from itertools import islice

    from chdkshell.chdk.imaging.lvdump import read_dump

    for frame in islice(read_dump(file), count):
        pace.wait(context.cancel)
        yield frame


def _opened(path: str) -> BinaryIO:
    return open(path, "rb")


def _parts(viewport: bool, bitmap: bool, *, palette: bool, opacity: bool) -> DisplayData:
    from chdkshell.chdk.constants import DisplayData

    parts = DisplayData(0)
    if viewport:
        parts |= DisplayData.VIEWPORT
    if bitmap:
        parts |= DisplayData.BITMAP
        parts |= DisplayData.PALETTE if palette else DisplayData(0)
        parts |= DisplayData.BITMAP_OPACITY if opacity else DisplayData(0)
    if not parts:
        raise UsageError("nothing selected", "choose the viewfinder, the overlay, or both")
    return parts


def _format(png: bool, jpg: bool) -> Format:
    from chdkshell.shell.viewing.frameoutput import Format

    if png and jpg:
        raise UsageError("specify png or jpg, not both")
    if png:
        return Format.PNG
    return Format.JPEG if jpg else Format.NETPBM


def _pipe(value: str | bool) -> Pipe:
    from chdkshell.shell.viewing.frameoutput import Pipe

    if value is False:
        return Pipe.NO
    return Pipe.EACH if value is True else Pipe.ALL


def _period(wait: int | None, fps: float | None, default: float) -> float:
    """Return the seconds from one frame to the next."""
    if wait is not None and fps is not None:
        raise UsageError("specify wait or fps, not both")
    if wait is not None:
        return wait / 1000
    return default if fps is None else 1 / fps


def _camera_values(context: Context, outputs: list[FrameOutput]) -> dict[str, Value]:
    """Return what names say of the camera, as far as they do and one is connected."""
    serial, product_id = "", 0
    if any(output.uses("serial") for output in outputs) and context.connections.current:
        # It becomes part of a path or of a command line.
        serial = re.sub(r"[^A-Za-z0-9_-]", "_", context.connections.current.serial)
    if any(output.uses("pid") for output in outputs) and context.connections.current:
        product_id = context.camera.product_id
    return {"serial": serial, "pid": product_id}
