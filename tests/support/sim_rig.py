"""Several simulated cameras of this process, that no other test uses."""

from __future__ import annotations

import pytest

from chdkshell.camera import Camera
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.transport import SimTransport
from support.fresh_sim import fresh_sim


def addresses(monkeypatch: pytest.MonkeyPatch, count: int = 3) -> list[str]:
    """Return the addresses of new cameras, with the serial numbers S1, S2 ..."""
    fresh_sim(monkeypatch)
    return [f"sim:serial=S{number}" for number in range(1, count + 1)]


def behind(camera: Camera) -> SimCamera:
    """Return the simulated camera that a connection leads to."""
    transport = camera.session.transport
    assert isinstance(transport, SimTransport)
    return transport.camera
