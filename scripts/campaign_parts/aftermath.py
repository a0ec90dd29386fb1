"""What a person does after a failure: look, give the next command, give the same once more."""

from __future__ import annotations

from support.cut_link import content

from campaign_parts.case import Case
from campaign_parts.checks import (
    Healthy,
    brought_so_far,
    check_camera,
    check_end,
    check_no_script,
    check_outcome,
)
from campaign_parts.place import CALM, Desk, Place

CANCEL_AFTER = 0.04
"""Seconds that a command gets which does not end."""


def cancel_after(case: Case) -> float | None:
    """Return when a command of a case gets a Ctrl-C in this process: where it does not end."""
    return None if case.ends else CANCEL_AFTER


def go_on(
    place: Place, case: Case, desk: Desk, whole: Healthy, before: dict[str, object], told: str
) -> None:
    """Check that the next command works, and then the same command once more.

    `told` is what the failed run has said: files that it named may be left.
    """
    if not case.silent:
        if case.leaves_script or case.outlives_link:
            check_no_script(place, after="long after it was started")
        if case.then:
            desk.run(case.then)
        if not case.joins:
            answer = desk.run("luar return 6*7")
            if case.goes_off and not answer.ok:  # it left while nobody asked it anything
                answer = desk.run("luar return 6*7")
            assert answer.ok, f"the next command failed: {answer.stderr}"
            assert answer.stdout.endswith(":return:42\n"), answer.stdout
    # now, for what the camera had begun it may have done since
    brought = brought_so_far(case, place)
    if case.files.is_done_at_once and _is_done(case, place):
        return
    if case.terminal:
        return
    place.run_clock(CALM)
    for line in case.before:
        desk.run(line)
    again = desk.run(case.line, cancel_after(case))
    check_outcome(again)
    if case.ends:
        assert again.ok, f"the second run failed: {again.stderr}"
    if not case.silent and not case.leaves_script:
        check_no_script(place, after="after the second run")
    place.hurry()
    if again.ok or not case.ends:
        check_end(place, whole, brought, told)
    check_camera(place, before, runs=2)


def _is_done(case: Case, place: Place) -> bool:
    made = not case.files.makes or (place.card / case.files.makes).is_dir()
    return made and content(place.card) == case.files.card_after
