"""Ctrl-C in each command about files: nothing is half done, and what is done is told."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator

import pytest
from support.cut_link import Bench, Outcome, content
from support.file_cases import (
    CASES,
    Case,
    check_at_end,
    check_in_between,
    check_message,
    check_told,
    places,
    whole_at_target,
)

from chdkshell.shell.dispatch import Status

at_points = pytest.mark.parametrize("count", [8, pytest.param(30, marks=pytest.mark.slow)])
"""At how many places Ctrl-C is pressed: few that tell, or all over it."""

Place = Callable[[Case], Bench]


@pytest.fixture
def place() -> Iterator[Place]:
    with places() as make:
        yield make


def points(total: int, count: int) -> list[int]:
    return sorted({total * n // count for n in range(count)})


def runs(turn: Bench, case: Case, count: int, *later: int) -> Iterator[Outcome]:
    """Run a command again and again, with Ctrl-C at `count` other places.

    It is pressed again so many bytes `later`. Afterwards the same command has to finish the job.
    """
    pressed = 0

    def ctrl_c() -> None:
        nonlocal pressed
        pressed += 1
        signal.raise_signal(signal.SIGINT)

    first, total = turn.run(case.line)
    assert first.ok, first.stderr
    for at in points(total, count):
        turn.reset()
        pressed = 0
        outcome, _ = turn.run(case.line, then=[(at + more, ctrl_c) for more in (0, *later)])
        turn.camera.scripts.wait_ended(60)
        if not pressed:  # fewer bytes than the first time: it depends on how long scripts take
            continue
        try:
            assert not outcome.ok
            assert outcome.status is Status.INTERRUPTED
            yield outcome
        except AssertionError as error:
            raise AssertionError(
                f"Ctrl-C at byte {at} of {total}: {outcome.stdout}{outcome.stderr}"
            ) from error
        brought = whole_at_target(case, turn)
        if case.is_done_at_once and content(turn.card) == case.card_after:
            continue
        again, _ = turn.run(case.line)
        assert again.ok, again.stderr
        check_at_end(case, turn, brought)


COMMANDS = [name for name in CASES if name != "edit"]


@at_points
@pytest.mark.parametrize("name", COMMANDS)
def test_ctrl_c(place: Place, name: str, count: int) -> None:
    """It ends the command: nothing temporary is left, and the connection goes on."""
    case = CASES[name]
    turn = place(case)
    cancelled = 0
    for outcome in runs(turn, case, count):
        check_in_between(case, turn, link_held=True)
        check_told(outcome, case, turn)
        assert not re.search("^WARNING: .*cancelled", outcome.stderr, re.MULTILINE)
        if "ERROR: " in outcome.stderr:
            check_message(outcome, case, "cancelled")
            cancelled += 1
        else:  # it came when all was done
            check_at_end(case, turn)
    assert cancelled > count // 4


@at_points
@pytest.mark.parametrize("name", [name for name in COMMANDS if not CASES[name].only_looks])
@pytest.mark.parametrize("later", [1, 100])
def test_two_of_them(place: Place, name: str, later: int, count: int) -> None:
    """The second breaks the connection off, in the middle of cleaning up."""
    case = CASES[name]
    turn = place(case)
    broken = 0
    for outcome in runs(turn, case, count, later):
        check_in_between(case, turn)
        check_told(outcome, case, turn, link_held=False)
        told = [line for line in outcome.stderr.splitlines() if not line.startswith("WARNING: ")]
        assert all(line.startswith(("ERROR: interrupted", "ERROR: cancelled")) for line in told)
        broken += "interrupted" in outcome.stderr
    assert broken
