"""Settings that hold for one shot do not last: CHDK does not save them to the card either."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.fresh_sim import fresh_sim

from chdkshell.camera import Camera
from chdkshell.sim.interfaces import transport

DNG = 226


def test_dng_for_one_shot_is_not_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh_sim(monkeypatch)
    with Camera("sim:") as camera:
        (sim,) = transport._cameras.values()
        config = Path(sim.card.root, "CHDK", "CCHDK4.CFG")
        before = config.read_bytes()
        (shot,) = camera.shoot(dng=True, record=True)
        assert any(picture.image_format == "DNG" for picture in shot.pictures)
        assert sim.state.config[DNG] == 0
        assert config.read_bytes() == before
        camera.lua(f"set_config_value({DNG},1)")
        assert config.read_bytes() != before, "what the user sets is saved"
