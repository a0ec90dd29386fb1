"""Shots of several cameras through the program that fire: at the 5 V edge, and with one missing."""

# needs: POSIX

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

import pytest
from support.rig_shell import RigShell, rig_shell

from chdkshell.camera import Camera
from chdkshell.errors import DisconnectedError
from chdkshell.rig import clockscript, syncshot
from chdkshell.shell.dispatch import Status
from chdkshell.sim.edge import Edge, follow


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clockscript, "QUESTIONS", 8)
    monkeypatch.setattr(clockscript, "CHECKS", 2)
    monkeypatch.setattr(syncshot, "SPARE_SECONDS", 0.5)  # computers that test are busy


def exposures(shell: RigShell) -> list[int]:
    return [sim.state.shots for sim in shell.sims]


def test_all_fire_at_the_edge_that_a_command_makes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The command writes to the pipe that switches the 5 V of the simulated cameras."""
    pipe = tmp_path / "edge"
    os.mkfifo(pipe)
    edges: list[list[int]] = []
    with rig_shell(monkeypatch) as shell:
        shell.run("@all rec")
        edge = Edge([sim.state for sim in shell.sims])

        def switch() -> None:
            edges.append(exposures(shell))
            edge()

        reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        writing, ended = os.open(pipe, os.O_WRONLY), threading.Event()
        os.set_blocking(reading, True)
        follow(reading, switch, ended.set)
        try:
            lines = shell.run(f"@all shoot -sync -hw -trigger='echo now > {pipe}'")
        finally:
            os.close(writing)
            ended.wait(60)
            os.close(reading)
        told = [line.split(",")[0] for line in lines]
        assert told == ["1: fired", "2: fired", "3: fired", "shot 1: 3 of 3 fired"]
        assert edges == [[0, 0, 0]]
        assert exposures(shell) == [1, 1, 1]
        assert not any(sim.state.usb.sync_wait or sim.state.usb.forced for sim in shell.sims)


@pytest.mark.parametrize("command", ["shoot", pytest.param("rcapture", marks=[pytest.mark.slow])])
def test_enough_cameras_fire_without_one_that_cannot(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    place = " ${camera}" if command == "rcapture" else ""
    with rig_shell(monkeypatch) as shell:
        shell.run("@1,3 rec")
        out, err = shell.try_(f"@all {command} -sync -min=2{place}")
        assert [re.sub(r" ([+-]?\d+\.\d ms.*)$", "", line) for line in out] == [
            "1: fired",
            "2: did not fire, not in rec mode",
            "3: fired",
            "shot 1: 2 of 3 fired, spread",
        ]
        assert exposures(shell) == [1, 0, 1]
        assert shell.shell.status is Status.FAILED
        assert err == ["ERROR: 2: not in rec mode"]
        shell.fail(f"@all {command} -sync -min=3{place}")
        assert exposures(shell) == [1, 0, 1]
        shell.run("@all play")
        err = shell.fail(f"@all {command} -sync{place}")
        assert err == [
            "ERROR: 0 of 3 cameras got ready: nobody shoots; 1, 2, 3: not in rec mode",
        ]


def test_cameras_that_are_gone_are_named_and_enough_others_fire(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*arguments: object) -> None:
        raise DisconnectedError("still unplugged")

    monkeypatch.chdir(tmp_path)
    with rig_shell(monkeypatch) as shell:
        shell.run("@all rec")
        monkeypatch.setattr(Camera, "reconnect", refuse)
        member = shell.rig.members[1]
        shell.rig.break_off([member])
        shell.rig.heed(member, DisconnectedError("unplugged"))
        err = shell.fail("@all shoot -sync")
        assert err[-1].startswith("ERROR: nobody shoots: 2: the camera is gone: unplugged")
        assert exposures(shell) == [0, 0, 0]
        err = shell.fail("@all shoot -sync -min=2 -lock=2")
        assert err[-1].startswith("ERROR: the camera is gone: unplugged")
        assert exposures(shell) == [0, 0, 0]
        for line in ("shoot -sync -min=2", "rcapture -sync -min=2 ${camera}"):
            out, err = shell.try_(f"@all {line}")
            assert out[1] == "2: did not fire, the camera is gone: unplugged"
            assert out[3].startswith("shot 1: 2 of 3 fired")
            assert err[-1].startswith("ERROR: 2: the camera is gone: unplugged")
        assert exposures(shell) == [2, 0, 2]


@pytest.mark.slow
def test_a_series_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch) as shell:
        shell.run("@all rec")
        lines = shell.run("@all shoot -sync -shots=2 -int=1")
        told = [line.split(",")[0] for line in lines if line.startswith("shot ")]
        assert told == [f"shot {number}: 3 of 3 fired" for number in (1, 2)]
        assert exposures(shell) == [2, 2, 2]


@pytest.mark.slow
def test_a_trigger_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cameras shoot without the edge then, when they have waited for it."""
    with rig_shell(monkeypatch, 2) as shell:
        shell.run("@all rec")
        _, err = shell.try_("@all shoot -sync -hw -trigger='exit 3'")
        assert "WARNING: the trigger failed with exit status 3: exit 3" in err
        assert exposures(shell) == [1, 1]
