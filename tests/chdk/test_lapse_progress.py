"""What a series of shots shows meanwhile: which shot is next, and when it is due."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from support.hand_clock import HandClock

from chdkshell.chdk.shooting import series
from chdkshell.chdk.shooting.series import ShotSeries
from chdkshell.flow import Progress


class Told(Progress):
    """Notes what is shown; None where the counting of bytes ends."""

    def __init__(self) -> None:
        self.notes: list[str | None] = []

    def start(self, total: int | None) -> None:
        assert total is None
        self.notes.append(None)

    def describe(self, text: str) -> None:
        self.notes.append(text)


class NoShots(ShotSeries):
    """Shots that take no time."""

    def run(self) -> None:
        self._take_all()

    def _get_ready(self) -> None: ...

    def _take_shot(self, number: int) -> None: ...

    def _after_drop_out(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, shots: int, interval: float) -> list[str | None]:
    """Return what a series shows whose shots take no time."""
    monkeypatch.setattr(series, "LapseClock", HandClock)
    told = Told()
    NoShots(cast(Any, None), shots, interval, progress=told).run()
    return told.notes


def test_the_time_of_the_next_shot_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    before = datetime.now().replace(microsecond=0)
    notes = shown(monkeypatch, 3, 90)
    after = datetime.now()
    assert [note and note.partition(" at ")[0] for note in notes] == [
        *("shot 1 of 3", None, "shot 2 of 3", "shot 2 of 3", None, "shot 3 of 3", "shot 3 of 3")
    ]
    due = re.fullmatch(r"shot 2 of 3 at (?:\S+ )?(\d\d:\d\d:\d\d)", str(notes[2]))
    assert due
    times = [before + timedelta(seconds=90 + n) for n in range((after - before).seconds + 2)]
    assert due[1] in [f"{time:%H:%M:%S}" for time in times]


def test_another_day_has_its_date(monkeypatch: pytest.MonkeyPatch) -> None:
    tomorrow = f"{datetime.now() + timedelta(days=1):%Y-%m-%d}"
    assert f" at {tomorrow} " in str(shown(monkeypatch, 2, 86400)[2])


def test_a_single_shot_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, 1, 0) == []
