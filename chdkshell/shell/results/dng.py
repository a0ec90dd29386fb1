"""Results of the commands on DNG files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from chdkshell.errors import printable
from chdkshell.shell.results import Result
from chdkshell.shell.results.jsonvalues import to_json

if TYPE_CHECKING:
    from chdkshell.chdk.imaging.dngtools import DngSummary
    from chdkshell.chdk.imaging.tiffdirs import Directory, Value

BAR_COLUMNS = 50
"""Length of a histogram's longest bar."""

SCREEN_ROWS = 32
"""Bins of a histogram on a terminal, where nobody says how many; one more at most."""

PIXEL_FORMS = {"chdk": "{},{}", "rt": "{} {}", "dcraw": "{} {} 0", "count": ""}
"""How a pixel's column and row are written: for CHDK's badpixel.txt, RawTherapee, dcraw, not."""


@dataclass(frozen=True, slots=True)
class Loaded(Result):
    """A file that was loaded."""

    path: str

    def text(self) -> str:
        return printable(f"loaded {self.path}")


@dataclass(frozen=True, slots=True)
class Unloaded(Result):
    """A file that was forgotten."""

    path: str

    def text(self) -> str:
        return printable(f"unloaded {self.path}")


@dataclass(frozen=True, slots=True)
class Saved(Result):
    """A file that was written, or would be."""

    path: str
    pretended: bool

    def text(self) -> str:
        return printable(f"save: {self.path}" if self.pretended else f"wrote {self.path}")


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A loaded file with its number, and whether it is selected."""

    number: int
    path: str
    selected: bool


@dataclass(frozen=True, slots=True)
class LoadedFiles(Result):
    """The files that are loaded."""

    files: tuple[LoadedFile, ...]

    def text(self) -> str:
        lines = (f"{'*' if f.selected else ' '}{f.number:<3}: {f.path}" for f in self.files)
        return printable("\n".join(lines))

    def json(self) -> Any:
        return to_json(self.files)


@dataclass(frozen=True, slots=True)
class Selected(Result):
    """The file that was selected."""

    number: int
    path: str

    def text(self) -> str:
        return printable(f"selected {self.number}: {self.path}")


@dataclass(frozen=True, slots=True)
class TiffHeader:
    """The head of a TIFF file: the bytes of its order, its magic number, its first directory."""

    byte_order: str
    magic: int
    offset: int


@dataclass(frozen=True, slots=True)
class DngInfo(Result):
    """What a file says of itself, as far as it was asked; `values` of each entry at most."""

    path: str
    summary: DngSummary | None
    header: TiffHeader | None
    directories: tuple[Directory, ...]
    values: int

    def text(self) -> str:
        lines = [f"{self.path}:"]
        if found := self.summary:
            lines.append(
                f"{found.width}x{found.height}x{found.bits}, {found.colours}, "
                f"DNG {found.version} / {found.backward_version}, {found.software}, {found.model}"
            )
        if head := self.header:
            lines += [f"byte_order 0x{head.byte_order}", f"id 0x{head.magic:x}"]
            lines.append(f"ifd0_off 0x{head.offset:x}")
        return printable("\n".join([*lines, *directory_lines(self.directories, self.values)]))

    def json(self) -> Any:
        return {
            "path": self.path,
            "summary": to_json(self.summary),
            "header": to_json(self.header),
            "directories": [_directory_json(d, self.values) for d in self.directories],
        }


def _directory_json(directory: Directory, values: int) -> Any:
    tags = [
        {
            "name": tag.name,
            "number": tag.number,
            "type": tag.kind,
            "count": tag.count,
            "values": to_json(tag.values(values)),
        }
        for tag in directory.tags
    ]
    return {"name": directory.name, "offset": directory.offset, "tags": tags}


def directory_lines(directories: Sequence[Directory], values: int) -> Iterator[str]:
    """Yield the text of directories, of which the first is the topmost."""
    for directory in directories:
        indent = " " * (directory.name.count(".") - directories[0].name.count("."))
        yield (
            f"{indent}ifd{directory.name} offset=0x{directory.offset:x} "
            f"entries={len(directory.tags)} size={directory.size}"
        )
        for tag in directory.tags:
            field = " value" if tag.inline else "offset"
            yield (
                f"{indent} {tag.name:30} tag=0x{tag.number:04x} type={tag.kind:10} "
                f"count={tag.count:07} {field}=0x{tag.word:08x}"
            )
            if not tag.inline or tag.count > 1:
                for index, value in enumerate(tag.values(values)):
                    yield f"{indent} {index:4}: {_value_text(value)}"


def _value_text(value: Value) -> str:
    if isinstance(value, tuple):
        numerator, denominator = value
        text = f"{numerator}/{denominator}"
        return f"{text:>23} {numerator / denominator:12f}" if denominator else text
    if isinstance(value, int):
        return f"{value:12} 0x{value & 0xFFFFFFFF:08x}"
    return f'"{value}"' if isinstance(value, str) else f"{value:12f}"


@dataclass(frozen=True, slots=True)
class PixelList(Result):
    """Pixels that match, as far as they are listed, and how many there are. `form` as in the table.

    `path` is the file that the list was written to, "" where it is the result.
    """

    total: int
    pixels: tuple[tuple[int, int], ...]
    form: str
    path: str = ""

    def lines(self) -> list[str]:
        """Return a line for each pixel."""
        return [PIXEL_FORMS[self.form].format(x, y) for x, y in self.pixels]

    def text(self) -> str:
        listed = [] if self.path else self.lines()
        return "\n".join([*listed, f"{self.total} matching pixels"])


@dataclass(frozen=True, slots=True)
class Patched(Result):
    """How many pixels of a loaded file were patched."""

    path: str
    pixels: int

    def text(self) -> str:
        return f"patched {self.pixels} pixels"


@dataclass(frozen=True, slots=True)
class DumpedFile:
    """A file with a part of a DNG file: thumb, raw or png."""

    part: str
    path: str


@dataclass(frozen=True, slots=True)
class Dumped(Result):
    """Files that were written, or would be."""

    files: tuple[DumpedFile, ...]
    pretended: bool

    def text(self) -> str:
        if not self.pretended:
            return ""
        return printable("\n".join(f"dump {file.part}: {file.path}" for file in self.files))


@dataclass(frozen=True, slots=True)
class BatchFile(Result):
    """The file that the next results of a batch are about."""

    path: str

    def text(self) -> str:
        return printable(f"load: {self.path}")


@dataclass(frozen=True, slots=True)
class BatchStep(Result):
    """The command of a batch that comes next."""

    command: str

    def text(self) -> str:
        return printable(self.command)


@dataclass(frozen=True, slots=True)
class Histogram(Result):
    """First and last value and count of each bin of `size` values, out of `total` pixels.

    `form` is how counts are shown: count, % or %. (a dot for each per cent). `may_join`: nobody
    said how large a bin is, so that what is drawn may have as many bins as a screen has room for.
    """

    rows: tuple[tuple[int, int, int], ...]
    total: int
    size: int
    form: str
    may_join: bool = False

    def text(self) -> str:
        return "\n".join(self._lines())

    def screen(self, terminal: TextIO) -> str:
        from rich.text import Text

        from chdkshell.shell.results.drawing import drawn

        many = len(self.rows) // SCREEN_ROWS + 1 if self.may_join else 1
        return drawn(Text("\n".join(self._joined(many)._lines(BAR_COLUMNS))), terminal)

    def json(self) -> Any:
        return {"rows": self.rows, "total": self.total, "size": self.size, "form": self.form}

    def _joined(self, many: int) -> Histogram:
        """Return the histogram with so many bins made into one."""
        groups = (self.rows[at : at + many] for at in range(0, len(self.rows), many))
        size = self.size * many
        rows = tuple((g[0][0], g[0][0] + size - 1, sum(n for *_, n in g)) for g in groups)
        return Histogram(rows, self.total, size, self.form)

    def _lines(self, bars: int = 0) -> list[str]:
        """Return a line for each bin; with `bars`, a bar of so many columns for the highest."""
        digits = len(str(self.rows[-1][1] if self.rows else 0))
        most = max((count for *_, count in self.rows), default=0) or 1
        lines = []
        for first, last, count in self.rows:
            label = f"{first:{digits}}" + (f"-{last:{digits}}" if self.size > 1 else "")
            share = 100 * count / (self.total or 1)
            shown = {"count": str(count), "%": f"{share:6.2f}", "%.": "." * int(share)}[self.form]
            bar = f"{_bar(count / most * bars):<{bars}} " if bars else ""
            lines.append(f"{label} {bar}{shown}")
        return lines


def _bar(columns: float) -> str:
    """Return a bar that is so many columns long, to an eighth of one."""
    whole = int(columns)
    part = int((columns - whole) * 8)
    return "█" * whole + (" ▏▎▍▌▋▊▉"[part] if part else "")
