"""The keys of the viewfinder: a line that fits, and a page for the rest."""

# needs: POSIX

from __future__ import annotations

from pathlib import Path

import pytest
from support.live_terminal import LiveTerminal

from chdkshell.shell.viewing.statusline import text_of
from chdkshell.shell.viewing.viewfinderkeys import HELP, HINTS, TILED_HELP


def test_the_keys_fit_and_a_question_mark_tells_the_rest(tmp_path: Path) -> None:
    assert len(f"100.0 fps  {text_of(HINTS[0])}") < 80
    assert max(map(len, (*HELP, *TILED_HELP))) < 80
    assert max(len(HELP), len(TILED_HELP)) < 24
    with LiveTerminal("-r", "--sim", "-e", "live", home=tmp_path) as terminal:
        terminal.wait(
            lambda: "PLAY" in terminal.status and text_of(HINTS[-1]) in terminal.status, "keys"
        )
        terminal.type("?")
        terminal.wait_for(*HELP)
        assert "fps" not in terminal.text
        terminal.type("x")
        terminal.wait_for("fps")
        terminal.wait_without(HELP[0])
        terminal.type("?")
        terminal.wait_for(HELP[0])
        terminal.type("q")
        assert terminal.wait_end() == 0


def test_in_a_small_window(tmp_path: Path) -> None:
    with LiveTerminal("-r", "--sim", "-e", "live", home=tmp_path, size=(6, 30)) as terminal:  # type: ignore[arg-type]
        terminal.wait_for("fps")
        terminal.type("?")
        terminal.wait_for("take a picture")
        terminal.type("qq")
        terminal.wait_end()


@pytest.mark.parametrize(
    "settings",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "C"},
        {"LANG": "C"},
    ],
    ids=["by its encoding", "by LC_ALL", "by LANG"],
)
def test_without_blocks_it_draws_in_ascii(tmp_path: Path, settings: dict[str, str]) -> None:
    with LiveTerminal("-r", "--sim", "-e", "live", home=tmp_path, **settings) as terminal:
        terminal.wait_for("fps")
        terminal.wait(lambda: len({cell for row in terminal.colours() for cell in row}) > 20)
        assert terminal.raw.isascii()
        terminal.type("q")
        terminal.wait_end()
