"""Lua over several lines at a terminal that shows letters alone."""

# needs: POSIX

from __future__ import annotations

from pathlib import Path

from support.terminal import Terminal


def test_lua_goes_on(tmp_path: Path) -> None:
    with Terminal("-r", "--sim", home=tmp_path, term="dumb") as terminal:
        terminal.wait_for("con> ".rstrip())
        terminal.type("luar if true then\r")
        terminal.wait_for("...>")
        terminal.type("return 'seen' end\r")
        terminal.wait_for("return:'seen'")
        assert "\x1b" not in terminal.raw
