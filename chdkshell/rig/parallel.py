"""One call for each camera of several, at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from chdkshell import waits
from chdkshell.errors import ChdkShellError

M = TypeVar("M")
T = TypeVar("T")


@dataclass(slots=True)
class Outcomes(Generic[T]):
    """What came of a call for each camera, by the camera's name: a result, or why there is none."""

    results: dict[str, T] = field(default_factory=dict)
    errors: dict[str, ChdkShellError] = field(default_factory=dict)


def each_of(members: Mapping[str, M], work: Callable[[str, M], T]) -> Outcomes[T]:
    """Call `work` with the name and the value of each member, all at once; return when all ended.

    None is left out because another failed. An error that is none of this package's is a bug: it
    is raised when all calls have ended.
    """
    outcomes: Outcomes[T] = Outcomes()
    bugs: list[BaseException] = []

    def run(name: str, member: M) -> None:
        try:
            outcomes.results[name] = work(name, member)
        except ChdkShellError as error:
            outcomes.errors[name] = error
        except BaseException as error:
            bugs.append(error)

    threads = [
        threading.Thread(target=run, args=item, name=f"camera {item[0]}", daemon=True)
        for item in members.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        waits.ended(thread)
    if bugs:
        raise bugs[0]
    return Outcomes(
        {name: outcomes.results[name] for name in members if name in outcomes.results},
        {name: outcomes.errors[name] for name in members if name in outcomes.errors},
    )
