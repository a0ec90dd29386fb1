"""Lines with paths of Windows: what quotes do to backslashes, and what completes them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from support.desk import Desk
from support.windows import windows_paths

from chdkshell.errors import UsageError
from chdkshell.reasons import Reason
from chdkshell.shell.binding import bind
from chdkshell.shell.command import REGISTRY
from chdkshell.shell.parse import as_word, loses_backslashes, quote, split_words
from chdkshell.shell.prompt import complete
from chdkshell.shell.prompt.complete import ShellCompleter


def words(line: str, compat: bool = False) -> tuple[list[Any], dict[str, Any]]:
    name, _, rest = line.partition(" ")
    return bind(REGISTRY.find(name), rest, compat=compat)


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")


# ---- quotes ----


@pytest.mark.parametrize(
    ("text", "loses"),
    [
        ('"C:\\Users\\x y\\a"', True),
        ('-d="C:\\pics\\${name}"', True),
        ('a"b\\c"d', True),
        ('"\\\\server\\share"', True),
        ('"C:\\\\pics\\\\a b"', False),
        ('"say \\"x\\""', False),
        ("'C:\\pics\\a b'", False),
        ("C:\\pics\\a", False),
        ("'\"C:\\pics\"'", False),
        ('"C:/pics/a b"', False),
    ],
)
def test_which_backslashes_are_lost(text: str, loses: bool) -> None:
    assert loses_backslashes(text) is loses
    (word,) = split_words(text)
    assert (word.text.count("\\") < text.count("\\")) >= loses


LINES = [
    'upload "C:\\Users\\x y\\a" A/x',
    'download A/x "C:\\Users\\x y\\a"',
    'mupload up "..\\x y" A/DIR',
    'imdl -d="C:\\pics\\${name}"',
    'imdl -ddir="pics\\new"',
    'rcapture "C:\\x y\\${name}"',
    'source "x\\y"',
    'luar < "C:\\x y\\a.lua"',
    'lvdumpimg -vp="C:\\x\\${frame}.ppm"',
    'ls "A\\DCIM"',
]


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("line", LINES)
def test_a_path_that_lost_its_backslashes_is_not_taken(line: str) -> None:
    with pytest.raises(UsageError, match="would be read as ") as raised:
        words(line)
    assert raised.value.reason is Reason.LOST_BACKSLASH


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("change", [("\\", "/"), ("\\", "\\\\"), ('"', "'")])
def test_what_the_hint_names_is_taken(line: str, change: tuple[str, str]) -> None:
    words(line.replace(*change))


@pytest.mark.parametrize("line", LINES)
def test_the_quotes_are_those_of_chdkptp(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    here = words(line)
    monkeypatch.setattr(sys, "platform", "win32")
    assert words(line, compat=True) == here


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("line", ['lua print("a\\n")', 'putm "\\x"', 'luar return "\\65"'])
def test_text_that_is_no_path_is_left_alone(line: str) -> None:
    words(line)


@pytest.mark.usefixtures("windows")
def test_the_user_sees_what_to_write() -> None:
    said = Desk().fail('upload "C:\\Users\\x y\\a"')
    assert said == (
        '"C:\\Users\\x y\\a" would be read as C:Usersx ya; '
        "write '...' in place of \"...\", or / in place of \\"
    )


@pytest.mark.parametrize(
    ("text", "mark", "quoted"),
    [
        ("C:\\a b", "", "'C:\\a b'"),
        ("C:\\a b", '"', '"C:\\\\a b"'),
        ("a b", "", '"a b"'),
        ("a b", "'", "'a b'"),
        ("it's \\", "", '"it\'s \\\\"'),
        ("it's", "'", '"it\'s"'),
    ],
)
def test_quotes_leave_backslashes_as_they_are(text: str, mark: str, quoted: str) -> None:
    assert quote(text, mark) == quoted
    assert [word.text for word in split_words(quoted)] == [text]


def test_words_for_people_have_bare_backslashes() -> None:
    assert as_word("C:\\pics\\a.jpg") == "C:\\pics\\a.jpg"
    assert as_word("C:\\my pics\\a.jpg") == "'C:\\my pics\\a.jpg'"


# ---- completion ----


@pytest.fixture
def offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], list[str]]]:
    """Complete lines on a Windows whose folders, whatever their names, have what tmp_path has."""
    (tmp_path / "My Pictures").mkdir()
    (tmp_path / "Pics").mkdir()
    (tmp_path / "notes.txt").write_text("")
    asked: list[str] = []

    def scandir(place: str) -> Any:
        asked.append(place)
        return os.scandir(tmp_path)

    completer = ShellCompleter(None, REGISTRY, None, None)  # type: ignore[arg-type]

    def complete_line(line: str) -> list[str]:
        found = completer.get_completions(Document(line), CompleteEvent())
        return [line[: len(line) + c.start_position] + c.text for c in found]

    with windows_paths(monkeypatch, complete) as its_os:
        its_os.scandir = scandir
        yield complete_line


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("source C:\\Users\\pi", ["source C:\\Users\\Pics\\"]),
        ("source C:/Users/PI", ["source C:/Users/Pics/"]),
        ("source C:/Users\\x\\pi", ["source C:/Users\\x\\Pics\\"]),
        ("source pi", ["source Pics\\"]),
        ("source C:pi", ["source C:Pics\\"]),
        ("source \\\\server\\share\\n", ["source \\\\server\\share\\notes.txt"]),
        ("source C:\\N", ["source C:\\notes.txt"]),
        ("source C:\\my", ["source 'C:\\My Pictures\\"]),
        ("source 'C:\\my", ["source 'C:\\My Pictures\\"]),
        ("source 'C:\\n", ["source 'C:\\notes.txt'"]),
        ('source "C:/my', ['source "C:/My Pictures/']),
        ('source "C:\\\\my', ['source "C:\\\\My Pictures\\\\']),
        ("source 'C:\\My Pictures\\pi", ["source 'C:\\My Pictures\\Pics\\"]),
        ("luar < C:\\n", ["luar < C:\\notes.txt"]),
        ("download A/x C:\\n", ["download A/x C:\\notes.txt"]),
    ],
)
def test_local_paths(offered: Callable[[str], list[str]], line: str, lines: list[str]) -> None:
    assert offered(line) == lines


def test_elsewhere_case_counts(tmp_path: Path) -> None:
    (tmp_path / "Pics").mkdir()
    assert list(complete.local_paths(f"{tmp_path}/Pi")) == [(f"{tmp_path}/Pics/", "folder")]
    if sys.platform == "linux":
        assert list(complete.local_paths(f"{tmp_path}/pi")) == []
