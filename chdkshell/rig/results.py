"""What came of a call on each of several cameras: results and errors, none lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from chdkshell.rig.members import Member

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RigResult(Generic[T]):
    """What came of a call on one camera: `value`, or the `error` that it raised."""

    member: Member
    value: T | None = None
    error: Exception | None = None


class RigResults(Mapping[str, T], Generic[T]):
    """The results of a call on each of several cameras, a mapping by the cameras' labels.

    `["left"]` is the result of one, or raises the error that came in its place. `results` has those
    of the cameras where the call succeeded, `errors` the errors of the others.
    """

    def __init__(self, outcomes: list[RigResult[T]]) -> None:
        self._by_label = {outcome.member.label: outcome for outcome in outcomes}

    def __getitem__(self, label: str) -> T:
        outcome = self._by_label[label]
        if outcome.error is not None:
            raise outcome.error
        return outcome.value  # type: ignore[return-value]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_label)

    def __len__(self) -> int:
        return len(self._by_label)

    @property
    def results(self) -> dict[str, T]:
        """The results of the cameras where the call succeeded."""
        return {label: self[label] for label, each in self._by_label.items() if each.error is None}

    @property
    def errors(self) -> dict[str, Exception]:
        """The errors of the cameras where it failed."""
        return {
            label: each.error for label, each in self._by_label.items() if each.error is not None
        }

    @property
    def summary(self) -> str:
        """All in one line, as in "7 of 9 ok; 5, 8: the camera is gone"."""
        errors = self.errors
        counted = f"{len(self) - len(errors)} of {len(self)} ok"
        return "; ".join([counted, *told_together(errors)])

    def check(self) -> None:
        """Raise an `ExceptionGroup` of all errors, if there are any."""
        errors = self.errors
        if errors:
            for label, error in errors.items():
                error.add_note(f"camera {label}")
            raise ExceptionGroup(self.summary, list(errors.values()))


def told_together(errors: Mapping[str, Exception]) -> list[str]:
    """Return what failed, each reason with the labels of all cameras that have it."""
    labels: dict[str, list[str]] = {}
    for label, error in errors.items():
        labels.setdefault(_line(error), []).append(label)
    return [f"{', '.join(those)}: {line}" for line, those in labels.items()]


def _line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
