"""clock -sync: a clock that is off is set to a fraction of a second, over a slow link too."""

from __future__ import annotations

import calendar
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from support.failing_link import FailingLink, failing_links
from support.shooting_shell import ShootingShell, shooting_shell

from chdkshell.chdk import clock
from chdkshell.chdk.scripts import Scripts
from chdkshell.flow import CancelToken

ONE_WAY = 0.25
"""Seconds that the link holds up a command, and its answer as well."""

TRIES = 40
"""A busy machine makes the camera late, by no more than it is at the best of some tries."""


@pytest.fixture
def links(monkeypatch: pytest.MonkeyPatch) -> list[FailingLink]:
    return failing_links(monkeypatch)


@pytest.fixture
def shell(tmp_path: Path, links: list[FailingLink]) -> Iterator[ShootingShell]:
    with shooting_shell(tmp_path / "card", record=False) as shell:
        yield shell


@pytest.fixture
def far_from_greenwich() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "XXX-5:30")
        time.tzset()
        yield
    time.tzset()


class HostClock:
    """This computer's clock, moved so that it stands at half of a second when it is made."""

    def __init__(self) -> None:
        self._shift = 0.5 - time.time() % 1

    def now(self) -> float:
        return time.time() + self._shift

    def local(self, utc: bool) -> float:
        now = self.now()
        moment = time.gmtime(now) if utc else time.localtime(now)
        return calendar.timegm(moment) + now % 1


def error_after_sync(
    shell: ShootingShell, utc: bool = False, subsecond: bool = True
) -> tuple[clock.ClockChange, float]:
    """Set the camera's clock, which is hours off; return by how much it is wrong then."""
    host, camera = HostClock(), shell.sim.state.clock
    camera.set(1_700_000_000)
    change = clock.sync_clock(shell.camera.scripts, utc=utc, subsecond=subsecond, now=host.now)
    return change, camera.exact_now() - host.local(utc)


@pytest.mark.usefixtures("far_from_greenwich")
@pytest.mark.parametrize("utc", [False, True])
def test_the_clock_is_right_to_hundredths(shell: ShootingShell, utc: bool) -> None:
    errors = []
    for _ in range(TRIES):
        change, error = error_after_sync(shell, utc=utc)
        assert change.after == change.wanted
        errors.append(error)
        if abs(error) < 0.03:
            return
    pytest.fail(f"wrong by {errors}")


def test_the_time_on_the_way_is_allowed_for(
    shell: ShootingShell, links: list[FailingLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock here stands but for what the link takes, and the script waits for the rest."""
    moment = 1_700_000_000.5
    sent: list[tuple[float, datetime, int]] = []

    def hold_up(number: int) -> bool:
        nonlocal moment
        moment += ONE_WAY
        return False

    def set_clock(scripts: Scripts, wanted: datetime, wait_ms: int, cancel: CancelToken) -> None:
        sent.append((moment, wanted, wait_ms))

    links[0].before = links[0].after = hold_up
    monkeypatch.setattr(clock, "set_clock", set_clock)
    clock.sync_clock(shell.camera.scripts, now=lambda: moment)
    ((at, wanted, wait_ms),) = sent
    assert wanted.timestamp() == pytest.approx(at + ONE_WAY + wait_ms / 1000, abs=0.001)
    assert wait_ms > 0


def test_without_it_whole_seconds_are_set_at_once(shell: ShootingShell) -> None:
    _, error = error_after_sync(shell, subsecond=False)
    assert error < -0.5
