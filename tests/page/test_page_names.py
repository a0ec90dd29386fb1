"""The page in a browser: names of cameras, in every place and as text."""

# needs: POSIX

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.browser_page import DESKTOP, PHONE, page_of

from chdkshell.camera import Camera

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=document.title='was-run'>"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_camera_is_named_everywhere(
    tmp_path: Path, peer: Callable[[str], str], size: tuple[int, int]
) -> None:
    with page_of(tmp_path, peer, size, cameras=2) as page:
        page.wait("document.querySelectorAll('#grid canvas').length === 2")
        page.click("#grid div:nth-child(2) button")
        page.choose("[name=name]", "left")
        page.wait_text("#name", "left")
        page.wait("document.title.startsWith('left - ')")
        page.wait_text("#grid div:nth-child(2) button", "2 left (live)")
        page.wait_text("#grid div:nth-child(2) label", "in the shot: left")
        assert page.served.room.roster.members[1].name == "left"
        page.choose("[name=name]", "<b>")
        page.wait_text("#said-name", "is no name for a camera")
        assert page.text("#name") == "left"
        page.click("#shoot")
        page.wait_text("#lastname", "left: A/DCIM/")
        page.click("[data-tab=sequences]")
        page.click("#start")
        page.wait_text("#progresstext", "left: interval: 3 of 3, done")
        page.served.room.stations[1].publish("problem", {"error": "it is hot"})
        page.wait_text("#result", "left: it is hot")


def test_a_model_that_is_html_is_text(
    tmp_path: Path, peer: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Camera, "model", property(lambda camera: HOSTILE))
    with page_of(tmp_path, peer, cameras=2) as page:
        page.wait_text("#name", f"1 {HOSTILE}")
        page.wait_text("#grid div:nth-child(2) button", f"2 {HOSTILE}")
        page.wait(f"document.title.includes({HOSTILE!r}.slice(0, 4))")
        page.served.room.stations[0].publish("problem", {"error": HOSTILE})
        page.wait_text("#result", HOSTILE)
        assert (
            page.evaluate("document.querySelectorAll('#name img, #grid img, #result img').length")
            == 0
        )
        assert "was-run" not in page.evaluate("document.title").replace(HOSTILE, "")
