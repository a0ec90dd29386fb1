"""`rec` and `play` where the camera is in that mode already: it succeeds, and says so."""

from __future__ import annotations

import pytest
from support.fresh_sim import fresh_sim
from support.shell_process import run

import chdkshell

CASES = [
    (["-e", "rec", "-e", "rec"], "record"),
    (["-e", "rec", "-e", "play", "-e", "play"], "play"),
    (["-e", "play"], "play"),  # as a camera starts
]


@pytest.mark.parametrize(("lines", "mode"), CASES)
def test_it_succeeds_with_a_note(lines: list[str], mode: str) -> None:
    done = run("-r", "--sim", *lines)
    assert (done.stdout, done.returncode) == ("", 0)
    assert done.stderr == f"the camera is in {mode} mode already\n"
    assert run("-r", "--sim", *lines, "-e", "mode").stdout == f"{lines[-1]} P\n"


@pytest.mark.parametrize(("lines", "mode"), CASES)
def test_as_chdkptp_it_is_an_error(lines: list[str], mode: str) -> None:
    done = run("--chdkptp", "-r", "--sim", *lines)
    assert (done.stdout, done.returncode) == ("", 1)
    assert done.stderr == f"ERROR: already in {lines[-1]}\n"


def test_the_library_does_as_the_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh_sim(monkeypatch)
    with chdkshell.connect("sim:") as camera:
        for record in (False, True, True, False):
            camera.switch_mode(record=record)
            assert camera.lua("return (get_mode())") is record
