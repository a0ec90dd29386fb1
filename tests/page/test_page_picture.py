"""The page in a browser: what it makes of the picture, and what it says of its stream."""

# needs: POSIX

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.browser_page import DESKTOP, PHONE, Page, page_of

from chdkshell.api.screensource import ScreenSource
from chdkshell.errors import ChdkError

pytestmark = pytest.mark.slow

WHITE, BLACK, GREY, RED = (255, 255, 255), (0, 0, 0), (128, 128, 128), (200, 30, 30)
QUARTERS = (WHITE, BLACK, GREY, RED)


class Still:
    """A page whose picture is one of four stripes: white, black, grey and red."""

    def __init__(self, page: Page) -> None:
        self.page = page
        frames = page.served.room.stations[0].frames
        frames._cancel.set()
        frames._thread.join()
        self.feed = frames.plain
        stripes = np.repeat(np.array([QUARTERS], np.uint8), 180, axis=1).repeat(540, axis=0)
        out = io.BytesIO()
        Image.fromarray(stripes).save(out, "JPEG", quality=95, subsampling=0)
        self.picture = out.getvalue()
        self.show()

    def show(self) -> None:
        """Show it once more, as the page is set now."""
        before = self.page.evaluate("Number(document.documentElement.dataset.frames)")
        self.feed.publish(self.picture)
        self.page.wait(f"Number(document.documentElement.dataset.frames) > {before}")

    def pixel(self, canvas: str, x: int, y: int = 270) -> list[int]:
        """Return the colour and cover of a pixel."""
        found: list[int] = self.page.evaluate(
            f"[...document.getElementById('{canvas}').getContext('2d')"
            f".getImageData({x}, {y}, 1, 1).data]"
        )
        return found


def close_to(found: list[int], wanted: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 12 for a, b in zip(found, wanted, strict=False))


def test_clipping_and_peaking_mark_what_they_are_for(
    tmp_path: Path, peer: Callable[[str], str]
) -> None:
    with page_of(tmp_path, peer) as page:
        still = Still(page)
        page.click("[data-tool=clipping]")
        still.show()
        assert still.pixel("marks", 90)[:3] == [255, 0, 0], "what is too bright is red"
        assert still.pixel("marks", 270)[:3] == [0, 80, 255], "what is too dark is blue"
        assert still.pixel("marks", 450)[3] == 0
        page.click("[data-tool=clipping]")
        page.click("[data-tool=peaking]")
        still.show()
        assert still.pixel("marks", 180)[:3] == [0, 255, 90], "an edge is sharp"
        assert still.pixel("marks", 90)[3] == 0


def test_histograms_count_luma_and_each_colour(tmp_path: Path, peer: Callable[[str], str]) -> None:
    with page_of(tmp_path, peer) as page:
        counts = page.evaluate(
            "import('/page/analysis.js').then(({counts}) => {"
            " const c = counts(Uint8ClampedArray.from("
            "[255,255,255,255, 0,0,0,255, 200,30,40,255]));"
            " return Object.fromEntries(Object.entries(c).map(([name, list]) =>"
            " [name, [...list].flatMap((n, at) => n ? [at] : [])])) })"
        )
        luma = (77 * 200 + 150 * 30 + 29 * 40) >> 8
        assert counts == {
            "luma": [0, luma, 255],
            "red": [0, 200, 255],
            "green": [0, 30, 255],
            "blue": [0, 40, 255],
        }
        still = Still(page)
        page.click("[data-tool=histogram]")
        still.show()
        assert still.pixel("histogram", 200, 79)[:3] != [0, 0, 0], "the red of the stripe"
        assert still.pixel("histogram", 70, 79)[3] == 0


def test_magnifier_shows_a_part_large(tmp_path: Path, peer: Callable[[str], str]) -> None:
    with page_of(tmp_path, peer) as page:
        still = Still(page)
        assert close_to(still.pixel("picture", 700), RED)
        page.key("z")
        for _ in range(6):
            page.key("ArrowLeft", shift=True)
        still.show()
        assert close_to(still.pixel("picture", 500), WHITE), "the left end, by keys"
        page.evaluate("document.getElementById('picture').scrollIntoView()")
        box: dict[str, Any] = page.evaluate(
            "document.getElementById('picture').getBoundingClientRect().toJSON()"
        )
        page._mouse("mouseMoved", box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2)
        still.show()
        assert close_to(still.pixel("picture", 360), RED), "where the mouse is"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_full_screen_has_the_shutter_and_the_right_aspect(
    tmp_path: Path, peer: Callable[[str], str], size: tuple[int, int]
) -> None:
    with page_of(tmp_path, peer, size) as page:
        page.click("#fullscreen")
        page.wait("document.fullscreenElement?.id === 'screen'")
        assert page.evaluate(
            "document.getElementById('shoot').getBoundingClientRect().bottom <= innerHeight"
        )
        assert page.evaluate(
            "getComputedStyle(document.getElementById('picture')).objectFit === 'contain'"
        )
        assert page.evaluate("[picture.width, picture.height]") == [720, 540]
        page.click("#shoot")
        page.wait_text("#result", "picture 1 taken")
        page.key("f")
        page.wait("!document.fullscreenElement")


def test_a_picture_that_stands_still_is_called_frozen(
    tmp_path: Path, peer: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise ChdkError("no picture <i>now</i>")

    with page_of(tmp_path, peer, PHONE) as page:
        page.wait_text("#stream", "live")
        assert page.evaluate("document.getElementById('note').hidden")
        monkeypatch.setattr(ScreenSource, "fetch", fail)
        page.wait_text("#stream", "frozen: no picture <i>now</i>")
        page.wait_text("#note", "frozen: no picture <i>now</i>")
        assert page.evaluate("document.getElementById('stage').className") == "old"
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        top = page.evaluate("document.getElementById('note').getBoundingClientRect().top")
        assert 0 <= top < PHONE[1], "it is seen wherever one has scrolled to"
        monkeypatch.undo()
        page.wait("document.getElementById('stream').textContent === 'live'")
        page.wait("document.getElementById('note').hidden")


def test_recording_is_known_to_a_page_that_comes_later(
    tmp_path: Path, peer: Callable[[str], str]
) -> None:
    with page_of(tmp_path, peer) as page:
        page.choose("#recordkind", "lvdump")
        page.click("#record")
        page.wait_text("#result", "recording camera1.lvdump")
        page.open()
        page.wait("document.getElementById('record').ariaPressed === 'true'")
        page.click("#record")
        page.wait_text("#result", "camera1.lvdump: ")
        page.wait("document.getElementById('record').ariaPressed === 'false'")
        assert [file.name for file in (tmp_path / "shots").iterdir()] == ["camera1.lvdump"]
