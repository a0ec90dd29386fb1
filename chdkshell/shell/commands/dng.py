"""Commands that work on DNG files of CHDK on this computer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from typing import Annotated as Arg

from chdkshell.shell.arguments import (
    Choice,
    DngPathType,
    Integer,
    Named,
    RestOfLine,
    Target,
    TargetType,
)
from chdkshell.shell.command import command

if TYPE_CHECKING:
    from chdkshell.chdk.imaging.tiffdirs import Directory
    from chdkshell.shell.context import Context
    from chdkshell.shell.dngshelf import DngShelf, RawFormat
    from chdkshell.shell.results.dng import (
        DngInfo,
        Dumped,
        Histogram,
        Loaded,
        LoadedFiles,
        Patched,
        PixelList,
        Saved,
        Selected,
        Unloaded,
    )

Number = Arg[
    int | None, Integer(1, 10_000), "Which, by the number in `dnglist`; else the selected."
]
Low = Arg[int | None, Integer(0, 0xFFFF), "The lowest value to count."]
High = Arg[int | None, Integer(0, 0xFFFF), "The highest value to count."]
Region = Arg[
    str,
    Choice("active", "all", problem="invalid region"),
    "Part of the frame: active area, or all.",
]


class RawFormatType(Named):
    """The form of raw data, like 8pgm, 16 or 12l."""

    def parse(self, text: str) -> RawFormat:
        from chdkshell.shell.dngshelf import RawFormat

        return RawFormat.parse(text)


Overwrite = Arg[bool, "Overwrite files that are there."]


def _shelf(context: Context) -> DngShelf:
    from chdkshell.shell.dngshelf import DngShelf

    if context.images is None:
        context.images = DngShelf()
    return context.images


def _area(image: Any, region: str) -> Any:
    return image.area(region == "all")


@command("dngload", topic="dng")
def dngload(
    context: Context,
    file: Arg[str, DngPathType(), "The file."],
    *,
    nosel: Arg[bool, "Leave the selection as it is."] = False,
) -> Loaded:
    """Load a DNG file that CHDK made, to look at it or change it.

    Example: dngload IMG_0001.dng
    """
    from pathlib import Path

    from chdkshell.shell.results.dng import Loaded

    image = _shelf(context).load(Path(file), not nosel)
    return Loaded(str(image.path))


@command("dngsave", topic="dng")
def dngsave(
    context: Context,
    words: Arg[Target | None, "A number of `dnglist`, or the file or folder."] = None,
    file: Arg[Target | None, "The file or folder to write to; else where it came from."] = None,
    *,
    over: Overwrite = False,
    keepmtime: Arg[bool, "Keep the time of the file that is overwritten."] = False,
) -> Saved:
    """Write a loaded DNG file.

    Example: dngsave fixed.dng
    Example: dngsave -over
    """
    import os

    from chdkshell.shell.results.dng import Saved

    shelf = _shelf(context)
    number = int(words) if words is not None and words.isdigit() else None
    image = shelf.find(number)
    path = shelf.target(image, file if number is not None else words)
    if shelf.pretend:
        return Saved(str(path), pretended=True)
    before = path.stat().st_mtime if keepmtime and path.exists() else None
    image.save(path, over)
    if before is not None:
        os.utime(path, (before, before))
    return Saved(str(path), pretended=False)


@command("dngunload", topic="dng")
def dngunload(context: Context, number: Number = None) -> Unloaded:
    """Forget a loaded DNG file.

    Example: dngunload
    """
    from chdkshell.shell.results.dng import Unloaded

    return Unloaded(str(_shelf(context).unload(number).path))


@command("dnglist", topic="dng")
def dnglist(context: Context) -> LoadedFiles:
    """List the loaded DNG files.

    Example: dnglist
    """
    from chdkshell.shell.results.dng import LoadedFile, LoadedFiles

    shelf = _shelf(context)
    files = (
        LoadedFile(number, str(image.path), image is shelf.selected)
        for number, image in enumerate(shelf.images, 1)
    )
    return LoadedFiles(tuple(files))


@command("dngsel", topic="dng", ignores_switches=("ifds",))
def dngsel(
    context: Context, number: Arg[int, Integer(0, 10_000), "The number in `dnglist`."]
) -> Selected:
    """Select the loaded DNG file that the other commands work on.

    Example: dngsel 2
    """
    from chdkshell.shell.results.dng import Selected

    shelf = _shelf(context)
    shelf.selected = shelf.find(number)
    return Selected(number, str(shelf.selected.path))


@command("dnginfo", topic="dng")
def dnginfo(
    context: Context,
    number: Number = None,
    *,
    s: Arg[bool, "A summary; what is shown if nothing else is asked for."] = False,
    h: Arg[bool, "The TIFF header."] = False,
    ifd: Arg[bool | str, Named("ifd"), "A directory: raw, exif, main, or 0, 0.0; else 0."] = False,
    r: Arg[bool, "The directories below it, too."] = False,
    vals: Arg[bool | int, Integer(0, 100_000), "How many values of each entry; 20 alone."] = 0,
) -> DngInfo:
    """Show what a DNG file says of itself.

    Example: dnginfo
    Example: dnginfo -ifd=raw -vals
    """
    from chdkshell.errors import UsageError
    from chdkshell.shell.results.dng import DngInfo, TiffHeader

    image = _shelf(context).find(number)
    header = None
    if h:
        head = image.before
        magic, offset = int.from_bytes(head[2:4], "little"), int.from_bytes(head[4:8], "little")
        header = TiffHeader(head[:2].hex(), magic, offset)
    directories: list[Directory] = []
    if ifd:
        names = {"raw": "0.0", "main": "0", "exif": "0.exif"}
        wanted = "0" if ifd is True else names.get(ifd, ifd)
        directories = [
            directory
            for directory in image.directories()
            if directory.name == wanted or (r and directory.name.startswith(f"{wanted}."))
        ]
        if not directories:
            raise UsageError(f"could not find ifd {ifd}", "raw, exif, main, 0 or 0.0")
    return DngInfo(
        str(image.path),
        image.summary() if s or not (h or ifd) else None,
        header,
        tuple(directories),
        20 if vals is True else int(vals),
    )


@command("dnghist", topic="dng")
def dnghist(
    context: Context,
    number: Number = None,
    *,
    min: Low = None,  # noqa: A002
    max: High = None,  # noqa: A002
    reg: Region = "active",
    bin: Arg[int | None, Integer(1, 0x10000), "Values of a bin; else 1, or what fits."] = None,  # noqa: A002
    fmt: Arg[
        str,
        Choice("count", "%", "%.", problem="bad fmt {}"),
        "Counts, per cent, or a dot for each.",
    ] = "count",
) -> Histogram:
    """Count how many pixels have each value; on a terminal it is drawn.

    Example: dnghist -bin=64
    Example: dnghist -max=10 -reg=all -fmt=%
    """
    from chdkshell.chdk.imaging.dngtools import bins
    from chdkshell.shell.results.dng import Histogram

    image = _shelf(context).find(number)
    area = _area(image, reg)
    low = 0 if min is None else min
    high = image.mosaic.white if max is None else max
    total = (area.bottom - area.top) * (area.right - area.left)
    rows = tuple(bins(image.histogram(area), low, high, bin or 1))
    return Histogram(rows, total, bin or 1, fmt, may_join=bin is None)


@command("dnglistpixels", topic="dng")
def dnglistpixels(
    context: Context,
    number: Number = None,
    *,
    min: Low = None,  # noqa: A002
    max: High = None,  # noqa: A002
    reg: Region = "active",
    coords: Arg[
        str,
        Choice("abs", "rel", problem="invalid coords"),
        "Count from the frame's corner, or the part's.",
    ] = "abs",
    fmt: Arg[
        str,
        Choice("chdk", "rt", "dcraw", "count", problem="invalid format"),
        "For CHDK's badpixel.txt, RawTherapee, dcraw; or only their number.",
    ] = "chdk",
    out: Arg[Target | None, "A file to write the list to."] = None,
) -> PixelList:
    """List the pixels with values in a range, such as bad ones.

    Example: dnglistpixels -max=0
    Example: dnglistpixels -max=0 -fmt=dcraw -coords=rel -out=bad.txt
    """
    from pathlib import Path

    from chdkshell.chdk.imaging.dngtools import save_bytes
    from chdkshell.errors import UsageError
    from chdkshell.shell.dngshelf import MAX_LINES
    from chdkshell.shell.results.dng import PixelList

    if min is None and max is None:
        raise UsageError("must specify min or max", "-max=0 lists dead pixels")
    image = _shelf(context).find(number)
    area = _area(image, reg)
    left, top = (area.left, area.top) if coords == "rel" else (0, 0)
    high = image.mosaic.white if max is None else max
    pixels, total = [], 0
    for x, y in image.matching(area, min or 0, high):
        total += 1
        if fmt != "count" and total <= MAX_LINES:
            pixels.append((x - left, y - top))
    if fmt != "count" and total > MAX_LINES:
        raise UsageError(f"{total} matching pixels are too many to list", "-fmt=count counts them")
    result = PixelList(total, tuple(pixels), fmt, "" if out is None or fmt == "count" else out)
    if result.path:
        lines = "".join(line + "\n" for line in result.lines())
        save_bytes(Path(result.path), lines.encode(), overwrite=True)
    return result


@command("dngmod", topic="dng", ignores_switches=("over",))
def dngmod(
    context: Context,
    number: Number = None,
    *,
    patch: Arg[
        bool | int | None, Integer(0, 0xFFFF), "Patch pixels of this value or less; 0 alone."
    ] = None,
) -> Patched | None:
    """Change a loaded DNG file; `dngsave` writes it.

    Example: dngmod -patch
    """
    from chdkshell.shell.results.dng import Patched

    image = _shelf(context).find(number)
    if patch is None:
        return None
    return Patched(str(image.path), image.patch(0 if patch is True else int(patch)))


@command("dngdump", topic="dng")
def dngdump(
    context: Context,
    number: Number = None,
    *,
    thm: Arg[bool | str, TargetType(), "The small picture; else NAME_thm.rgb or .ppm."] = False,
    raw: Arg[bool | str, TargetType(), "The pixels; else NAME.raw or .pgm."] = False,
    png: Arg[bool | str, TargetType(), "A picture to look at; else NAME.png."] = False,
    over: Overwrite = False,
    rfmt: Arg[
        RawFormat | None, RawFormatType("bpp[l|b][pgm]"), "Form of -raw, like 8pgm, 16 or 12l."
    ] = None,
    tfmt: Arg[
        str | None,
        Choice("ppm", problem="invalid thumbnail format requested: {}"),
        "Form of -thm: ppm; else bare RGB.",
    ] = None,
) -> Dumped:
    """Write what is in a DNG file to files of its own.

    Example: dngdump -png
    Example: dngdump -raw=frame.pgm -rfmt=16pgm -thm -tfmt=ppm
    """
    from chdkshell.chdk.imaging.dngtools import save_bytes
    from chdkshell.shell.dngshelf import RawFormat
    from chdkshell.shell.results.dng import Dumped, DumpedFile

    form = rfmt or RawFormat()
    shelf = _shelf(context)
    image = shelf.find(number)
    files = []
    for what, wanted, suffix in (
        ("thumb", thm, "_thm.ppm" if tfmt else "_thm.rgb"),
        ("raw", raw, form.suffix),
        ("png", png, ".png"),
    ):
        if not wanted:
            continue
        path = shelf.target(image, None if wanted is True else str(wanted), suffix)
        files.append(DumpedFile(what, str(path)))
        if shelf.pretend:
            continue
        if what == "thumb":
            save_bytes(path, image.thumbnail_ppm() if tfmt else image.thumbnail(), over)
        elif what == "raw":
            save_bytes(path, form.data(image), over)
        else:
            image.save_png(path, over)
    return Dumped(tuple(files), shelf.pretend)


Line = Arg[
    str, RestOfLine("[options] <files> { command ; ... }", True), "Options, files, commands."
]


@command("dngbatch", topic="dng")
def dngbatch(context: Context, line: Line) -> None:
    """Run commands on many DNG files: info, hist, listpixels, mod, dump and save.

    Options: -odir=DIR (where results go), -pretend (show what would be done), -verbose,
    -fmatch=PATTERN, -rmatch=PATTERN (Lua patterns for files, and for folders to look into),
    -maxdepth=N (folders below those given; else 1), -ext=SUFFIX (else dng, * for all).
    Example: dngbatch -odir=fixed shots { mod -patch ; save }
    Example: dngbatch IMG_0001.dng { dump -png ; info }
    """
    from chdkshell.shell.shots.dngbatch import parse_batch, run_batch

    run_batch(context, _shelf(context), parse_batch(line))
