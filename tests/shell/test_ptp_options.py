"""The README's table of other programs' options: each line of ours runs."""
# needs: POSIX

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chdk_card import make_card
from support.exif_pictures import jpeg, with_thumbnail
from support.shell_process import PROJECT, environment, program
from support.timeouts import TIMEOUT

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer

HEAD = "| miniPtp | ptpcam | gphoto2 | chdkshell |"


def rows() -> list[list[str]]:
    """Return the rows of the table, each with its four cells."""
    _, _, rest = (
        (PROJECT / "README.md").read_text("utf-8").partition(f"{HEAD}\n|---|---|---|---|\n")
    )
    table = rest.partition("\n\n")[0]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()]


def lines() -> list[str]:
    """Return our lines."""
    found = [re.fullmatch(r"`(.+)`", row[3]) for row in rows()]
    assert all(found)
    return [match[1].replace("FILE", "owner.bin") for match in found if match]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[IpServer]:
    make_card(tmp_path / "card")
    picture = with_thumbnail(jpeg("red", (16, 12))) + bytes(4096)
    (tmp_path / "card/DCIM/100CANON/IMG_0001.JPG").write_bytes(picture)
    (tmp_path / "owner.bin").write_bytes(bytes.fromhex("04000000416e6e00"))
    camera = SimCamera(tmp_path / "card", model="SX100IS")
    camera.state.recording = True
    with IpServer(camera) as server:
        yield server
    camera.close()


def test_each_line_runs(server: IpServer, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(*program(), "-e", "set cli_error_exit=true", "-e", f"connect {server.address}"),
            *(word for line in lines() if line != "tether" for word in ("-e", line)),
        ],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert "ERROR" not in done.stderr
    assert done.returncode == 0, done.stderr
    assert "value     Ann" in done.stdout
    assert "GetNumObjects (0x1006): OK (0x2001)" in done.stdout
    assert (tmp_path / "IMG_0001.JPG").is_file()
    assert (tmp_path / "IMG_0001_thumb.jpg").is_file()
    assert (tmp_path / "head.bin").stat().st_size == 4096
    assert (tmp_path / "card/owner.bin").is_file()
    assert not (tmp_path / "card/DCIM/100CANON/IMG_0001.JPG").exists()
    assert not (tmp_path / "card/NEW").exists()
    assert re.search(r"\tIMG_0002.JPG$", done.stdout, re.MULTILINE), done.stdout


def test_tether_runs(server: IpServer, tmp_path: Path) -> None:
    assert "tether" in lines()
    child = subprocess.Popen(
        [*program(), "-e", f"connect {server.address}", "-e", "tether -count=1"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stderr
    assert child.stderr.readline() == "take pictures at the camera; Ctrl-C ends this\n"
    server.camera.hands.do("press shoot_full 200")
    child.communicate(timeout=TIMEOUT)
    assert child.returncode == 0
    assert len(list(tmp_path.glob("*.JPG"))) == 1


def test_every_row_names_what_somebody_knows() -> None:
    assert len(rows()) >= 25
    for row in rows():
        assert len(row) == 4
        assert any(row[:3]), row
