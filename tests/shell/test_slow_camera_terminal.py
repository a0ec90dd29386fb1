"""The prompt in a real terminal with a camera that takes its time, or has a script that runs."""

# needs: POSIX

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.camera_process import simulated_camera
from support.slow_link import SlowLink
from support.terminal import Terminal


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[tuple[Terminal, SlowLink]]:
    """A prompt with a camera in the network that can be made slow, and an 8 MB file on its card."""
    card = tmp_path / "card"
    card.mkdir()
    (card / "BIG.BIN").write_bytes(bytes(8 << 20))
    with (
        simulated_camera("--card", str(card)) as (_, address, _),
        SlowLink(address) as link,
        Terminal("-r", "--device", link.address, home=tmp_path) as terminal,
    ):
        terminal.wait_prompt("con> ")
        terminal.wait_toolbar()
        yield terminal, link


def test_a_window_is_resized_while_a_bar_is_shown(slow: tuple[Terminal, SlowLink]) -> None:
    terminal, link = slow
    link.rate = 200_000
    terminal.line("download BIG.BIN")
    terminal.wait_for("/8.4 MB", "kB/s")
    terminal.resize(40, 120)
    terminal.wait(lambda: any(len(line) > 80 and "kB/s" in line for line in terminal.lines))
    link.rate = 0
    terminal.wait_for("A/BIG.BIN->BIG.BIN")
    terminal.wait_prompt()
    assert "B/s" not in terminal.text
    terminal.line("luar return 'usable'")
    terminal.wait_for("return:'usable'")


def test_a_slow_listing_blocks_no_key(slow: tuple[Terminal, SlowLink]) -> None:
    terminal, link = slow
    link.hold_after(0)
    terminal.type("ls A/")
    terminal.wait_for("con> ls A/")
    terminal.type("BI")
    terminal.wait_for("con> ls A/BI")
    assert "BIG.BIN" not in terminal.text
    link.hold_after(None)
    terminal.wait_for("A/BIG.BIN")


def test_completion_uses_no_lua_while_a_script_runs(slow: tuple[Terminal, SlowLink]) -> None:
    terminal, _ = slow
    terminal.line("lua local n = 0 while true do sleep(10) n = n + 1 end")
    terminal.wait_for("a script runs")
    terminal.type("ls A/BI")
    terminal.wait_for("> ls A/BI")
    terminal.type("\t\x15killscript\r")
    terminal.wait_without("a script runs")
    assert "A/BIG.BIN" not in terminal.text
    terminal.wait_prompt()
    terminal.type("ls A/BI")
    terminal.wait_for("A/BIG.BIN")
