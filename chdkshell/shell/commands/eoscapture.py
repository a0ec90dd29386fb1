"""EOS cameras: the shutter, the viewfinder, and the firmware."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.shell.arguments import Choice, Integer, LocalPath, Target, TargetType
from chdkshell.shell.card.confirming import DoIt
from chdkshell.shell.command import Needs, command
from chdkshell.shell.commands.liveview import Rate
from chdkshell.shell.commands.ptpinfo import ask_first

if TYPE_CHECKING:
    from pathlib import Path

    from chdkshell.ptp.eos import ObjectOffered
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.eos import FirmwareSent, ViewfinderPictures

PRESSES = ("half", "full", "both")


@command("eos release", topic="eos", needs=Needs.CAMERA)
def eos_release(
    context: Context,
    press: Arg[
        str,
        Choice(*PRESSES, problem="'{}' is no way to press the button"),
        "How far: half (it focuses), full, or both.",
    ] = "both",
    *,
    download: Arg[
        str | bool,
        TargetType("dest"),
        "Have the picture come here, and not to the card; a folder or a file, if given.",
    ] = False,
    hold: Arg[int, Integer(0, 3600, "s"), "How long to hold the button."] = 0,
    timeout: Arg[int, Integer(1, 3600, "s"), "How long to wait for the picture."] = 30,
) -> None:
    """Press the release button, and release it again.

    It is released however the command ends. What comes of it is told; a half press takes nothing.
    A file that is here under the picture's name stays: the new one gets a number.
    Example: eos release
    Example: eos release -download=shots/
    Example: eos release half -hold=2
    """
    from contextlib import ExitStack

    from chdkshell.standard.eoscapture import Press, release, to_host

    eos = context.camera.eos
    with ExitStack() as stack:
        stack.enter_context(eos.controlled(context.cancel))
        if download is not False:
            stack.enter_context(to_host(eos, context.cancel))
        how = Press[press.upper()]
        for offered in release(eos, how, hold, timeout, context.cancel):
            _tell(context, offered, download)


def _tell(context: Context, offered: ObjectOffered, download: str | bool) -> None:
    """Tell of a picture; fetch it first if it is to come here."""
    from chdkshell.chdk.card.single import download_target
    from chdkshell.chdk.transfer import free_path
    from chdkshell.shell.results.ptp import StoredObject
    from chdkshell.standard.eoscapture import fetch

    if download is False:
        context.emit(StoredObject(offered.name, offered.handle, "", offered.size))
        return
    wanted = download if isinstance(download, str) else None
    # a raw file comes beside its JPEG, and names begin anew on an empty card
    target = free_path(download_target(offered.name, wanted))
    with context.progress(offered.name) as progress:
        size = fetch(context.camera.eos, offered, target, progress, context.cancel)
    context.emit(StoredObject(offered.name, offered.handle, str(target), size))
    context.after_download(str(target), offered.name)


@command("eos liveview", topic="eos", needs=Needs.CAMERA)
def eos_liveview(
    context: Context,
    file: Arg[Target, "Where to; `-` takes all pictures in a row."] = "liveview.jpg",
    *,
    count: Arg[int, Integer(1), "How many pictures; several get a number after their name."] = 1,
    fps: Arg[float, Rate(), "How many pictures a second, at most."] = 10.0,
) -> ViewfinderPictures:
    """Write what the viewfinder shows, as JPEG files.

    The camera's own screen is as before afterwards.
    Example: eos liveview
    Example: eos liveview view.jpg -count=20 -fps=5
    """
    from pathlib import Path

    from chdkshell.chdk.transfer import write_whole
    from chdkshell.outlets import is_outlet
    from chdkshell.pace import Pace
    from chdkshell.shell.results.eos import ViewfinderPictures
    from chdkshell.standard.eoscapture import viewfinder

    target, pace = Path(file), Pace(1 / fps)
    alone = count == 1 or is_outlet(target)
    files: list[Path] = []
    size = 0
    with viewfinder(context.camera.eos, context.cancel) as next_picture:
        for number in range(1, count + 1):
            pace.wait(context.cancel)
            picture = next_picture()
            files.append(target if alone else _numbered(target, number))
            write_whole(files[-1], picture)
            size += len(picture)
    return ViewfinderPictures(count, size, tuple(dict.fromkeys(map(str, files))))


def _numbered(target: Path, number: int) -> Path:
    return target.with_name(f"{target.stem}_{number:04d}{target.suffix}")


@command("eos firmware", topic="eos", needs=Needs.CAMERA)
def eos_firmware(
    context: Context,
    file: Arg[LocalPath, "The firmware's file."],
    *,
    y: DoIt = False,
) -> FirmwareSent:
    """Send a firmware to the camera, which installs it. Nobody has tried that on a real camera.

    It asks at a terminal, and needs -y elsewhere.
    Example: eos firmware EOSR6180.FIR
    """
    from pathlib import Path

    from chdkshell.ptp.eos import EosOperation
    from chdkshell.shell.results.eos import FirmwareSent
    from chdkshell.standard.eosfirmware import firmware_size, name_field, update_firmware

    device, source = context.camera.ptp, Path(file)
    device.require(EosOperation.UPDATE_FIRMWARE)
    name_field(source)
    firmware_size(source)
    ask_first(context, f"write the firmware {source.name} to the camera", y)
    with context.progress(source.name) as progress:
        size = update_firmware(device, source, progress, context.cancel)
    return FirmwareSent(file, size)
