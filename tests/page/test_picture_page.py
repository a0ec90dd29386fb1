"""The page with the picture alone, in a browser."""

# needs: POSIX

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.browser import Browser
from support.control_room import serving

from chdkshell.page.room import RoomOptions

SAMPLE = """
(() => {
  const canvas = document.getElementById("picture");
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) sum = (sum * 31 + data[i]) % 1000003;
  return sum ? canvas.width + "x" + canvas.height + " " + sum : "";
})()
"""


@pytest.mark.slow
def test_page_in_chromium(tmp_path: Path, peer: Callable[[str], str]) -> None:
    card = tmp_path / "card"
    with (
        serving(card, RoomOptions(fps=50, picture_only=True)) as served,
        Browser(peer("chromium"), tmp_path / "profile") as page,
    ):
        page.open(served.url)
        first = page.wait(SAMPLE)
        assert first.startswith("720x540 ")
        assert page.wait(f'{SAMPLE.strip()} !== "{first}"'), "the picture moves"
        page.wait('/^live .* fps · P · 1/.test(document.getElementById("status").textContent)')
        page.evaluate('document.getElementById("shoot").click()')
        page.wait('document.getElementById("result").textContent === "picture 1 taken"')
        assert len(list(card.rglob("*.JPG"))) == 1
        # A page of another origin: the address is the same, the name is not.
        page.open("data:text/html,<p>elsewhere")
        page.wait('location.protocol === "data:"')
        shoot = f"{served.url}api/cameras/1/shoot"
        tried = page.evaluate(
            f'fetch("{shoot}", {{method: "POST"}}).then(() => "read", () => "refused")'
        )
        assert tried == "refused"
        seen = page.evaluate(
            "new Promise(done => { const i = new Image(); i.onload = () => done('seen');"
            f" i.onerror = () => done('refused'); i.src = '{served.url}frame.jpg'; }})"
        )
        assert seen == "refused"
    assert len(list(card.rglob("*.JPG"))) == 1
