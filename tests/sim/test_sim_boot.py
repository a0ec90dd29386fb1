"""The card of the simulated camera: CHDK's folders, its size, and pictures with a thumbnail."""

from __future__ import annotations

import io
import re
import struct
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image
from support.camera_process import simulated_camera
from support.shell_process import environment, program
from support.sim_camera import power_on

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.fresh_card import FOLDERS, boot_card
from chdkshell.sim.interfaces.ipserver import IpServer
from chdkshell.sim.lualib import modules

WANTED = frozenset(
    re.findall(
        r"[A-Z/]+",
        "LOGS DATA MODULES MODULES/CFG FONTS SYMBOLS LANG BOOKS GRIDS CURVES EDGE LUALIB SCRIPTS",
    )
)


def folders(card: Path) -> set[str]:
    root = card / "CHDK"
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_dir()}


def test_a_fresh_card_has_the_folders_of_chdk() -> None:
    camera = SimCamera()
    found = folders(camera.card.root)
    camera.close()
    assert found >= WANTED
    assert {name.split("/")[0] for name in FOLDERS} <= found


def test_modules_for_scripts_are_made_where_they_are_missing(tmp_path: Path) -> None:
    own = tmp_path / "chdk/LuaLib/PROPCASE.LUA"
    own.parent.mkdir(parents=True)
    own.write_text("return {}")
    boot_card(tmp_path)
    made = {str(path.relative_to(own.parent)) for path in own.parent.rglob("*.*")}
    assert made == modules().keys() - {"propcase.lua"} | {"PROPCASE.LUA"}
    assert own.read_text() == "return {}"
    assert [path.name for path in tmp_path.iterdir()] == ["chdk"]


def test_a_card_that_takes_nothing_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "CHDK").write_text("a file")
    boot_card(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["CHDK"]


def test_an_empty_card_gets_them_and_another_is_left_alone(tmp_path: Path) -> None:
    empty, used = tmp_path / "empty", tmp_path / "used"
    empty.mkdir()
    (used / "CHDK").mkdir(parents=True)
    with simulated_camera("--card", str(empty)):
        assert folders(empty) >= WANTED
        assert (empty / "CHDK/LUALIB/rawoplib.lua").is_file()
    with simulated_camera("--card", str(used)):
        assert folders(used) == set()
    with simulated_camera("--card", str(used), "--boot"):
        assert folders(used) >= WANTED


def test_the_address_is_given_as_gphoto2_takes_it() -> None:
    child = subprocess.Popen(
        [*program(), "sim", "--port", "0"], env=environment(), stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    first, second = child.stdout.readline(), child.stdout.readline()
    child.terminate()
    child.communicate(timeout=60)
    port = re.findall(r"ip:127\.0\.0\.1:(\d+)", first)[0]
    assert second == f"for gphoto2: --port ptpip:127.0.0.1:{port}:{port}\n"


def test_so_it_is_where_the_port_is_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(SimCamera()) as camera, IpServer(camera, port=0) as server:
        monkeypatch.setattr("chdkshell.share.server.PORT", server.port)
        assert server.address == "ip:127.0.0.1"
        assert server.gphoto_port == f"ptpip:127.0.0.1:{server.port}:{server.port}"


@pytest.mark.parametrize("capacity", [None, 1 << 20])
def test_what_is_used_and_what_is_free_make_the_card(tmp_path: Path, capacity: int | None) -> None:
    camera = SimCamera(card=tmp_path)
    camera.card.capacity = capacity
    (tmp_path / "X").write_bytes(bytes(3000))
    (tmp_path / "SUB").mkdir()
    (tmp_path / "SUB/Y").write_bytes(bytes(500))
    assert camera.card.total_bytes - camera.card.free_bytes == 3500
    camera.close()


def test_pictures_have_a_thumbnail(tmp_path: Path) -> None:
    camera = power_on(tmp_path / "card")
    camera.values("shoot()")
    camera.camera.close()
    with Image.open(camera.root / "DCIM" / camera.files[0]) as picture:
        exif = picture.info["exif"]
        assert picture.getexif()[0x0110] == "Canon PowerShot SIM1"
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}[tiff[:2]]
    (first,) = struct.unpack_from(order + "I", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, first)
    (second,) = struct.unpack_from(order + "I", tiff, first + 2 + 12 * count)
    (entries,) = struct.unpack_from(order + "H", tiff, second)
    tags = dict(
        struct.unpack_from(order + "HxxxxxxI", tiff, second + 2 + 12 * n) for n in range(entries)
    )
    data = tiff[tags[0x0201] : tags[0x0201] + tags[0x0202]]
    with Image.open(io.BytesIO(data)) as small:
        assert small.size == (160, 120)
        small.load()
