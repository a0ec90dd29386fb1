"""An error about the value of a switch names the switch."""

from __future__ import annotations

import json

import pytest
from support.shell_process import run

LINES = {
    "tree -maxdepth=x": "'x' is not a whole number; -maxdepth: write 4096 or 0x1000",
    "imls -last=x": "'x' is not a whole number; -last: write 4096 or 0x1000",
    "shoot -shots=0": "0 is out of range; -shots: allowed are 1 to 1000000",
    "shoot -int=x": "invalid interval x; -int: seconds, like 0.5 or 30",
    "rcapture -u=x": "invalid units; -u: s, a or 96",
    "shoot -cfmt=x": "unexpected cfmt x; JPG, CR2 or BOTH",
    "mdl -overwrite=x a b": "unrecognized overwrite option x; y, n, old or ask",
    "lvdump -fps=x": "'x' is no frame rate; -fps: write 10, or 0.5 for one in 2 seconds",
}


def test_it_is_named() -> None:
    commands = [word for line in LINES for word in ("-e", line)]
    done = run("-r", "--sim", *commands)
    assert done.stderr.splitlines() == [f"ERROR: {text}" for text in LINES.values()]


def test_in_json() -> None:
    done = run("-r", "--sim", "--json", "-e", "tree -maxdepth=x")
    assert json.loads(done.stdout)["hint"] == "-maxdepth: write 4096 or 0x1000"


@pytest.mark.parametrize("line", ["tree -maxdepth=x", "rcapture -u=x"])
def test_as_chdkptp_it_is_not(line: str) -> None:
    done = run("--chdkptp", "-r", "--sim", "-e", line)
    assert ";" not in done.stdout + done.stderr
