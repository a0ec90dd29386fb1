"""Write a picture of the control room's page, with a simulated camera."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "tests"))


def main() -> None:
    """Open the page, take a picture there, and write what is seen."""
    from support.browser_page import page_of

    def find(name: str) -> str:
        return shutil.which(name) or sys.exit(f"{name} is not installed")

    with tempfile.TemporaryDirectory() as folder, page_of(Path(folder), find) as page:
        page.click("#shoot")
        page.wait_text("#result", "taken")
        page.click("[data-tool=histogram]")
        page.wait("document.getElementById('lastpicture').src.includes('/preview')")
        page.wait("document.getElementById('lastpicture').complete")
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(PROJECT / "scripts/tour/page.png")


if __name__ == "__main__":
    main()
