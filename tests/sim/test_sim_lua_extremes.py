"""Calls with extreme arguments: each ends or can be killed, and nothing of it is left."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from support.extreme_calls import extreme_calls
from support.sim_scripts import FLUSH, Runner, script_threads, simulated
from support.timeouts import TIMEOUT

BATCH = 50
"""So many calls are made by one script."""

PATIENCE = 0.5
"""Seconds that a script gets before it is killed."""


def script_of(calls: list[str], first: int) -> bytes:
    """Return a script that makes the calls, and says on the console which one it begins."""
    lines = [
        f"say('{first + number}') try(function() return {call} end)"
        for number, call in enumerate(calls)
    ]
    head = "local say,try=print,pcall "
    return (head + "\n".join(lines)).encode("latin-1")


def scripts_left() -> list[threading.Thread]:
    """The threads that do not end, though their scripts have."""
    for thread in script_threads():
        thread.join(TIMEOUT)
    return script_threads()


def run_all(camera: Runner, calls: list[str]) -> int:
    """Run the calls. Returns how many were killed."""
    host, killed, done = camera.host, 0, 0
    while done < len(calls):
        batch = calls[done : done + BATCH]
        camera.state.console.clear()
        host.execute(script_of(batch, done), FLUSH)
        if host.wait_ended(PATIENCE):
            done += len(batch)
        else:
            killed += 1
            host.kill()
            numbers = [line for line in camera.state.console if line.isdigit()]
            done = int(numbers[-1]) + 1 if numbers else done + 1
        assert not host.running
        assert not scripts_left(), f"left by one of {batch}"
        host.outbox.clear()
    assert camera.value("return 'alive'") == "alive"
    return killed


def test_a_slice_of_them(tmp_path: Path) -> None:
    with simulated(tmp_path, speed=1000.0) as camera:
        run_all(camera, extreme_calls(400, seed=1))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12))
def test_extreme_calls(tmp_path: Path, seed: int) -> None:
    with simulated(tmp_path, speed=1000.0) as camera:
        run_all(camera, extreme_calls(2000, seed))
