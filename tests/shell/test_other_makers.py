"""Cameras of other makers, through the program: what they can do, and no word of starting CHDK."""
# needs: POSIX

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chdk_card import make_card
from support.shell_process import run

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer

CHDK = 0x9999
PICTURE = "DCIM/100CANON/IMG_0001.JPG"
ABSENT = (
    "the camera does not run CHDK, which is for Canon's; `help ptp` lists what any camera can do"
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[IpServer]:
    """A camera of another maker, which has 0x9999 for something of its own."""
    make_card(tmp_path / "card")
    camera = SimCamera(tmp_path / "card", chdk=False)
    info = camera.device_info
    camera.device_info = camera.responder.device_info = info._replace(
        manufacturer="Another Corporation",
        model="Another 1",
        vendor_extension_id=0x0A,
        operations_supported=(*info.operations_supported, CHDK),
    )
    with IpServer(camera) as server:
        yield server
    camera.close()


def say(server: IpServer, cwd: Path, *lines: str) -> tuple[str, str]:
    words = [word for line in lines for word in ("-e", line)]
    done = run("-e", f"connect {server.address}", *words, cwd=cwd)
    return done.stdout, done.stderr


@pytest.mark.parametrize("line", ["lua get_mode()", "shoot", "run HELLO", "lvdump", "edit A/X"])
def test_what_needs_chdk_says_whose_it_is(server: IpServer, tmp_path: Path, line: str) -> None:
    _, err = say(server, tmp_path, line)
    assert err.splitlines()[-1].startswith(f"ERROR: {ABSENT}"), err
    assert "Firm Update" not in err


def test_it_is_connected_and_has_no_version_of_chdk(server: IpServer, tmp_path: Path) -> None:
    out, _ = say(server, tmp_path, "version")
    assert out.splitlines()[-1] == "host:2.9 cam:no CHDK"


def test_files_come_and_go(server: IpServer, tmp_path: Path) -> None:
    (tmp_path / "up.txt").write_bytes(b"hello")
    out, err = say(
        *(server, tmp_path, "ls DCIM", f"download {PICTURE}", "upload up.txt A/"),
        *("imls", "df", "tree", f"ptp get {PICTURE} two.jpg", "rm up.txt"),
    )
    assert "ERROR" not in err, err
    assert "100CANON" in out
    content = (tmp_path / "card" / PICTURE).read_bytes()
    assert (tmp_path / "IMG_0001.JPG").read_bytes() == content
    assert (tmp_path / "two.jpg").read_bytes() == content
    assert not (tmp_path / "card/up.txt").exists()


def test_its_own_operations_are_numbers(server: IpServer, tmp_path: Path) -> None:
    out, err = say(server, tmp_path, "ptp ops")
    assert "ERROR" not in err
    rows = dict(row.split("\t") for row in out.splitlines() if row.startswith("0x"))
    assert rows["0x1001"] == "GetDeviceInfo"
    assert rows["0x9033"] == "-"
    assert rows["0x9999"] == "-"
    _, err = say(server, tmp_path, "ptp raw CHDK")
    assert "ERROR: there is no operation 'CHDK'" in err
