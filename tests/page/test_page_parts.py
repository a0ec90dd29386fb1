"""The page in a browser: pictures, sequences, scripts, several cameras, finding its way back."""

# needs: POSIX

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.browser_page import DESKTOP, PHONE, page_of
from support.control_room import ServedRoom

from chdkshell.errors import DisconnectedError
from chdkshell.page.application import application
from chdkshell.page.listening import PageServer
from chdkshell.page.room import ControlRoom, RoomOptions

pytestmark = pytest.mark.slow

SCRIPT = "--[[\n@title Count <b>\n@param n Up to\n@default n 3\n]]\nwrite_usb_msg('to '..n)\n"


def test_gallery(tmp_path: Path, peer: Callable[[str], str]) -> None:
    with page_of(tmp_path, peer, PHONE) as page:
        for _ in range(2):
            page.served.post("api/cameras/1/shoot", client="")
        page.served.post("api/controls", client="", take=False)
        page.click("[data-tab=gallery]")
        page.wait("document.querySelectorAll('#pictures img').length === 2")
        page.evaluate("document.getElementById('pictures').scrollIntoView()")
        page.wait("[...document.querySelectorAll('#pictures img')].every(i => i.naturalWidth)")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        page.click("#pictures button")
        page.wait("document.getElementById('largepicture').naturalWidth > 0")
        page.click("#close")
        page.click("#pictures input")
        page.click("#download")
        page.wait_text("#galleryresult", "downloaded: IMG_")
        assert len(list((tmp_path / "shots").iterdir())) == 1
        page.click("#delete")
        page.wait_text("#questiontext", "Delete 1 file from the card?")
        page.click("#no")
        assert len(list((tmp_path / "card").rglob("*.JPG"))) == 2
        page.click("#delete")
        page.click("#yes")
        page.wait_text("#galleryresult", "1 deleted")
        assert len(list((tmp_path / "card").rglob("*.JPG"))) == 1


def test_sequence_survives_the_page(tmp_path: Path, peer: Callable[[str], str]) -> None:
    with page_of(tmp_path, peer) as page:
        page.click("[data-tab=sequences]")
        page.choose("[name=shots]", "1000")
        page.choose("[name=interval]", "3600")
        page.click("#start")
        page.wait_text("#progresstext", "1 of 1000, running")
        page.browser.open("about:blank")
        page.open()
        page.click("[data-tab=sequences]")
        page.wait_text("#progresstext", "1 of 1000, running")
        page.click("#pause")
        page.wait_text("#progresstext", "paused")
        page.click("#stop")
        page.wait_text("#progresstext", "stopped")
        assert "IMG_0001" in page.text("#log")


def test_scripts(tmp_path: Path, peer: Callable[[str], str]) -> None:
    with page_of(tmp_path, peer) as page:
        folder = tmp_path / "card/CHDK/SCRIPTS"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "COUNT.LUA").write_text(SCRIPT)
        page.click("[data-tab=scripts]")
        page.wait("document.getElementById('script').options.length > 0")
        page.choose("#script", "A/CHDK/SCRIPTS/COUNT.LUA")
        page.wait("document.querySelector('#parameters [name=n]') !== null")
        page.choose("#parameters [name=n]", "7")
        page.click("#run")
        page.wait_text("#output", "to 7")
        page.wait_text("#scriptresult", "ended")
        page.choose("#code", "return '<b>'..6*7")
        page.click("#lua button")
        page.wait_text("#output", "<b>42")


def test_picture_tools(tmp_path: Path, peer: Callable[[str], str]) -> None:
    marked = (
        "(() => { const c = document.getElementById('marks');"
        " return c.getContext('2d').getImageData(0, 0, c.width, c.height)"
        ".data.some(value => value) })()"
    )
    with page_of(tmp_path, peer) as page:
        for tool in ("clipping", "peaking", "lines"):
            page.wait(f"!{marked}")
            page.click(f"[data-tool={tool}]")
            page.wait(marked)
            page.click(f"[data-tool={tool}]")
        page.click("[data-tool=histogram]")
        page.wait(marked.replace("marks", "histogram"))
        page.click("[data-tool=magnifier]")
        page.click("#record")
        page.wait_text("#result", "recording camera1.mjpeg")
        page.click("#record")
        page.wait_text("#result", " frames")
        assert (tmp_path / "shots/camera1.mjpeg").stat().st_size > 1000


def test_several_cameras(tmp_path: Path, peer: Callable[[str], str]) -> None:
    with page_of(tmp_path, peer, DESKTOP, cameras=3) as page:
        page.wait("document.querySelectorAll('#grid canvas').length === 3")
        page.click("#together")
        page.wait_text("#result", "3 cameras fired, ")
        page.click("#grid div:nth-child(2) button")
        page.wait("document.querySelector('#grid div:nth-child(2) button').ariaPressed === 'true'")
        page.click("#shoot")
        page.wait_text("#result", "picture 2 taken")


def test_camera_goes_and_comes_back(
    tmp_path: Path, peer: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise DisconnectedError("it was <b>unplugged</b>")

    with page_of(tmp_path, peer) as page:
        camera = page.served.camera
        page.wait_text("#stream", "live")
        monkeypatch.setattr(camera, "reconnect", refuse)
        camera.session.transport.close()
        page.wait_text("#stream", "camera gone, looking for it: it was <b>unplugged</b>")
        assert page.evaluate("document.getElementById('stage').className") == "old"
        page.click("#shoot")
        page.wait_text("#result", "the camera is gone")
        monkeypatch.undo()
        page.wait("document.getElementById('stream').textContent === 'live'")
        page.click("#shoot")
        page.wait_text("#result", "picture 1 taken")


def test_server_goes_and_comes_back(tmp_path: Path, peer: Callable[[str], str]) -> None:
    with page_of(tmp_path, peer) as page:
        page.click("#shoot")
        page.wait_text("#result", "picture 1 taken")
        served: ServedRoom = page.served
        served.room.stop()
        served.server.close()
        page.wait_text("#stream", "the server is gone")
        server = PageServer("127.0.0.1", served.server.port)
        room = ControlRoom([served.camera], RoomOptions(fps=15))
        room.start()
        try:
            server.start(application(room, server))
            page.wait("document.getElementById('stream').textContent === 'live'")
            page.wait_text("#result", "chdkshell is back")
            page.click("#shoot")
            page.wait_text("#result", "picture 2 taken")
        finally:
            room.stop()
            server.close()
