"""One call for each camera of several, at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

from chdkshell.errors import ChdkShellError
from chdkshell.rig.together import in_parallel

M = TypeVar("M")
T = TypeVar("T")


@dataclass(slots=True)
class Outcomes(Generic[T]):
    """What came of a call for each camera, by the camera's name: a result, or why there is none."""

    results: dict[str, T] = field(default_factory=dict)
    errors: dict[str, ChdkShellError] = field(default_factory=dict)


def each_of(members: Mapping[str, M], work: Callable[[str, M], T]) -> Outcomes[T]:
    """Call `work` with the name and the value of each member, all at once; return when all ended.

    None is left out because another failed. An error that is none of this package's is a bug, and
    is raised when all calls have ended.
    """
    outcomes: Outcomes[T] = Outcomes()
    calls = [partial(work, name, member) for name, member in members.items()]
    for name, result in zip(members, in_parallel(calls), strict=True):
        if isinstance(result, ChdkShellError):
            outcomes.errors[name] = result
        elif isinstance(result, BaseException):
            raise result
        else:
            outcomes.results[name] = result
    return outcomes
