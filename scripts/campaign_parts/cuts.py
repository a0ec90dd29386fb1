"""Links that fail after so many bytes, full disks and full cards: one case after the other."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

from support.cut_link import content

from campaign_parts.aftermath import cancel_after, go_on
from campaign_parts.case import Case
from campaign_parts.checks import (
    Healthy,
    check_camera,
    check_end,
    check_files,
    check_no_script,
    check_outcome,
)
from campaign_parts.disk import full_disk
from campaign_parts.links import Direction, Fault, Way
from campaign_parts.place import Outcome, Place, settings_of
from campaign_parts.table import all_cases

KINDS = {**{way.value: 20.0 for way in Way}, "full disk": 15.0, "full card": 10.0}
"""What can go wrong, by how often it is drawn."""


def kinds_of(case: Case) -> list[str]:
    """Return what can go wrong in a case."""
    files = case.files
    if case.terminal:
        return []
    kinds = [] if case.silent else [way.value for way in Way]
    if case.new or (files.here_after is not None and not files.uploads):
        kinds.append("full disk")
    if files.uploads or files.makes or ".JPG" in case.new:
        kinds.append("full card")
    return kinds


class Cuts:
    """The family of cases. `run` raises `AssertionError` with what is wrong."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._cases = [case for case in all_cases() if kinds_of(case)]
        self._healthy: dict[str, Healthy] = {}

    def run(self, rng: random.Random) -> tuple[str, str]:
        """Run one case. Returns what went wrong in it, and its line."""
        case = rng.choices(self._cases, [case.weight for case in self._cases])[0]
        kinds = kinds_of(case)
        kind = rng.choices(kinds, [KINDS[kind] for kind in kinds])[0]
        key = repr((case.line, case.files.here.keys(), case.files.card.keys()))
        try:
            if key not in self._healthy:
                self._healthy[key] = healthy(self._place, case)
            self._run(case, kind, self._healthy[key], rng)
        except AssertionError as error:
            raise AssertionError(f"{kind}: {case.line}: {error}") from error
        return kind, case.line

    def _run(self, case: Case, kind: str, whole: Healthy, rng: random.Random) -> None:
        place = self._place
        place.set_up(case)
        before = settings_of(place.camera)
        direction = rng.choice(list(Direction))
        at = rng.randrange(max(1, whole.traffic.get(direction.value, 1)))
        patient = rng.random() < 0.5 or case.goes_off
        fault = Fault()
        if kind not in ("full disk", "full card"):
            fault = Fault(Way(kind), direction, at)
        try:
            with place.desk(fault) as desk:
                with trouble(place, kind, whole, rng.random()):
                    first = desk.run(case.line, cancel_after(case))
                fault.armed = fault.struck  # else it would strike in the next command
                self._look(place, case, first, fault, whole, patient)
                go_on(place, case, desk, whole, before, first.stderr)
        except AssertionError as error:
            where = f"{direction.value} at byte {at}" if fault.way else "with no room"
            raise AssertionError(f"{where}{', waited' * patient}: {error}") from error

    def _look(
        self,
        place: Place,
        case: Case,
        first: Outcome,
        fault: Fault,
        whole: Healthy,
        patient: bool,
    ) -> None:
        """Look at what the failure left."""
        check_outcome(first)
        broke = fault.struck and fault.way is not Way.DRIP
        if fault.way is Way.DRIP and case.ends:
            assert first.ok, f"a slow link failed: {first.stderr}"
        if patient and not case.leaves_script and not (broke and case.outlives_link):
            check_no_script(place, after="after the link broke" if broke else "after its command")
        if case.leaves_script:
            place.hurry()
        check_files(place, whole, link_held=not broke)


@contextmanager
def trouble(place: Place, kind: str, whole: Healthy, share: float) -> Iterator[None]:
    """Let disk or card be full at a share of what the case writes."""
    if kind == "full disk":
        size = sum(len(data) for data in whole.here.values())
        with full_disk(place.folder, int(size * share)):
            yield
    elif kind == "full card":
        after = whole.traffic["card"]
        card = place.camera.card
        used = sum(map(len, content(place.card).values()))
        card.capacity = used + int(after * share)
        try:
            yield
        finally:
            card.capacity = None
    else:
        yield


def healthy(place: Place, case: Case) -> Healthy:
    """Run a case where nothing fails. Raises `AssertionError` where that does not work."""
    result, fault = Healthy(), Fault()
    place.set_up(case)
    before = settings_of(place.camera)
    used = sum(map(len, case.files.card.values()))
    transact = place.camera.responder.transact

    def counted(*arguments: object) -> object:
        result.transactions += 1
        return transact(*arguments)  # type: ignore[arg-type]

    try:
        with place.desk(fault) as desk:
            setattr(place.camera.responder, "transact", counted)  # noqa: B010 - of this one
            done = desk.run(case.line, cancel_after(case))
            result.traffic = {way.value: count for way, count in fault.counts.items()}
        place.hurry()
        here = content(place.folder)
        result.here = {n: d for n, d in here.items() if case.files.here.get(n) != d}
        result.traffic["card"] = max(1, sum(map(len, content(place.card).values())) - used)
        if case.files.uploads:
            result.traffic["card"] = (
                sum(map(len, (case.files.card_after or {}).values())) - used + 1
            )
        check_outcome(done)
        assert done.ok or not case.ends, done.stderr
        if not case.leaves_script:
            check_no_script(place, after="after a run that succeeded")
        place.hurry()
        check_end(place, result, set())
        check_camera(place, before, runs=1)
    except AssertionError as error:
        raise AssertionError(f"where nothing fails: {error}") from error
    return result
