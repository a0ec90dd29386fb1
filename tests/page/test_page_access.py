"""The page for people who do not see or point: axe-core finds nothing wrong with it."""

# needs: POSIX

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.browser_page import DESKTOP, PHONE, page_of

pytestmark = pytest.mark.slow

AXE = Path(sys.prefix) / "axe-core/node_modules/axe-core/axe.min.js"


@pytest.fixture
def axe() -> str:
    """The program of axe-core, which `scripts/test` installs where npm is there."""
    if not AXE.is_file():
        reason = "npm has not installed axe-core"
        (pytest.fail if os.environ.get("CHDKSHELL_REQUIRE_PEERS") == "1" else pytest.skip)(reason)
    return AXE.read_text("utf-8")


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_no_violation(
    tmp_path: Path, peer: Callable[[str], str], axe: str, size: tuple[int, int], scheme: str
) -> None:
    with page_of(tmp_path, peer, size, cameras=2) as page:
        page.prefer(scheme)
        page.click("#shoot")
        page.wait_text("#result", "picture 1 taken")
        page.wait("document.getElementById('lastpicture').naturalWidth > 0")
        page.evaluate(axe + "; true")
        for tab in ("camera", "gallery", "sequences", "scripts", "keys"):
            page.click(f"[data-tab={tab}]")
            if tab == "gallery":
                page.wait("document.querySelectorAll('#pictures img').length > 0")
            found = page.evaluate(
                "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map("
                "n => n.target.join(' ')).join(', ')))"
            )
            assert found == [], tab
