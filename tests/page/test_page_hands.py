"""The page in a browser, by keys alone and by touch alone: read back by Lua."""

# needs: POSIX

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from support.browser_page import DESKTOP, PHONE, Page, page_of
from support.control_room import WAIT

pytestmark = pytest.mark.slow

CONTROLS = [
    ("shutter", "ArrowDown", "get_user_tv96()"),
    ("aperture", "ArrowDown", "get_user_av96()"),
    ("iso", "ArrowDown", "get_iso_mode()"),
    ("ev", "ArrowDown", "get_ev()"),
    ("focus_mode", "ArrowDown", "get_focus_mode()"),
    ("focus", "ArrowUp", "get_focus()"),
    ("flash", "ArrowUp", "get_flash_mode()"),
    ("drive", "ArrowDown", "get_drive_mode()"),
    ("zoom", "ArrowRight", "get_zoom()"),
    ("record", "ArrowDown", "(get_mode())"),
]


def wait_until(what: Callable[[], bool], name: str) -> None:
    """Wait until something is so."""
    step = threading.Event()
    for _ in range(WAIT * 20):
        if what():
            return
        step.wait(0.05)
    raise AssertionError(name)


def held(page: Page) -> bool:
    sim = page.served.camera.session.transport.camera  # type: ignore[attr-defined]
    return "shoot_half" in sim.state.keys_held


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_control_by_keys(
    tmp_path: Path, peer: Callable[[str], str], size: tuple[int, int]
) -> None:
    with page_of(tmp_path, peer, size) as page:
        lua = page.served.lua
        page.wait("document.querySelector('[name=mode]').options.length > 1")
        page.tab_to("[name=mode]")
        for _ in range(3):
            page.key("ArrowDown")
        wait_until(lambda: lua("return (select(3,get_mode()))%256") == 5, "mode")
        page.tab_to("[name=nd]")
        page.key("ArrowDown")
        wait_until(lambda: page.served.get("api/cameras/1")["nd"] == "in", "nd")
        for field, key, code in CONTROLS:
            before = lua(f"return {code}")
            page.tab_to(f"[name={field}]")
            page.key(key)
            wait_until(lambda c=code, b=before: lua(f"return {c}") != b, field)  # type: ignore[misc]
            assert page.text(f"#said-{field}") == "", field


def test_touch(tmp_path: Path, peer: Callable[[str], str]) -> None:
    with page_of(tmp_path, peer, PHONE) as page:
        page.browser._call("Emulation.setTouchEmulationEnabled", enabled=True)
        page.touch("touchStart", "#half")
        wait_until(lambda: held(page), "held")
        page.touch("touchEnd", "#half")
        wait_until(lambda: not held(page), "let go")
        for kind in ("touchStart", "touchEnd"):
            page.touch(kind, "#shoot")
        page.wait_text("#result", "picture 1 taken")
