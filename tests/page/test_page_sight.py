"""The page in a browser: what one needs is in sight, in windows of many sizes."""

# needs: POSIX

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.browser_page import PHONE, Page, page_of

pytestmark = pytest.mark.slow

LAPTOP, TABLET, LYING_PHONE, SMALL = (1280, 800), (820, 1180), (844, 390), (320, 640)


def sees(page: Page, selector: str) -> bool:
    """Whether the upper edge of an element is in the window, and nothing lies over it."""
    return bool(
        page.evaluate(
            f"(() => {{ const e = document.querySelector({selector!r});"
            " const b = e.getBoundingClientRect();"
            " const top = document.elementFromPoint(b.x + b.width / 2, b.y + 4);"
            " return e === top || e.contains(top) })()"
        )
    )


@pytest.mark.parametrize("cameras", [1, 9])
@pytest.mark.parametrize("size", [LAPTOP, TABLET, LYING_PHONE], ids=["laptop", "tablet", "lying"])
def test_wide_windows_do_not_scroll(
    tmp_path: Path, peer: Callable[[str], str], size: tuple[int, int], cameras: int
) -> None:
    with page_of(tmp_path, peer, size, cameras=cameras) as page:
        page.click("#shoot")
        page.wait_text("#result", "picture 1 taken")
        page.wait("document.getElementById('lastpicture').naturalWidth > 0")
        assert page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        ) == [*size]
        for selector in ("#name", "#picture", "#result", "#shoot", "#showlast", "#tools button"):
            assert sees(page, selector), selector
        for tab in ("gallery", "sequences", "scripts", "keys", "camera"):
            page.click(f"[data-tab={tab}]")
            assert sees(page, f"#{tab} h2"), tab


@pytest.mark.parametrize("size", [PHONE, SMALL], ids=["phone", "small"])
def test_a_phone_shows_the_part_that_is_chosen(
    tmp_path: Path, peer: Callable[[str], str], size: tuple[int, int]
) -> None:
    with page_of(tmp_path, peer, size) as page:
        for tab in ("gallery", "sequences", "scripts", "keys", "camera"):
            page.click(f"[data-tab={tab}]")
            assert sees(page, f"#{tab} h2"), tab
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert sees(page, "#shoot")


def test_nine_cameras_fit_a_phone(tmp_path: Path, peer: Callable[[str], str]) -> None:
    with page_of(tmp_path, peer, PHONE, cameras=9) as page:
        page.wait("document.querySelectorAll('#grid canvas').length === 9")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_what_was_refused_is_forgotten_with_what_is_done_next(
    tmp_path: Path, peer: Callable[[str], str]
) -> None:
    with page_of(tmp_path, peer) as page:
        page.choose("[name=record]", False)
        page.wait_text("#look", "PLAY")
        page.choose("[name=ev]", 2)
        page.wait_text("#said-ev", "not in rec mode")
        page.click("#shoot")
        page.wait_text("#result", "not in rec mode")
        assert page.evaluate("document.getElementById('result').className") == "failed"
        page.choose("[name=record]", True)
        page.wait("document.getElementById('said-ev').textContent === ''")
        page.wait("document.getElementById('result').textContent === ''")
        page.served.post("api/controls", client="other", name="Ann")
        page.wait_text("#holder", "Ann holds the controls")
        page.choose("[name=ev]", 1)
        page.wait_text("#said-ev", "Ann holds the controls; Take the controls is at the top")
        page.click("#take")
        page.wait("document.getElementById('said-ev').textContent === ''")


def test_the_last_picture_is_shown_large(tmp_path: Path, peer: Callable[[str], str]) -> None:
    with page_of(tmp_path, peer) as page:
        page.click("#shoot")
        page.wait("document.getElementById('lastpicture').naturalWidth > 0")
        page.click("#showlast")
        page.wait("document.getElementById('largepicture').naturalWidth > 0")
        page.wait_text("#largename", "A/DCIM/")
        page.click("#close")


def test_what_cannot_be_used_says_why(tmp_path: Path, peer: Callable[[str], str]) -> None:
    from chdkshell.page.room import RoomOptions

    reason = "document.querySelector('{}').title"
    with page_of(tmp_path, peer, options=RoomOptions(fps=15)) as page:
        page.wait(f"{reason.format('#record')} !== ''")
        for selector in ("#record", "#recordkind", "#download", "#to option:last-child"):
            assert "no folder" in page.evaluate(reason.format(selector)), selector
        page.wait("!document.querySelector('[data-key=menu]').disabled")
