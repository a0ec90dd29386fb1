"""A simulated camera that no other test of the process has used."""

from __future__ import annotations

import pytest

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces import transport

_kept: list[dict[str, SimCamera]] = []
"""Cameras live as long as the process, as those of addresses do: their cards are its own."""


def fresh_sim(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have "sim:" be a new camera from here to the end of the test."""
    _kept.append({})
    monkeypatch.setattr(transport, "_cameras", _kept[-1])
