"""The page in a browser: every control changes the camera, which is read back by Lua."""

# needs: POSIX

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.browser_page import DESKTOP, PHONE, Page, page_of
from support.control_room import WAIT

pytestmark = pytest.mark.slow

CONTROLS: list[tuple[str, Any, str, Any]] = [
    ("mode", "M", "(select(3,get_mode()))%256", 5),
    ("shutter", 0.5, "get_user_tv96()", 96),
    ("aperture", 4, "get_user_av96()", 384),
    ("iso", 400, "get_prop(require('propcase').ISO_MODE)", 400),
    ("ev", 1, "get_ev()", 96),
    ("zoom", "3", "get_zoom()", 3),
    ("focus_mode", "manual", "get_focus_mode()", 1),
    ("focus", "1500", "get_focus()", 1500),
    ("flash", 1, "get_flash_mode()", 1),
    ("drive", 1, "get_drive_mode()", 1),
    ("record", False, "(get_mode())", False),
]
TEXTS = {"mode", "focus_mode", "nd"}


def wait_lua(page: Page, code: str, value: Any) -> None:
    """Wait until Lua on the camera gives a value."""
    step = threading.Event()
    for _ in range(WAIT * 20):
        if page.served.lua(f"return {code}") == value:
            return
        step.wait(0.05)
    raise AssertionError(f"{code} is {page.served.lua(f'return {code}')}, not {value}")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_control_changes_the_camera(
    tmp_path: Path, peer: Callable[[str], str], size: tuple[int, int]
) -> None:
    with page_of(tmp_path, peer, size) as page:
        page.wait("document.querySelector('[name=mode]').options.length > 1")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        page.choose("[name=nd]", '"in"')
        for field, value, code, wanted in CONTROLS:
            page.choose(f"[name={field}]", f'"{value}"' if field in TEXTS else value)
            wait_lua(page, code, wanted)
            assert page.text(f"#said-{field}") == "", field
        assert page.served.get("api/cameras/1")["nd"] == "in"
        page.choose("[name=ev]", 2)
        page.wait_text("#said-ev", "not in rec mode")


def test_buttons_shoot_hold_and_press(tmp_path: Path, peer: Callable[[str], str]) -> None:
    with page_of(tmp_path, peer) as page:
        sim = page.served.camera.session.transport.camera  # type: ignore[attr-defined]
        page.click("#shoot")
        page.wait_text("#result", "picture 1 taken")
        page.wait("document.getElementById('lastpicture').naturalWidth > 0")
        page.wait("document.getElementById('lastpicture').src.includes('/preview')")
        page.choose("#to", "computer")
        page.click("#shoot")
        page.wait_text("#result", "picture in ")
        assert len(list((tmp_path / "shots").iterdir())) == 1
        page.mouse_down("#half")
        step = threading.Event()
        while "shoot_half" not in sim.state.keys_held:
            step.wait(0.02)
        page.mouse_up("#half")
        while sim.state.keys_held:
            step.wait(0.02)
        pressed: list[str] = []
        before = sim.state.keyboard.on_key

        def on_key(key: str) -> None:
            pressed.append(key)
            before(key)

        sim.state.keyboard.on_key = on_key
        for key in ("menu", "up", "set"):
            page.click(f"[data-key={key}]")
            while key not in pressed:
                step.wait(0.02)


def test_keys_alone(tmp_path: Path, peer: Callable[[str], str]) -> None:
    """Tab, arrows and the shortcuts do what the mouse does."""
    with page_of(tmp_path, peer) as page:
        page.wait("document.querySelector('[name=mode]').options.length > 1")
        page.tab_to("#shoot")
        page.key("Enter")
        page.wait_text("#result", "picture 1 taken")
        page.tab_to("[name=zoom]")
        page.browser._call(
            "Input.dispatchKeyEvent", type="keyDown", key="ArrowUp", windowsVirtualKeyCode=38
        )
        wait_lua(page, "get_zoom()", 1)
        page.tab_to("#half")
        page.key(" ", ("keyDown",))
        sim = page.served.camera.session.transport.camera  # type: ignore[attr-defined]
        step = threading.Event()
        while "shoot_half" not in sim.state.keys_held:
            step.wait(0.02)
        page.key(" ", ("keyUp",))
        while sim.state.keys_held:
            step.wait(0.02)
        page.key("s")
        page.wait_text("#result", "picture 2 taken")
        page.key("+")
        wait_lua(page, "get_zoom()", 2)
        page.key("i")
        page.wait("!document.getElementById('histogram').hidden")
        page.key("2")
        page.wait("!document.getElementById('gallery').hidden")


def test_readonly_page_has_no_working_controls(tmp_path: Path, peer: Callable[[str], str]) -> None:
    from chdkshell.page.room import RoomOptions

    with page_of(tmp_path, peer, options=RoomOptions(readonly=True)) as page:
        page.wait_text("#holder", "only shows")
        page.wait("document.querySelector('[name=mode]').disabled")
        assert page.evaluate("document.getElementById('shoot').disabled")


def test_second_page_sees_who_holds_the_controls(
    tmp_path: Path, peer: Callable[[str], str]
) -> None:
    with page_of(tmp_path, peer) as page:
        page.served.post("api/controls", client="other", name="<img src=x onerror=alert(1)>")
        page.wait_text("#holder", "<img src=x onerror=alert(1)> holds the controls")
        page.click("#shoot")
        page.wait_text("#result", "holds the controls")
        page.click("#take")
        page.wait_text("#holder", "you hold the controls")
        page.click("#shoot")
        page.wait_text("#result", "picture 1 taken")
