"""Results of the commands that shoot."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShotFile:
    """A file of a shot on this computer. `size` is in bytes."""

    path: str
    format: str
    size: int


@dataclass(frozen=True, slots=True)
class ShotFiles:
    """The files of one shot, and how many pixels of its DNG were patched."""

    image_number: int
    files: tuple[ShotFile, ...]
    patched_pixels: int


@dataclass(frozen=True, slots=True)
class CameraMode:
    """What the camera is set to. `name` is "" for a mode that CHDK does not know."""

    record: bool
    name: str


@dataclass(frozen=True, slots=True)
class ClockTimes:
    """The camera's clock, YYYY/MM/DD HH:MM:SS; `before` is None where it was only read."""

    before: str | None
    now: str


@dataclass(frozen=True, slots=True)
class Text:
    """Lines that are the result."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Histogram:
    """First and last value and count of each bin of `size` values, out of `total` pixels.

    `form` is how counts are shown: count, % or %. (a dot for each per cent).
    """

    rows: tuple[tuple[int, int, int], ...]
    total: int
    size: int
    form: str


def histogram_lines(histogram: Histogram, bars: int = 0) -> list[str]:
    """Return a line for each bin; with `bars`, a bar of so many columns for the highest."""
    digits = len(str(histogram.rows[-1][1] if histogram.rows else 0))
    most = max((count for *_, count in histogram.rows), default=0) or 1
    lines = []
    for first, last, count in histogram.rows:
        label = f"{first:{digits}}" + (f"-{last:{digits}}" if histogram.size > 1 else "")
        share = 100 * count / (histogram.total or 1)
        shown = {"count": str(count), "%": f"{share:6.2f}", "%.": "." * int(share)}[histogram.form]
        bar = f"{_bar(count / most * bars):<{bars}} " if bars else ""
        lines.append(f"{label} {bar}{shown}")
    return lines


def _bar(columns: float) -> str:
    """Return a bar that is so many columns long, to an eighth of one."""
    whole = int(columns)
    part = int((columns - whole) * 8)
    return "█" * whole + (" ▏▎▍▌▋▊▉"[part] if part else "")


def text_of(value: object) -> str | None:
    """Return the plain text of a result of this module, None for others."""
    match value:
        case ShotFiles():
            return ""
        case CameraMode():
            mode = f"{'rec' if value.record else 'play'}"
            return f"{mode} {value.name}".rstrip()
        case ClockTimes(before=None):
            return value.now
        case ClockTimes():
            return f"old {value.before}\nnew {value.now}"
        case Histogram():
            return "\n".join(histogram_lines(value))
        case Text():
            return "\n".join(value.lines)
        case _:
            return None
