"""What cameras list of a folder at once, in bytes."""

from __future__ import annotations

import calendar
import os
from pathlib import Path

import chdkshell
from chdkshell.chdk.cameratime import camera_to_host


def listed(model: str, card: Path) -> bytes:
    with chdkshell.connect(f"sim:model={model},chdk=0,card={card}") as camera:
        (folder,) = camera.ptp.handles(0x00010001, 0, 0xFFFFFFFF)
        return camera.ptp.transaction(0x9109, 0x00010001, folder, 0x100000).data


def test_an_entry_has_its_fields(tmp_path: Path) -> None:
    """Its time has 32 bits, which begin anew in 2106."""
    file = tmp_path / "DCIM" / "OLD.JPG"
    file.parent.mkdir()
    file.write_bytes(b"12345")
    when = calendar.timegm((2106, 2, 7, 6, 28, 22))
    os.utime(file, (camera_to_host(when),) * 2)
    expected = (
        "01000000"  # entries
        "38000000"  # bytes of the first
        "02000000 01000100 01380000 00000000 00000000 05000000 01000000 00000000"
        "4f4c442e4a5047 000000000000000000"  # OLD.JPG
        "06000000"  # six seconds after 2**32
    )
    for model in ("ELPH180", "EOSR6"):
        assert listed(model, tmp_path).hex() == expected.replace(" ", ""), model


def test_a_powershot_that_lists_it_lets_itself_be_controlled() -> None:
    with chdkshell.connect("sim:model=ELPH180") as camera:
        assert camera.ptp.transaction("EOSSetRemoteMode", 1).params == ()
