"""What the camera refuses: chdkptp's words, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import pytest
from support.shooting_shell import ShootingShell, shooting_shell
from support.timeouts import TIMEOUT

from chdkshell.chdk.shooting.refusals import TEXTS
from chdkshell.shell.advice import ADVICE
from chdkshell.shell.context import Context
from chdkshell.shell.shots import rsint
from chdkshell.shell.shots.rsint import ReadLine
from chdkshell.sim.clock import Clock

SHOOTING_LUA = ("modes", "shoot", "exposure", "capture_setup", "capture_shots")
INTERACTIVE_LUA = "capture_interactive"


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShootingShell]:
    monkeypatch.chdir(tmp_path)
    with shooting_shell(tmp_path / "card", record=False, clock=Clock(speed=10)) as shell:
        yield shell


@pytest.mark.parametrize(
    ("before", "line", "said"),
    [
        ("", "shoot", "not in rec mode; `rec` switches to it"),
        ("", "rcapture", "not in rec mode; `rec` switches to it"),
        ("", "rsint -pipe=true", "not in rec mode; `rec` switches to it"),
        ("", "focus 2m", "not in rec mode; `rec` switches to it"),
        ("", "zoom 1", "not in rec mode; `rec` switches to it"),
        (
            "rec",
            "mode AQUARIUM",
            "this camera has no such mode; `mode P` is one that nearly every camera has",
        ),
        (
            "rec",
            "rcapture -cont=2",
            "not in continuous mode; set continuous drive in the camera's menu, or use -quick",
        ),
        (
            "rec",
            "rcapture -craw",
            "unsupported format; leave -craw, -dng or -raw out, or fetch files off the card: "
            "`shoot -dl`",
        ),
        (
            "rec",
            "rcapture -raw -s=3500 -c=100",
            "init failed; do -s and -c fit the sensor? does the camera's menu have the format?",
        ),
        (
            "rec",
            "shoot -cfmt=CR2",
            "platform does not support Canon raw; this camera makes no CR2; -dng has CHDK make raw "
            "files",
        ),
    ],
)
def test_a_refusal_says_what_to_do(shell: ShootingShell, before: str, line: str, said: str) -> None:
    if before:
        shell.run(before)
    assert shell.fail(line) == f"ERROR: {said}"


def test_a_command_that_comes_too_late(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def slow_hand(program: str | None, context: Context) -> Iterator[ReadLine]:
        def read() -> str:
            assert shell.sim.scripts.wait_ended(TIMEOUT)
            return "s"

        yield read

    monkeypatch.setattr(rsint, "lines_of", slow_hand)
    shell.run("rec")
    said = "timeout waiting for command; start again; -cmdwait=N has the camera wait N seconds"
    assert shell.fail("rsint -cmdwait=1") == f"ERROR: {said}"


@pytest.mark.parametrize(
    ("absent", "line", "said"),
    [
        ("get_sd_over_modes=nil", "-sd=1m", "focus override not available; `rec`, then a mode"),
        ("sv96_market_to_real=nil", "-svm=100", "svm not supported; CHDK 1.3 has it; -sv takes"),
    ],
)
@pytest.mark.parametrize("command", ["shoot", "rcapture", "rcapture -shots=2"])
def test_what_a_camera_lacks(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch, command: str, absent: str, line: str,
    said: str,
) -> None:  # fmt: skip
    execute = shell.sim.scripts.execute
    monkeypatch.setattr(
        shell.sim.scripts,
        "execute",
        lambda source, flags=0: execute(absent.encode() + b" " + source, flags),
    )
    shell.run("rec")
    assert shell.fail(f"{command} {line}").startswith(f"ERROR: {said}")
    assert not shell.sim.state.capture.target


def reasons(name: str) -> set[str]:
    """Return what the Lua file says where it refuses, but for what others told it."""
    source = (resources.files("chdkshell.chdk") / "lua" / f"{name}.lua").read_text()
    found = re.findall(
        r"(?:return (?:false|nil), |or |error\(|\{ |lacking = )'([a-z]+(?:-[a-z]+)+)'", source
    )
    return set(found)


def test_every_reason_has_a_hint() -> None:
    found = set().union(*(reasons(name) for name in (*SHOOTING_LUA, INTERACTIVE_LUA)))
    assert {"not-recording", "switch-failed", "no-market-iso", "capture-format"} < found
    assert found <= {reason.value for reason in TEXTS}
    assert all(ADVICE[reason].step for reason in TEXTS)
