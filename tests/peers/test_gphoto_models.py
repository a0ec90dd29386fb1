"""gphoto2 with each model of simulated camera, over PTP/IP, without CHDK."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.gphoto import CARD, gphoto_at

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.models import MODELS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("model", MODELS)
def test_the_files_of_each_model_are_listed(
    model: str, peer: Callable[[str], str], tmp_path: Path
) -> None:
    """Over a network gphoto2 begins with EOSSetRemoteMode, where a PowerShot lists that, too."""
    camera = SimCamera(model=model, chdk=False)
    with gphoto_at("ip", peer("gphoto2"), camera, tmp_path, None) as gphoto:
        listed = gphoto.run("--folder", f"{CARD}/DCIM", "--list-files")
    assert f"There are 3 files in folder '{CARD}/DCIM/100CANON'." in listed
    camera.close()
