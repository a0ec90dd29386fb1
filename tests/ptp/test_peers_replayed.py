"""Our client against what cameras of others answered: libgphoto2's virtual one, uMTP-Responder."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.peer_calls import Client, calls
from support.peer_replay import RECORDINGS, ReplayedLink, steps_of

from chdkshell.standard import tethering

SESSIONS = sorted(path.stem for path in RECORDINGS.glob("*.jsonl"))


@pytest.mark.parametrize("session", SESSIONS)
def test_all_that_was_asked_gives_what_it_gave(
    session: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tethering, "LIST_SECONDS", 0.01)
    steps = list(steps_of(RECORDINGS / f"{session}.jsonl"))
    link = ReplayedLink()
    link.expect(steps[0].transfers)
    client = Client(link, tmp_path)
    for number, step in enumerate(steps):
        if number:
            link.expect(step.transfers)
        assert client.ask(step.call) == step.gives, step.call


def test_each_call_was_asked_of_somebody() -> None:
    paths = [RECORDINGS / f"{session}.jsonl" for session in SESSIONS]
    assert {step.call[0] for path in paths for step in steps_of(path)} == set(calls())
    assert {"vcamera", "umtp"} <= set(SESSIONS)
