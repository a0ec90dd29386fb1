"""rich takes the terminal for an old console of Windows: what is drawn is what it is elsewhere."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
import rich.console
from rich.text import Text

from chdkshell.chdk.cardentry import CardEntry
from chdkshell.shell.output.progress import Bar
from chdkshell.shell.results.drawing import drawn, table, width
from chdkshell.shell.terminal.fullscreen import Graphics, Window
from chdkshell.shell.terminal.sheets import Sheet, Thumbnail


def a_table() -> str:
    made = table("NAME", "SIZE")
    made.add_row(Text("ONE", style="red"), "1")
    return drawn(made, io.StringIO())


def a_bar() -> str:
    with Bar("a title", io.StringIO(), delay=3600) as bar:
        bar.start(100)
        return bar._line(bar._new_bars()).partition("?")[0]


def a_sheet() -> str:
    sheet = Sheet(Graphics.BLOCKS, Window(66, 40, (10, 20)))
    return "".join(sheet.rows([Thumbnail(CardEntry("A/ONE.JPG", 1), None)], io.StringIO()))


def a_width() -> str:
    return str(width(io.StringIO()))


@pytest.mark.parametrize("draw", [a_table, a_bar, a_sheet, a_width])
def test_it_is_the_same(draw: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"FORCE_COLOR": "1", "COLUMNS": "80", "TERM": "xterm-256color"}.items():
        monkeypatch.setenv(name, value)
    expected = draw()
    monkeypatch.setattr(rich.console, "detect_legacy_windows", lambda: True)
    assert draw() == expected
