"""Write pictures of the control room's page, with a simulated camera: on a desk and on a phone."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "tests"))


def main() -> None:
    """Open the page, take a picture there, and write what is seen."""
    from support.browser_page import DESKTOP, PHONE

    write("page.png", DESKTOP)
    write("page-phone.png", PHONE)


def write(name: str, size: tuple[int, int]) -> None:
    """Write the picture `name` of a window of a size."""
    from support.browser_page import page_of

    def find(name: str) -> str:
        return shutil.which(name) or sys.exit(f"{name} is not installed")

    with tempfile.TemporaryDirectory() as folder, page_of(Path(folder), find, size) as page:
        page.prefer("dark")
        page.click("#shoot")
        page.wait_text("#result", "taken")
        page.click("[data-tool=histogram]")
        page.wait("document.getElementById('lastpicture').src.includes('/preview')")
        page.wait("document.getElementById('lastpicture').complete")
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(PROJECT / "scripts/tour" / name)


if __name__ == "__main__":
    main()
