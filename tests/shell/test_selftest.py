"""The command selftest: what it says, asks, writes, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.selftest_cases import by_outcome, hurry, run

from chdkshell.selftest.outcomes import Outcome
from chdkshell.sim.camera import SimCamera


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


def test_a_camera_that_is_fine(tmp_path: Path) -> None:
    sim = SimCamera()
    results = run(sim, shoot=True, sizes=True)
    sim.close()
    assert by_outcome(results, Outcome.FAILED) == set(), results
    assert by_outcome(results, Outcome.ABSENT) == {"live opacity", "Canon raw capture"}
    assert len(results) > 40
    assert json.dumps([result.measured for result in results])
