"""The page in a browser: all that it asks for is a documented call, of this server."""

# needs: POSIX

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.browser_page import Page, page_of

pytestmark = pytest.mark.slow

ASKED = "performance.getEntriesByType('resource').map(entry => entry.name)"


def asked(page: Page) -> set[str]:
    """Return the paths of what the page has asked for; all are this server's."""
    names = page.evaluate(ASKED)
    assert all(name.startswith((page.served.url, "data:", "blob:")) for name in names), names
    own = [name for name in names if name.startswith(page.served.url)]
    return {name.removeprefix(page.served.url).partition("?")[0] for name in own}


def test_page_asks_for_documented_calls_alone(tmp_path: Path, peer: Callable[[str], str]) -> None:
    with page_of(tmp_path, peer, cameras=2) as page:
        page.click("#shoot")
        page.wait_text("#result", "picture 1 taken")
        page.wait("document.getElementById('lastpicture').src.includes('/preview')")
        page.click("[data-key=set]")
        page.choose("[name=zoom]", "2")
        page.choose("[name=name]", "left")
        page.wait_text("#name", "left")
        page.mouse_down("#half")
        page.mouse_up("#half")
        for _ in range(2):
            page.click("#record")
        page.click("[data-tab=gallery]")
        page.wait("document.querySelectorAll('#pictures img').length > 0")
        page.click("#pictures input")
        page.click("#download")
        page.wait_text("#galleryresult", "downloaded")
        page.click("#delete")
        page.click("#yes")
        page.wait_text("#galleryresult", "1 deleted")
        page.choose("#place", "folder")
        page.wait("document.querySelectorAll('#pictures img').length > 0")
        page.click("[data-tab=sequences]")
        page.click("#start")
        page.wait_text("#progresstext", "done")
        page.click("[data-tab=scripts]")
        page.choose("#code", "return 6*7")
        page.click("#lua button")
        page.wait_text("#output", "42")
        page.click("#together")
        page.wait_text("#result", "2 cameras fired")
        paths = asked(page)
        described = page.served.get("openapi.json")["paths"]
    known = [re.compile(re.sub(r"{\w+}", "[^/]+", path.lstrip("/"))) for path in described]
    calls = {path for path in paths if not path.startswith("page/")}
    assert len(calls) > 15
    assert [path for path in calls if not any(one.fullmatch(path) for one in known)] == []
