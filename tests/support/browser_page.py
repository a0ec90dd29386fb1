"""The control room in a browser: what a person does there, with mouse, touch and keys."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chdkshell.page.room import RoomOptions
from support.browser import Browser
from support.control_room import ServedRoom, serving

KEY_CODES = {"Tab": 9, "Enter": 13, " ": 32}
KEY_CODES |= {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
DESKTOP, PHONE = (1280, 900), (390, 844)


class Page:
    """A page of the control room. Elements are named by CSS selectors."""

    def __init__(self, served: ServedRoom, browser: Browser) -> None:
        self.served = served
        self.browser = browser
        self.evaluate, self.wait = browser.evaluate, browser.wait

    def open(self) -> None:
        """Go to the page, and wait until its picture is there."""
        self.browser.open(self.served.url)
        self.wait("document.documentElement?.dataset.frames > 1")

    def text(self, selector: str) -> str:
        """Return the text of an element."""
        return str(self.evaluate(f"{_one(selector)}.textContent"))

    def wait_text(self, selector: str, part: str) -> None:
        """Wait until an element's text has a part."""
        self.wait(f"{_one(selector)}.textContent.includes({json.dumps(part)})")

    def click(self, selector: str) -> None:
        """Click an element where it is, as a mouse does."""
        x, y = self._centre(selector)
        for kind in ("mousePressed", "mouseReleased"):
            self._mouse(kind, x, y)

    def mouse_down(self, selector: str) -> None:
        """Press the mouse's button on an element, and hold it."""
        self._mouse("mousePressed", *self._centre(selector))

    def mouse_up(self, selector: str) -> None:
        """Let the mouse's button go."""
        self._mouse("mouseReleased", *self._centre(selector))

    def choose(self, selector: str, value: Any) -> None:
        """Choose a value, as a person at a choice or a field does."""
        text = json.dumps(json.dumps(value) if not isinstance(value, str) else value)
        self.evaluate(
            f"(() => {{ const e = {_one(selector)}; e.focus(); e.value = {text};"
            " e.dispatchEvent(new Event('input', {bubbles: true}));"
            " e.dispatchEvent(new Event('change', {bubbles: true})); e.blur(); })()"
        )

    def key(
        self, key: str, kinds: tuple[str, ...] = ("keyDown", "keyUp"), shift: bool = False
    ) -> None:
        """Press a key of the keyboard."""
        text = {"Enter": "\r", "Tab": "\t"}.get(key, key if len(key) == 1 else "")
        code = KEY_CODES.get(key, 0)
        for kind in kinds:
            self.browser._call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                windowsVirtualKeyCode=code,
                modifiers=8 if shift else 0,
                text=text if kind == "keyDown" else "",
            )

    def tab_to(self, selector: str) -> None:
        """Go to an element with the Tab key alone."""
        for _ in range(80):
            if self.evaluate(f"document.activeElement === {_one(selector)}"):
                return
            self.key("Tab")
        raise AssertionError(f"{selector} cannot be reached by Tab")

    def prefer(self, scheme: str) -> None:
        """Have the computer be one that is set to dark or light colours."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.browser._call("Emulation.setEmulatedMedia", features=[feature])

    def touch(self, kind: str, selector: str) -> None:
        """Put a finger on an element ("touchStart"), or lift it ("touchEnd")."""
        x, y = self._centre(selector)
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        self.browser._call("Input.dispatchTouchEvent", type=kind, touchPoints=points)

    def screenshot(self, path: Path) -> None:
        """Write what is seen as PNG."""
        answer = self.browser._call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(answer["data"]))

    def _centre(self, selector: str) -> tuple[float, float]:
        """Return where an element is, once it does not move any more."""
        before: tuple[float, float] | None = None
        while True:
            x, y = self.evaluate(
                f"(async () => {{ const e = {_one(selector)};"
                " e.scrollIntoView({block: 'center'});"
                " await new Promise(done => setTimeout(done, 60));"
                " const b = e.getBoundingClientRect();"
                " return [b.x + b.width / 2, b.y + b.height / 2] })()"
            )
            if before == (x, y):
                return x, y
            before = x, y

    def _mouse(self, kind: str, x: float, y: float) -> None:
        self.browser._call(
            "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
        )


def _one(selector: str) -> str:
    return f"document.querySelector({json.dumps(selector)})"


@contextmanager
def page_of(
    tmp_path: Path,
    peer: Callable[[str], str],
    size: tuple[int, int] = DESKTOP,
    options: RoomOptions | None = None,
    cameras: int = 1,
) -> Iterator[Page]:
    """Serve simulated cameras, and open their page in a browser window of a size."""
    folder = tmp_path / "shots"
    folder.mkdir()
    chosen = options or RoomOptions(fps=15, folder=folder, allowlua=True)
    with (
        serving(tmp_path / "card", chosen, cameras) as served,
        Browser(peer("chromium"), tmp_path / "profile") as browser,
    ):
        browser._call(
            "Emulation.setDeviceMetricsOverride",
            width=size[0],
            height=size[1],
            deviceScaleFactor=1,
            mobile=size[0] < 600,
        )
        page = Page(served, browser)
        page.open()
        yield page
