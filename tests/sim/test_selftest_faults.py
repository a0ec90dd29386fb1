"""Faults put into a simulated camera on purpose: selftest finds each, by the check meant for it."""

from __future__ import annotations

import pytest
from support.planted_faults import FAULTS, PlantedFault
from support.selftest_cases import by_outcome, hurry, served

from chdkshell.selftest.bench import FOLDER
from chdkshell.selftest.catalogue import chosen
from chdkshell.selftest.outcomes import Outcome
from chdkshell.selftest.running import Selftest
from chdkshell.sim.camera import SimCamera

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_a_planted_fault_is_found(fault: PlantedFault, monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    sim = SimCamera()
    with served(sim) as camera:
        with monkeypatch.context() as patch:
            fault.plant(sim, patch)
            camera.reconnect()
            test = Selftest(camera, chosen(shoots=fault.shoot))
            results = test.run()
        failed = by_outcome(results, Outcome.FAILED)
        assert fault.found_by <= failed <= fault.found_by | fault.also, results
        assert bool(test.ended_early) is fault.ends
        assert bool(test.left) is fault.leaves, test.left
        assert (sim.card.root / FOLDER.removeprefix("A/")).exists() is fault.leaves
        for result in results:
            if result.outcome is Outcome.FAILED:
                assert result.seen
                assert result.expected
    sim.close()
