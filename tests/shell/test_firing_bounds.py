"""A link that breaks at every shot: each is tried again at most twice, then the row ends."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from support.breaking_link import Breaks, Rule, breaking_links, never
from support.command_kinds import FIRING, KINDS
from support.cutting_proxy import CuttingProxy
from support.emulated_usb.camera import Fault
from support.emulated_usb.fixtures import UsbBus
from support.emulated_usb.usbfs import Node
from support.shell_process import environment, program
from support.shooting_shell import ShootingShell, shooting_shell
from support.timeouts import TIMEOUT

from chdkshell.camera import Camera
from chdkshell.chdk.constants import ChdkCommand
from chdkshell.chdk.shooting import series
from chdkshell.chdk.shooting.schedule import LapseClock
from chdkshell.chdk.shooting.series import MAX_RETRIES
from chdkshell.flow import CancelToken
from chdkshell.shell import commands  # noqa: F401 - importing them declares them
from chdkshell.shell.command import REGISTRY
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.clock import Clock
from chdkshell.sim.interfaces.ipserver import IpServer
from chdkshell.sim.properties import Prop

SHOTS = 3
SHOOTING = (b"rs_shoot({", b"rlib_shoot({", b"rsint_run({")
"""What the scripts that shoot call at their end; the lines of a library have no `{` there."""


def test_every_command_has_its_place() -> None:
    named = [name for kind in KINDS for name in kind]
    assert sorted(named) == sorted(command.name for command in REGISTRY)


class NoWait(LapseClock):
    """The clock of a row for which nobody waits. `waits` are the seconds of each wait."""

    waits: ClassVar[list[float]] = []

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        return super().now() + self._ahead

    def wait(self, seconds: float, cancel: CancelToken) -> None:
        cancel.check()
        self.waits.append(seconds)
        self._ahead += seconds


@pytest.fixture
def breaks(monkeypatch: pytest.MonkeyPatch) -> Breaks:
    monkeypatch.setattr(series, "LapseClock", NoWait)
    monkeypatch.setattr(NoWait, "waits", [])
    return breaking_links(monkeypatch)


@pytest.fixture
def shell(
    breaks: Breaks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ShootingShell]:
    monkeypatch.chdir(tmp_path)
    with shooting_shell(tmp_path / "card", clock=Clock(speed=3)) as shell:
        shell.sim.state.set_prop(Prop.DRIVE_MODE, 1)
        yield shell


def fetching(command: ChdkCommand, data: bytes) -> bool:
    return command is ChdkCommand.REMOTE_CAPTURE_GET_DATA


def starting(command: ChdkCommand, data: bytes) -> bool:
    return command is ChdkCommand.EXECUTE_SCRIPT and any(call in data for call in SHOOTING)


def waiting(command: ChdkCommand, data: bytes) -> bool:
    return command is ChdkCommand.REMOTE_CAPTURE_IS_READY


def telling(command: ChdkCommand, data: bytes) -> bool:
    return command is ChdkCommand.WRITE_SCRIPT_MSG


RULES: dict[str, Rule] = {
    "fetching": fetching,
    "starting": starting,
    "waiting": waiting,
    "telling": telling,
}


def check_at_rest(shell: ShootingShell, breaks: Breaks) -> int:
    """Check that nothing goes on by itself and all is as it was; return how often it exposed."""
    breaks.before = breaks.after = never
    state = shell.sim.state
    assert not shell.sim.scripts.running
    assert not state.keys_held
    assert not state.capture.target
    shots = state.shots
    shell.context.prefs.set("cli_shotseq", "1")
    ok, out, err = shell.try_("luar return get_exp_count()")
    assert ok, err
    assert int(out[0].rpartition(":")[2]) == shots
    assert not state.raw
    ok, _, err = shell.try_("rcapture after")
    assert ok, err
    assert state.shots == shots + 1
    return shots


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("line", FIRING["rcapture"])
def test_captures(shell: ShootingShell, breaks: Breaks, line: str, rule: str, when: str) -> None:
    if rule == "telling" and ("-quick" in line or "-cont" in line):
        pytest.skip("the host tells these nothing")
    setattr(breaks, when, RULES[rule])
    said = shell.fail(f"{line} out/")
    assert breaks.count >= 1 + MAX_RETRIES
    assert f"ERROR: shot 1 of {SHOTS} was tried 3 times, and each time the camera was gone" in said
    assert f"the row ends with 0 of {SHOTS} shots; look at the cable" in said
    shots = check_at_rest(shell, breaks)
    assert shots <= SHOTS + MAX_RETRIES
    if "-int" in line and shots > 1:
        assert sum(NoWait.waits) > MAX_RETRIES * 30 * 0.9


@pytest.mark.parametrize("line", ["rcapture -quick=3", "rcapture -cont=3"])
def test_a_camera_that_goes_on_while_it_is_looked_for(
    shell: ShootingShell, breaks: Breaks, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    """Its next shot is under way when it is back: so the failed one is tried again alone."""
    reconnect = Camera.reconnect

    def has_data() -> bool:
        return bool(shell.sim.state.capture.is_ready()[0])

    def late(camera: Camera, *args: Any, **named: Any) -> None:
        while shell.sim.scripts.running and not has_data():
            time.sleep(0.002)
        reconnect(camera, *args, **named)

    monkeypatch.setattr(Camera, "reconnect", late)
    # after the last piece: the camera takes the shot for fetched
    breaks.after = lambda command, data: fetching(command, data) and not has_data()
    assert "was tried 3 times" in shell.fail(f"{line} out/")
    monkeypatch.setattr(Camera, "reconnect", reconnect)
    assert check_at_rest(shell, breaks) <= SHOTS + MAX_RETRIES


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("line", FIRING["shoot"])
def test_shots_to_the_card(shell: ShootingShell, breaks: Breaks, line: str, when: str) -> None:
    """The script goes on without its host: its shot is found, and counts."""
    setattr(breaks, when, starting)
    ok, _, err = shell.try_(line)
    lost = when == "before"
    assert ok is not lost, err
    assert check_at_rest(shell, breaks) == (0 if lost else SHOTS)
    if lost:
        assert f"shot 1 of {SHOTS} was tried 3 times" in "\n".join(err)
        assert "-int" not in line or sum(NoWait.waits) > MAX_RETRIES * 30 * 0.9


def test_downloads_of_a_shot_that_never_come(shell: ShootingShell, breaks: Breaks) -> None:
    breaks.before = lambda command, data: command is ChdkCommand.DOWNLOAD_FILE
    said = shell.fail("shoot -shots=3 -dl=out/ -rm")
    assert "shot 1 of 3 was tried 3 times" in said
    assert [path.name for path in shell.sim.card.root.rglob("*.JPG")] == ["IMG_0001.JPG"]
    assert check_at_rest(shell, breaks) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("line", FIRING["rsint"])
def test_shots_at_a_word(
    shell: ShootingShell, breaks: Breaks, line: str, rule: str, when: str
) -> None:
    """Every word is obeyed once; a continuous shot that a key began cannot be called off."""
    setattr(breaks, when, RULES[rule])
    said = shell.fail(line)
    often = "the camera went away" if rule == "starting" else "the camera was gone 3 times in a row"
    assert f"ERROR: {often}" in said
    begun = 1 + MAX_RETRIES if "-cont" in line else 0
    if rule == "starting":  # its script could not be ended, which the next command does
        setattr(breaks, when, never)
        ok, _, err = shell.try_("luar return 1")
        assert ok, err
    assert check_at_rest(shell, breaks) <= 3 + begun


@pytest.mark.parametrize("line", ["rcapture out", "shoot -dl"])
def test_one_shot_is_never_tried_again(shell: ShootingShell, breaks: Breaks, line: str) -> None:
    breaks.after = lambda command, data: fetching(command, data) or starting(command, data)
    assert shell.fail(line).startswith("ERROR: the camera went away")
    shell.sim.state.clock.speed = 10  # its data waits for 30 s
    assert shell.sim.scripts.wait_ended(60)
    assert check_at_rest(shell, breaks) == 1


def test_the_library_tells_how_many_shots_there_are(shell: ShootingShell, breaks: Breaks) -> None:
    from chdkshell.errors import SeriesError

    breaks.before = lambda command, data: fetching(command, data) and shell.sim.state.shots > 2
    with pytest.raises(SeriesError) as caught:
        shell.camera.capture("out/", shots=SHOTS)
    assert caught.value.taken == 2
    assert len(list(Path("out").iterdir())) == 2
    assert check_at_rest(shell, breaks) <= SHOTS + MAX_RETRIES


# ---- other ways to a camera ---------------------------------------------------------------------


@pytest.mark.parametrize("line", ["rs -jpg -shots=3 r", "rs -jpg -quick=3 r"])
def test_over_tcp(tmp_path: Path, line: str) -> None:
    card = tmp_path / "card"
    card.mkdir()
    camera = SimCamera(card=card, clock=Clock(speed=3))
    with IpServer(camera) as server, CuttingProxy(server.address) as proxy:
        proxy.cuts_at = ChdkCommand.REMOTE_CAPTURE_GET_DATA
        done = subprocess.run(
            [*program(), "-r", "--device", proxy.address, "-e", "rec", "-e", line],
            cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=TIMEOUT,
        )  # fmt: skip
    camera.close()
    assert done.returncode == 1
    assert "ERROR: shot 1 of 3 was tried 3 times" in done.stderr
    assert 1 <= camera.state.shots <= SHOTS + MAX_RETRIES
    assert proxy.cuts == 1 + MAX_RETRIES


class Replugging:
    """A camera on USB whose cable is pulled in the middle of the data of each capture."""

    def __init__(self, usb: UsbBus, sim: SimCamera) -> None:
        self._usb = usb
        self._sim = sim
        self.pulled = 0
        self._plug()

    def _plug(self) -> None:
        self._node, camera = self._usb.plug_faulty_sim(self._sim, 4 + self.pulled)
        camera.halfway = lambda: self._pull(self._node)
        camera.arm(Fault.HALFWAY, ChdkCommand.REMOTE_CAPTURE_GET_DATA)

    def _pull(self, node: Node) -> None:
        self.pulled += 1
        threading.Thread(target=self._replug, args=(node,)).start()
        while not node.gone:
            time.sleep(0.001)

    def _replug(self, node: Node) -> None:
        self._usb.bus.unplug(node)
        self._plug()


@pytest.mark.parametrize("line", ["rs -jpg -shots=3 r", "rs -jpg -cont=3 r"])
def test_over_usb(usb_bus: UsbBus, tmp_path: Path, line: str) -> None:
    card = tmp_path / "card"
    card.mkdir()
    sim = SimCamera(card=card, clock=Clock(speed=3))
    sim.state.recording = True
    sim.state.set_prop(Prop.DRIVE_MODE, 1)
    cable = Replugging(usb_bus, sim)
    done = subprocess.run(
        [*program(), "-r", "--device", "usb:", "-e", line],
        cwd=tmp_path, env=environment(**usb_bus.environment()), capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    sim.close()
    assert done.returncode == 1
    assert "ERROR: shot 1 of 3 was tried 3 times" in done.stderr
    assert cable.pulled == 1 + MAX_RETRIES
    assert 1 <= sim.state.shots <= SHOTS + MAX_RETRIES
