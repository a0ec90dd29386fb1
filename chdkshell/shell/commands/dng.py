"""Commands that work on DNG files of CHDK on this computer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from typing import Annotated as Arg

from chdkshell.shell.arguments import Integer, LocalPath, Named, RestOfLine, Target, TargetType
from chdkshell.shell.command import command
from chdkshell.shell.shots.switches import Suggested

if TYPE_CHECKING:
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.dng import Histogram, Lines
    from chdkshell.shell.shots.dngshelf import DngShelf

Number = Arg[
    int | None, Integer(1, 10_000), "Which, by the number in `dnglist`; else the selected."
]
Low = Arg[int | None, Integer(0, 0xFFFF), "The lowest value to count."]
High = Arg[int | None, Integer(0, 0xFFFF), "The highest value to count."]
Region = Arg[str, Suggested("active", "all"), "Part of the frame: active area, or all."]
Overwrite = Arg[bool, "Overwrite files that are there."]


def _shelf(context: Context) -> DngShelf:
    from chdkshell.shell.shots.dngshelf import DngShelf

    if context.images is None:
        context.images = DngShelf()
    return context.images


def _text(*lines: str) -> Lines:
    from chdkshell.shell.results.dng import Lines

    return Lines(lines)


def _area(image: Any, region: str) -> Any:
    from chdkshell.errors import UsageError

    if region not in ("active", "all"):
        raise UsageError("invalid region", "active or all")
    return image.area(region == "all")


@command("dngload", topic="dng")
def dngload(
    context: Context,
    file: Arg[LocalPath, "The file."],
    *,
    nosel: Arg[bool, "Leave the selection as it is."] = False,
) -> Lines:
    """Load a DNG file that CHDK made, to look at it or change it.

    Example: dngload IMG_0001.dng
    """
    from pathlib import Path

    image = _shelf(context).load(Path(file), not nosel)
    return _text(f"loaded {image.path}")


@command("dngsave", topic="dng")
def dngsave(
    context: Context,
    words: Arg[Target | None, "A number of `dnglist`, or the file or folder."] = None,
    file: Arg[Target | None, "The file or folder to write to; else where it came from."] = None,
    *,
    over: Overwrite = False,
    keepmtime: Arg[bool, "Keep the time of the file that is overwritten."] = False,
) -> Lines:
    """Write a loaded DNG file.

    Example: dngsave fixed.dng
    Example: dngsave -over
    """
    import os

    shelf = _shelf(context)
    number = int(words) if words is not None and words.isdigit() else None
    image = shelf.find(number)
    path = shelf.target(image, file if number is not None else words)
    if shelf.pretend:
        return _text(f"save: {path}")
    before = path.stat().st_mtime if keepmtime and path.exists() else None
    image.save(path, over)
    if before is not None:
        os.utime(path, (before, before))
    return _text(f"wrote {path}")


@command("dngunload", topic="dng")
def dngunload(context: Context, number: Number = None) -> Lines:
    """Forget a loaded DNG file.

    Example: dngunload
    """
    return _text(f"unloaded {_shelf(context).unload(number).path}")


@command("dnglist", topic="dng")
def dnglist(context: Context) -> Lines:
    """List the loaded DNG files.

    Example: dnglist
    """
    shelf = _shelf(context)
    return _text(
        *(
            f"{'*' if image is shelf.selected else ' '}{number:<3}: {image.path}"
            for number, image in enumerate(shelf.images, 1)
        )
    )


@command("dngsel", topic="dng")
def dngsel(
    context: Context, number: Arg[int, Integer(0, 10_000), "The number in `dnglist`."]
) -> Lines:
    """Select the loaded DNG file that the other commands work on.

    Example: dngsel 2
    """
    shelf = _shelf(context)
    shelf.selected = shelf.find(number)
    return _text(f"selected {number}: {shelf.selected.path}")


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
) -> Lines:
    """Show what a DNG file says of itself.

    Example: dnginfo
    Example: dnginfo -ifd=raw -vals
    """
    from chdkshell.errors import UsageError
    from chdkshell.shell.shots.dngshelf import directory_lines

    image = _shelf(context).find(number)
    lines = [f"{image.path}:"]
    if s or not (h or ifd):
        found = image.summary()
        lines.append(
            f"{found.width}x{found.height}x{found.bits}, {found.colours}, "
            f"DNG {found.version} / {found.backward_version}, {found.software}, {found.model}"
        )
    if h:
        order, magic = image.before[:2].hex(), int.from_bytes(image.before[2:4], "little")
        offset = int.from_bytes(image.before[4:8], "little")
        lines += [f"byte_order 0x{order}", f"id 0x{magic:x}", f"ifd0_off 0x{offset:x}"]
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
        lines += directory_lines(directories, 20 if vals is True else int(vals))
    return _text(*lines)


@command("dnghist", topic="dng")
def dnghist(
    context: Context,
    number: Number = None,
    *,
    min: Low = None,  # noqa: A002
    max: High = None,  # noqa: A002
    reg: Region = "active",
    bin: Arg[int | None, Integer(1, 0x10000), "Values of a bin; else 1, or what fits."] = None,  # noqa: A002
    fmt: Arg[str, Suggested("count", "%", "%."), "Counts, per cent, or a dot for each."] = "count",
) -> Histogram:
    """Count how many pixels have each value; on a terminal it is drawn.

    Example: dnghist -bin=64
    Example: dnghist -max=10 -reg=all -fmt=%
    """
    from chdkshell.chdk.imaging.dngtools import bins
    from chdkshell.errors import UsageError
    from chdkshell.shell.results.dng import Histogram

    if fmt not in ("count", "%", "%."):
        raise UsageError(f"bad fmt {fmt}", "count, % or %.")
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
    coords: Arg[str, Suggested("abs", "rel"), "Count from the frame's corner, or the part's."] = (
        "abs"
    ),
    fmt: Arg[
        str,
        Suggested("chdk", "rt", "dcraw", "count"),
        "For CHDK's badpixel.txt, RawTherapee, dcraw; or only their number.",
    ] = "chdk",
    out: Arg[Target | None, "A file to write the list to."] = None,
) -> Lines:
    """List the pixels with values in a range, such as bad ones.

    Example: dnglistpixels -max=0
    Example: dnglistpixels -max=0 -fmt=dcraw -coords=rel -out=bad.txt
    """
    from pathlib import Path

    from chdkshell.chdk.imaging.dngtools import save_bytes
    from chdkshell.errors import UsageError
    from chdkshell.shell.shots.dngshelf import MAX_LINES

    forms = {"chdk": "{},{}", "rt": "{} {}", "dcraw": "{} {} 0", "count": ""}
    if min is None and max is None:
        raise UsageError("must specify min or max", "-max=0 lists dead pixels")
    if coords not in ("abs", "rel"):
        raise UsageError("invalid coords", "abs or rel")
    if fmt not in forms:
        raise UsageError("invalid format", ", ".join(forms))
    image = _shelf(context).find(number)
    area = _area(image, reg)
    left, top = (area.left, area.top) if coords == "rel" else (0, 0)
    high = image.mosaic.white if max is None else max
    lines, total = [], 0
    for x, y in image.matching(area, min or 0, high):
        total += 1
        if forms[fmt] and total <= MAX_LINES:
            lines.append(forms[fmt].format(x - left, y - top))
    if forms[fmt] and total > MAX_LINES:
        raise UsageError(f"{total} matching pixels are too many to list", "-fmt=count counts them")
    if out is not None and forms[fmt]:
        save_bytes(Path(out), "".join(line + "\n" for line in lines).encode(), overwrite=True)
        lines = []
    return _text(*lines, f"{total} matching pixels")


@command("dngmod", topic="dng")
def dngmod(
    context: Context,
    number: Number = None,
    *,
    patch: Arg[
        bool | int | None, Integer(0, 0xFFFF), "Patch pixels of this value or less; 0 alone."
    ] = None,
) -> Lines | None:
    """Change a loaded DNG file; `dngsave` writes it.

    Example: dngmod -patch
    """
    image = _shelf(context).find(number)
    if patch is None:
        return None
    return _text(f"patched {image.patch(0 if patch is True else int(patch))} pixels")


@command("dngdump", topic="dng")
def dngdump(
    context: Context,
    number: Number = None,
    *,
    thm: Arg[bool | str, TargetType(), "The small picture; else NAME_thm.rgb or .ppm."] = False,
    raw: Arg[bool | str, TargetType(), "The pixels; else NAME.raw or .pgm."] = False,
    png: Arg[bool | str, TargetType(), "A picture to look at; else NAME.png."] = False,
    over: Overwrite = False,
    rfmt: Arg[str | None, Named("bpp[l|b][pgm]"), "Form of -raw, like 8pgm, 16 or 12l."] = None,
    tfmt: Arg[str | None, Suggested("ppm"), "Form of -thm: ppm; else bare RGB."] = None,
) -> Lines:
    """Write what is in a DNG file to files of its own.

    Example: dngdump -png
    Example: dngdump -raw=frame.pgm -rfmt=16pgm -thm -tfmt=ppm
    """
    from chdkshell.chdk.imaging.dngtools import save_bytes
    from chdkshell.errors import UsageError
    from chdkshell.shell.shots.dngshelf import RawFormat

    form = RawFormat.parse(rfmt)
    if tfmt not in (None, "ppm"):
        raise UsageError(f"invalid thumbnail format requested: {tfmt}", "ppm")
    shelf = _shelf(context)
    image = shelf.find(number)
    lines = []
    for what, wanted, suffix in (
        ("thumb", thm, "_thm.ppm" if tfmt else "_thm.rgb"),
        ("raw", raw, form.suffix),
        ("png", png, ".png"),
    ):
        if not wanted:
            continue
        path = shelf.target(image, None if wanted is True else str(wanted), suffix)
        if shelf.pretend:
            lines.append(f"dump {what}: {path}")
        elif what == "thumb":
            save_bytes(path, image.thumbnail_ppm() if tfmt else image.thumbnail(), over)
        elif what == "raw":
            save_bytes(path, form.data(image), over)
        else:
            image.save_png(path, over)
    return _text(*lines)


Line = Arg[str, RestOfLine("[options] <files> { command ; ... }"), "Options, files, commands."]


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
