"""Signs between commands while they are typed: colours, completion, short names."""

from __future__ import annotations

from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from chdkshell.shell import commands  # noqa: F401 - importing them declares them
from chdkshell.shell.command import REGISTRY
from chdkshell.shell.prompt.complete import ShellCompleter
from chdkshell.shell.prompt.highlight import LineLexer
from chdkshell.shell.prompt.lines import expand_prefix


def offered(text: str) -> list[str]:
    completer = ShellCompleter(None, REGISTRY, None, None)  # type: ignore[arg-type]
    return [c.text for c in completer.get_completions(Document(text), CompleteEvent())]


def test_commands_after_a_semicolon() -> None:
    assert offered("df ; disc") == ["disconnect"]
    assert offered("df ; ") == offered("")
    assert offered("df ; tree -maxd") == ["-maxdepth="]


def test_files_after_an_arrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.txt").touch()
    assert offered("df > ") == offered("df >> l") == ["list.txt"]
    assert offered("df > list.txt ") == []
    assert offered("df > list.txt ; disc") == ["disconnect"]


def test_nothing_of_ours_after_a_pipe() -> None:
    assert offered("df | so") == offered("df |") == offered("df | ") == []


def test_colours() -> None:
    def look(text: str) -> list[tuple[str, str]]:
        pieces = LineLexer(REGISTRY).pieces(text)
        return [(piece[0].removeprefix("class:line."), piece[1]) for piece in pieces if piece[0]]

    assert look("df ; nosuch") == [("command", "df"), ("switch", ";"), ("unknown", "nosuch")]
    assert look("df > x | y") == [
        ("command", "df"),
        ("switch", ">"),
        *[("local", c) for c in "x|y"],
    ]
    assert look("df | sort ; df") == [("command", "df"), ("switch", "|")]
    assert look("# df ; df") == [("command", "#")]


@pytest.mark.parametrize(
    ("line", "expanded"),
    [
        ("downl x ; killsc", "download x ; killscript"),
        ("downl x > killsc", "download x > killsc"),
        ("watc 2 downl ; killsc", "watch 2 downl ; killsc"),
        ("con.model", "con.model"),
        ("downl ; con:execwait('x')", "download ; con:execwait('x')"),
        ("get x", "get x"),
    ],
)
def test_names_in_short(line: str, expanded: str) -> None:
    assert expand_prefix(line, REGISTRY) == expanded
