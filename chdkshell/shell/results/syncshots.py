"""Results of shots that several cameras take at the same moment."""

from __future__ import annotations

from dataclasses import dataclass

from chdkshell.errors import printable_name
from chdkshell.shell.results import Result


@dataclass(frozen=True, slots=True)
class SyncCamera:
    """What came of a shot on one camera.

    `fired` is None where that is not known. `lateness` is how many ms after the moment that was
    meant, and `bound` how far that may be off. `files` are here, or on the card where none came.
    """

    camera: str
    fired: bool | None
    lateness: float | None
    bound: float | None
    count: int | None
    files: tuple[str, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class SyncShotTaken(Result):
    """A shot of several cameras. `spread` is how many ms lie between the first and the last one,
    `spread_bound` how many may at most; `called_off` is why nobody was told to fire.
    """

    shot: int
    spread: float | None
    spread_bound: float | None
    cameras: tuple[SyncCamera, ...]
    called_off: str

    def text(self) -> str:
        """Return a line for each camera, and one for all of them."""
        return "\n".join([*map(_line, self.cameras), self._whole()])

    def _whole(self) -> str:
        if self.called_off:
            return printable_name(f"shot {self.shot}: nobody fired: {self.called_off}")
        fired = sum(one.fired is True for one in self.cameras)
        text = f"shot {self.shot}: {fired} of {len(self.cameras)} fired"
        if self.spread is not None:
            text += f", spread {self.spread:.1f} ms"
        if self.spread_bound is not None:
            text += f" (at most {self.spread_bound:.1f})"
        return text


def _line(one: SyncCamera) -> str:
    words = {True: "fired", False: "did not fire", None: "nobody knows whether it fired"}[one.fired]
    parts = [f"{one.camera}: {words}"]
    if one.lateness is not None:
        parts[0] += f" {round(one.lateness, 1) + 0.0:+.1f} ms"
    if one.bound is not None:
        parts[0] += f" (±{one.bound:.1f})"
    if one.count is not None:
        parts.append(f"shot {one.count}")
    parts += one.files
    parts += [one.problem] if one.problem else []
    return printable_name(", ".join(parts))
