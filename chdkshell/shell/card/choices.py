"""The switches that say which files of the card a command means, shared by several commands."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.shell.arguments import Glob, Integer, LuaPattern, OrderType, ProgramType
from chdkshell.shell.parameters import Switches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chdkshell.chdk.card.access import EntriesListener
    from chdkshell.chdk.card.selection import ImageRange, Selection
    from chdkshell.chdk.cardentry import CardEntry
    from chdkshell.shell.context import Context

IMAGE_NAMES = "[%a_]%a%a_%d%d%d%d%.%w%w%w"
"""`IMAGE_PATTERN` of chdk.card.selection, which a start does not load."""


Quiet = Arg[bool, "Do not show what is done."]
ExecAfterDownload = Arg[
    str | None, ProgramType("command"), "A command to run after each file, which is in $ARGUMENT."
]


class FileChoice(Switches):
    """Files below the paths that are given, by patterns."""

    fmatch: Arg[LuaPattern | None, "Only files with paths that match."] = None
    rmatch: Arg[LuaPattern | None, "Look only into folders with names that match."] = None
    glob: Arg[Glob | None, "Only files that a shell glob means, such as *.JPG."] = None
    maxdepth: Arg[int, Integer(), "Look only into this many levels of folders."] = 100
    batchsize: Arg[int | None, Integer(low=1), "Files that the camera tells at a time."] = None
    dbgmem: Arg[bool, "Show how much memory the camera has left."] = False

    def selection(self, context: Context) -> Selection:
        """Return what the switches mean. Raises `UsageError` for a malformed pattern."""
        from chdkshell.shell.card.copyoutput import selection

        return selection(
            context,
            fmatch=self.fmatch,
            rmatch=self.rmatch,
            glob=self.glob,
            maxdepth=self.maxdepth,
            batchsize=self.batchsize,
            dbgmem=self.dbgmem,
        )


class TreeChoice(FileChoice):
    """Files and folders below the paths that are given, by patterns."""

    dmatch: Arg[LuaPattern | None, "Only folders with paths that match."] = None

    def selection(self, context: Context) -> Selection:
        return super().selection(context).replaced(dmatch=self.dmatch)


class ImageChoice(FileChoice):
    """Pictures, by patterns and by their numbers."""

    last: Arg[int | bool, Integer(low=1), "The last n by the camera's file counter, or one."] = (
        False
    )
    imin: Arg[int | None, Integer(), "Pictures with this number or a higher one."] = None
    imax: Arg[int | None, Integer(), "Pictures with this number or a lower one."] = None
    dmin: Arg[int | None, Integer(), "Pictures in folders with this number or a higher one."] = None
    dmax: Arg[int | None, Integer(), "Pictures in folders with this number or a lower one."] = None

    @property
    def has_filter(self) -> bool:
        """Whether any switch chooses some of the pictures."""
        usual = {name: getattr(PICTURES, name) for name in ("fmatch", "rmatch", "glob", "maxdepth")}
        numbers = (self.imin, self.imax, self.dmin, self.dmax)
        return (
            any(getattr(self, name) != value for name, value in usual.items())
            or bool(self.last)
            or any(number is not None for number in numbers)
        )

    def numbers(self) -> ImageRange:
        """Return which numbers the switches mean."""
        from chdkshell.chdk.card.selection import ImageRange

        # `-last` alone is True, which is the 1 it means
        return ImageRange(self.imin, self.imax, self.dmin, self.dmax, int(self.last) or None)


class OrderedChoice(ImageChoice):
    """Pictures in an order."""

    sort: Arg[
        str, OrderType("order"), "path, name, date, size, shot, or a text such as ${mdate,%H}."
    ] = "date"
    r: Arg[bool, "Sort from the last to the first."] = False

    def find(self, context: Context, paths: Sequence[str]) -> list[CardEntry]:
        """Return the pictures in `paths` that are meant, in their order."""
        from chdkshell.shell.card.counting import counting

        with counting(context, "pictures") as on_count:
            return context.camera.files.images(
                paths,
                self.numbers(),
                self.selection(context),
                self.sort,
                self.r,
                context.cancel,
                on_count,
            )

    def find_by_path(
        self, context: Context, paths: Sequence[str], on_entries: EntriesListener
    ) -> None:
        """Tell `take` of the pictures in the order of their paths while the camera lists them."""
        from chdkshell.chdk.card.images import list_by_path
        from chdkshell.shell.card.counting import counting

        with counting(context, "pictures") as on_count:
            list_by_path(
                context.camera.files.card,
                on_entries,
                paths,
                self.numbers(),
                self.selection(context),
                self.r,
                context.cancel,
                on_count,
            )


TREES = TreeChoice()
PICTURES = ImageChoice(fmatch=IMAGE_NAMES, maxdepth=2)
PICTURES_BY_DATE = OrderedChoice(fmatch=IMAGE_NAMES, maxdepth=2)
