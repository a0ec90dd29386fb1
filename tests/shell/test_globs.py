"""Names on the card with * and ?, and those that a listing shows escaped."""

# needs: POSIX

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from support.shell_process import run
from support.terminal import Terminal

FILES = ("A.TXT", "B.TXT", "C.LOG", "D/E1/A[1].JPG", "D/E1/A2.JPG", "D/E2/A2.JPG", "D/E2/x.txt")


@pytest.fixture
def card(tmp_path: Path) -> Path:
    for name in FILES:
        path = tmp_path / "card" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "card"


def left(card: Path) -> list[str]:
    return sorted(str(path.relative_to(card)) for path in card.rglob("*") if path.is_file())


def batch(card: Path, line: str, *words: str) -> tuple[list[str], str]:
    """Run a line; return what is on stdout, and what the error says without its advice."""
    done = run("-r", *words, "--device", f"sim:card={card}", "-e", line, cwd=card.parent)
    error = [x for x in done.stderr.splitlines() if not x.startswith("copied ")]
    return done.stdout.splitlines(), "\n".join(error).partition(";")[0]


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("ls *.txt", ["A/A.TXT", "A/B.TXT"]),
        ("ls ?.LOG", ["A/C.LOG"]),
        ("ls D/*/A2.JPG", ["A/D/E1/A2.JPG", "A/D/E2/A2.JPG"]),
        ("ls D/E1/A[1].JPG", ["A/D/E1/A[1].JPG"]),
        ("ls D/E1/A[*", ["A/D/E1/A[1].JPG"]),
        ("ls D/*2", ["A2.JPG", "x.txt"]),
        ("ls D/*", ["A/D/E1:", "A2.JPG", "A[1].JPG", "A/D/E2:", "A2.JPG", "x.txt"]),
        ("cat ?.TXT", ["A.TXTB.TXT"]),
        ("download *.TXT to/", ["A/A.TXT->to/A.TXT", "A/B.TXT->to/B.TXT"]),
        ("download *.LOG one", ["A/C.LOG->one"]),
        ("mdl D/?1/A2* out", ["A/D/E1/A2.JPG->out/A2.JPG"]),
    ],
)
def test_what_matches(card: Path, line: str, lines: list[str]) -> None:
    assert batch(card, line) == (lines, "")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("ls *.NOPE", "nothing on the card matches A/*.NOPE"),
        ("ls NOPE/*", "nothing on the card matches A/NOPE/*"),
        ("rm *.NOPE", "nothing on the card matches A/*.NOPE"),
        ("rm D/*", "no file on the card matches A/D/*, only folders do"),
        ("cat D/*", "no file on the card matches A/D/*, only folders do"),
        ("download D/*", "no file on the card matches A/D/*, only folders do"),
        ("mdl *.NOPE out", "nothing on the card matches A/*.NOPE"),
        ("download *.TXT one", "A/*.TXT means several files, and one is no folder"),
    ],
)
def test_what_matches_nothing(card: Path, line: str, error: str) -> None:
    assert batch(card, line) == ([], f"ERROR: {error}")
    assert left(card) == sorted(FILES)


@pytest.mark.parametrize(
    ("line", "gone"),
    [
        ("rm *.TXT", {"A.TXT", "B.TXT"}),
        ("rm *", {"A.TXT", "B.TXT", "C.LOG"}),
        ("rm C.LOG D/*/?2.jpg", {"C.LOG", "D/E1/A2.JPG", "D/E2/A2.JPG"}),
        ("rm -fmatch=E1 D/*/A2.JPG", {"D/E1/A2.JPG"}),
        ("rm D/E1/A[1].JPG", {"D/E1/A[1].JPG"}),
    ],
)
def test_rm_deletes_the_files_that_match(card: Path, line: str, gone: set[str]) -> None:
    told, _ = batch(card, line.replace("rm", "rm -pretend"))
    assert left(card) == sorted(FILES)
    assert batch(card, line) == (told, "")
    assert left(card) == sorted(set(FILES) - gone)
    assert {line.removesuffix(": OK").removeprefix("A/") for line in told} == gone


def test_rm_asks_before_it_deletes_many(card: Path) -> None:
    for number in range(21):
        (card / f"M{number}").write_bytes(b"x" * 10)
    words = ("-r", "--device", f"sim:card={card}", "-e", "rm M*")
    with Terminal(*words, home=card.parent) as terminal:
        terminal.wait_for("delete 21 files, 210 bytes? [y/N]")
        terminal.type("n\r")
        terminal.wait_end()
    assert len(left(card)) == 21 + len(FILES)


def test_a_name_that_exists_wins(card: Path) -> None:
    """Some cards are folders of a computer, whose names may have such letters."""
    (card / "?.TXT").write_text("it")
    assert batch(card, "cat ?.TXT") == (["it"], "")
    assert batch(card, "rm ?.TXT") == (["A/?.TXT: OK"], "")
    assert left(card) == sorted(FILES)


@pytest.mark.parametrize("name", [b"a\x1bb", b"a\xffb", "a\u202eb".encode(), b"tab\tbed"])
def test_an_escaped_name_can_be_typed(card: Path, name: bytes) -> None:
    Path(os.fsdecode(bytes(card) + b"/D/E2/" + name)).write_text("found")
    shown = next(line for line in batch(card, "ls D/E2")[0] if "\\" in line)
    assert batch(card, f"cat 'D/E2/{shown}'") == (["found"], "")
    out, _ = batch(card, f"rm 'D/E2/{shown}'")
    assert out == [f"A/D/E2/{shown}: OK"]


def test_as_chdkptp_there_are_no_wildcards(card: Path) -> None:
    assert batch(card, "ls *.TXT", "--chdkptp") == ([], "ERROR: A/*.TXT: errno 0x2")


def test_json_of_matches(card: Path) -> None:
    out, _ = batch(card, "ls *.LOG D/E1", "--json")
    matches, folder = json.loads(out[0])["result"]
    assert matches["path"] == ""
    assert [entry["name"] for entry in matches["entries"]] == ["A/C.LOG"]
    assert folder["path"] == "A/D/E1"
