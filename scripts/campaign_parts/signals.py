"""Signals at moments of a command, which runs in a process of its own."""

from __future__ import annotations

import random
import re
import signal
from signal import SIGHUP, SIGINT, SIGKILL, SIGTERM

from support.cut_link import content

from campaign_parts.aftermath import go_on
from campaign_parts.case import Case
from campaign_parts.checks import Healthy, check_camera, check_files, check_no_script
from campaign_parts.place import Place, settings_of
from campaign_parts.program import Ended, Moments, Programs
from campaign_parts.table import all_cases

KINDS: dict[str, tuple[signal.Signals, ...]] = {
    "SIGINT": (SIGINT,),
    "SIGINT twice": (SIGINT, SIGINT),
    "SIGTERM": (SIGTERM,),
    "SIGHUP": (SIGHUP,),
    "SIGKILL": (SIGKILL,),
    "SIGINT, SIGTERM": (SIGINT, SIGTERM),
}

CLEAN = ("SIGINT", "SIGTERM", "SIGHUP")
"""After these the program leaves nothing behind; the others break it off."""

ANEW = 0.1
"""The share of runs that start with a new Python: a signal may come while that loads."""

WITHIN = re.compile(r'File ".*/chdkshell/(?!__init__\.py|__main__\.py)')
"""A line of a traceback that lies in the program. Before it is loaded, Python itself shows one."""

TIDY_SECONDS = 2.0
"""How long the camera may take to end what the program told it to end."""


class Signals:
    """The family of cases. `run` raises `AssertionError` with what is wrong."""

    def __init__(self, place: Place, programs: Programs) -> None:
        self._place = place
        self._programs = programs
        self._cases = all_cases()
        self._healthy: dict[str, Healthy] = {}

    def run(self, rng: random.Random) -> tuple[str, str]:
        """Run one case. Returns which signal it was, and its line."""
        case = rng.choices(self._cases, [case.weight for case in self._cases])[0]
        kind = rng.choice(list(KINDS))
        key = repr((case.line, case.files.here.keys(), case.files.card.keys()))
        try:
            if key not in self._healthy:
                self._healthy[key] = self._unharmed(case)
            self._run(case, kind, self._healthy[key], rng)
        except AssertionError as error:
            raise AssertionError(f"{kind}: {case.line}: {error}") from error
        return kind, case.line

    def _unharmed(self, case: Case) -> Healthy:
        """Run a case to its end, or for a while."""
        place, result = self._place, Healthy()
        place.set_up(case)
        moment = Moments(place, 1 << 30)
        signals = [] if case.ends else [(0.0, SIGINT)]
        done = self._programs.run(place, case, signals, moment)
        assert not case.ends or done.status == 0, f"where nothing happens: {done.stderr}"
        result.transactions = moment.count
        result.seconds = done.seconds
        here = content(place.folder)
        result.here = {n: d for n, d in here.items() if case.files.here.get(n) != d}
        return result

    def _run(self, case: Case, kind: str, whole: Healthy, rng: random.Random) -> None:
        place = self._place
        place.set_up(case)
        before = settings_of(place.camera)
        number = rng.randrange(whole.transactions + 1)
        pause = rng.random() * (whole.seconds if case.silent else 0.006)
        moment = Moments(place, number)
        if not number:
            moment.reached.set()
        signals = [(pause, KINDS[kind][0])]
        signals += [(rng.random() * 0.02, more) for more in KINDS[kind][1:]]
        where = f"at transaction {number} of {whole.transactions}, {pause * 1000:.1f} ms later"
        try:
            anew = rng.random() < ANEW
            ended = self._programs.run(place, case, signals, moment, anew)
            self._check_end(case, kind, ended, anew)
            clean = (kind in CLEAN and ended.signalled) or not ended.signalled
            self._check_left(place, case, whole, before, clean)
            with place.desk(begins=False) as desk:
                go_on(place, case, desk, whole, before, ended.stderr if clean else "*")
        except AssertionError as error:
            raise AssertionError(f"{where}: {error}") from error

    def _check_end(self, case: Case, kind: str, ended: Ended, anew: bool) -> None:
        """The program says how it ended by its status, and prints no traceback."""
        if anew and "Traceback" in ended.stderr and not WITHIN.search(ended.stderr):
            return  # Python itself had not started yet
        assert "Traceback" not in ended.stderr, ended.stderr
        names = [number for number in KINDS[kind] if number is not SIGINT]
        wanted = {0, *(-number for number in names), *(128 + number for number in names)}
        if SIGINT in KINDS[kind]:
            wanted |= {130, -SIGINT}
        if not ended.signalled:
            wanted = {0} if case.ends else wanted
        assert ended.status in wanted, f"status {ended.status}: {ended.stderr}"

    def _check_left(
        self, place: Place, case: Case, whole: Healthy, before: dict[str, object], clean: bool
    ) -> None:
        """Look at what is left. A program that was broken off leaves it to the camera to end."""
        if clean and not case.leaves_script:
            place.camera.state.clock.speed = 1.0
            if not place.camera.scripts.wait_ended(TIDY_SECONDS):
                place.hurry()
                raise AssertionError("the script goes on")
        if case.leaves_script or case.outlives_link:
            place.hurry()
        else:
            check_no_script(place, after="after the program was gone")
        check_files(place, whole, link_held=clean, killed=not clean)
        if clean:
            place.hurry()
            check_camera(place, before, runs=1)
