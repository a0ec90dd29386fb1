"""Lines of the program on cameras of others, as recorded: what they say, and what they bring here.

CHDKSHELL_WRITE_PEERS=1 writes what lines give now, where words have changed on purpose.
"""
# needs: POSIX

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from support.peer_lines import lines_on
from support.peer_replay import RECORDINGS, ReplayedLink, steps_of

from chdkshell.shell.command import REGISTRY

SESSIONS = sorted((RECORDINGS / "lines").glob("*.jsonl"))


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_lines_give_what_they_gave(path: Path, tmp_path: Path) -> None:
    link = ReplayedLink()
    now = []
    steps = list(steps_of(path))
    with lines_on(link, tmp_path) as lines:
        for step in steps:
            link.expect(step.transfers)
            now.append(lines.run(step.call[1]))
    if os.environ.get("CHDKSHELL_WRITE_PEERS"):
        recorded = map(json.loads, path.read_text("ascii").splitlines())
        again = ({**step, "gives": gives} for step, gives in zip(recorded, now, strict=True))
        path.write_text("".join(json.dumps(step) + "\n" for step in again), "ascii")
    for step, gives in zip(steps, now, strict=True):
        assert gives == step.gives, step.call


def test_every_ptp_command_ran_on_a_camera_of_others() -> None:
    ran = {step.call[1] for path in SESSIONS for step in steps_of(path)}
    names = {command.name for command in REGISTRY if command.name.startswith("ptp ")}
    without = {"ptp events", "ptp power", "ptp reset", "ptp mv", "ptp protect", "ptp format"}
    assert names - without <= {" ".join(line.split()[:2]) for line in ran}
    assert {"ls", "imls", "imdl", "mdl DCIM here", "tree"} <= ran
