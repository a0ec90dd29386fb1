"""What is offered after `run`: scripts, and the parameters of the one in the line."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

import chdkshell.shell.commands  # noqa: F401  # they register themselves
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.scriptheader import ScriptHeader, parse_header
from chdkshell.shell.command import REGISTRY
from chdkshell.shell.prompt.complete import ShellCompleter
from chdkshell.shell.prompt.luacomplete import UserNames

HEADER = """
@title ISO steps
@param a Shots
@default a 5
@range a 1 100
#mode=1 "Mode" {Off Slow Fast}
#raw=false "Save raw"
"""


class CardView:
    """Stands for a camera whose card has a few scripts, and for where paths begin on it."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.asked: list[str] = []

    def listing(self, folder: str) -> tuple[CardEntry, ...]:
        names = {
            "A/CHDK/SCRIPTS": ["ISOINC.LUA", "HDR.BAS", "TEST/"],
            "A/CHDK/SCRIPTS/TEST": ["ISOBASE.LUA"],
        }.get(folder.rstrip("/"), [])
        return tuple(
            CardEntry(f"{folder.rstrip('/')}/{name.rstrip('/')}", 1, is_dir=name.endswith("/"))
            for name in names
        )

    def script_header(self, name: str) -> ScriptHeader | None:
        self.asked.append(name)
        return parse_header(HEADER) if name == "ISOINC.LUA" else None


@pytest.fixture
def offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.lua").write_text("--[[" + HEADER.replace("a Shots", "a Pages") + "]]")
    (tmp_path / "notes.txt").write_text("")
    return {}


def after(line: str, folder: str = "", card: CardView | None = None) -> dict[str, str]:
    """Return what the line can become, with what is said of each, for somebody in a folder."""
    view: Any = card or CardView(folder)
    context: Any = SimpleNamespace()
    completer = ShellCompleter(context, REGISTRY, view, UserNames())
    found = completer.get_completions(Document(line), CompleteEvent(completion_requested=True))
    return {line[: len(line) + c.start_position] + c.text: c.display_meta_text for c in found}


@pytest.mark.usefixtures("offered")
def test_scripts_here_and_on_the_card() -> None:
    found = after("run ")
    assert [line for line in found if "-" not in line] == [
        "run mine.lua",
        "run ISOINC.LUA",
        "run TEST/",
    ]
    assert found["run ISOINC.LUA"] == "on the card"
    assert list(after("run iso")) == ["run ISOINC.LUA"]
    assert list(after("run TEST/")) == ["run TEST/ISOBASE.LUA"]
    assert list(after("run iso", "A/CHDK/SCRIPTS/TEST/")) == ["run ISOBASE.LUA", "run ISOINC.LUA"]


@pytest.mark.usefixtures("offered")
def test_parameters_and_their_values() -> None:
    found = after("run ISOINC.LUA ")
    assert list(found)[:3] == [f"run ISOINC.LUA {name}=" for name in ("a", "mode", "raw")]
    assert found["run ISOINC.LUA a="] == "Shots: 1 to 100, else 5"
    assert list(after("run ISOINC.LUA a=")) == [
        "run ISOINC.LUA a=5",
        "run ISOINC.LUA a=1",
        "run ISOINC.LUA a=100",
    ]
    assert list(after("run ISOINC.LUA a=5 mode=")) == [
        f"run ISOINC.LUA a=5 mode={word}" for word in ("Slow", "Off", "Fast")
    ]
    assert list(after("run ISOINC.LUA mode=f")) == ["run ISOINC.LUA mode=Fast"]
    assert list(after("run ISOINC.LUA a=5 r")) == ["run ISOINC.LUA a=5 raw="]
    assert not any(line.endswith(" a=") for line in after("run ISOINC.LUA a=5 "))
    assert after("run mine.lua a=")["run mine.lua a=5"] == "Pages: 1 to 100, else 5"
    assert after("run ISOINC.LUA x=") == {}


@pytest.mark.usefixtures("offered")
def test_a_header_is_fetched_when_the_name_is_whole() -> None:
    """Tab may come right after the blank behind the name, and the camera takes a moment."""
    for line, asked in [("run isoin", []), ("run isoinc", ["isoinc"]), ("run TEST", [])]:
        card = CardView("")
        after(line, card=card)
        assert card.asked == asked
    card = CardView("")
    after("run TEST/isobase.lua", card=card)
    assert card.asked == ["TEST/isobase.lua"]
