"""How selftest ends where the link is cut, or a signal comes: with the card as it was."""

# needs: POSIX

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator

import pytest
from support.cutting_proxy import CuttingProxy
from support.selftest_cases import by_outcome, hurry, tree
from support.shell_process import environment, program
from support.timeouts import TIMEOUT

from chdkshell.camera import Camera
from chdkshell.chdk.constants import ChdkCommand
from chdkshell.selftest import catalogue
from chdkshell.selftest.checks import Trial
from chdkshell.selftest.outcomes import CheckResult, Outcome
from chdkshell.selftest.running import Selftest
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer

MADE = {trial.name: trial for trial in catalogue.CHECKS}


@pytest.fixture
def server() -> Iterator[IpServer]:
    """A simulated camera on the network."""
    sim = SimCamera()
    with IpServer(sim) as made:
        yield made
    sim.close()


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("full packets", ChdkCommand.READ_SCRIPT_MSG),
        ("order to camera", ChdkCommand.WRITE_SCRIPT_MSG),
        ("file sizes", ChdkCommand.UPLOAD_FILE),
        ("file speed", ChdkCommand.DOWNLOAD_FILE),
        ("live frames", ChdkCommand.GET_DISPLAY_DATA),
        ("half press", ChdkCommand.EXECUTE_SCRIPT),
        ("JPEG capture", ChdkCommand.REMOTE_CAPTURE_GET_DATA),
        ("reconnect", ChdkCommand.UPLOAD_FILE),
    ],
)
def test_a_link_cut_in_a_check(
    server: IpServer, monkeypatch: pytest.MonkeyPatch, name: str, command: ChdkCommand
) -> None:
    hurry(monkeypatch)
    before = tree(server.camera.card.root)
    with CuttingProxy(server.address) as proxy, Camera(proxy.address) as camera:

        def begin(trial: Trial) -> None:
            proxy.cuts_at = command if trial.name == name else None

        def end(result: CheckResult) -> None:
            proxy.cuts_at = None

        names = ("script status", name, "file changes", "Lua tables")
        test = Selftest(camera, [MADE[name] for name in names], begin, end)
        results = test.run()
        assert proxy.cuts == 1
        assert test.left == []
    assert by_outcome(results, Outcome.FAILED) == {name}
    assert len(results) == len(names)
    assert tree(server.camera.card.root) == before


def test_a_camera_that_is_gone_for_good(server: IpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chdkshell.selftest.running.RECONNECT_SECONDS", 0.1)
    with Camera(server.address) as camera:

        def begin(trial: Trial) -> None:
            if trial.name == "file sizes":
                server.close()

        names = ("script status", "file sizes", "file changes")
        test = Selftest(camera, [MADE[name] for name in names], begin)
        results = test.run()
    assert [result.outcome for result in results] == [Outcome.PASSED, Outcome.FAILED]
    assert test.ended_early
    assert len(test.left) == 1
    assert test.left[0].startswith("A/CHSHTEST may be left on the card: ")


@pytest.mark.slow
@pytest.mark.parametrize("after", ["transactions", "messages to camera", "file contents"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal(server: IpServer, after: str, number: signal.Signals) -> None:
    before = tree(server.camera.card.root)
    process = subprocess.Popen(
        [*program(), "--device", server.address, "-e", "selftest -report=/dev/null"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(f"passed {after}"):
            process.send_signal(number)
            break
    error = process.communicate(timeout=TIMEOUT)[1]
    assert process.returncode == (130 if number is signal.SIGINT else -number), error
    assert "Traceback" not in error
    assert "may be left" not in error
    assert tree(server.camera.card.root) == before
