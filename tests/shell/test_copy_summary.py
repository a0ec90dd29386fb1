"""What several files that are copied come to: a line on stderr, numbers in JSON."""

# needs: POSIX

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.shell_process import run
from support.terminal import Terminal


def batch(folder: Path, *lines: str, words: tuple[str, ...] = ()) -> tuple[str, str, int]:
    card = folder / "card"
    if not card.exists():
        (card / "D" / "E").mkdir(parents=True)
        for name, size in (("D/A.TXT", 1000), ("D/B.TXT", 234), ("D/E/C.TXT", 5)):
            (card / name).write_bytes(b"x" * size)
    commands = [word for line in lines for word in ("-e", line)]
    done = run("-r", *words, "--device", f"sim:card={card}", *commands, cwd=folder)
    return done.stdout, done.stderr, done.returncode


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["mdl D out"], ["copied 3 files, 1.2 kB"]),
        (["mdl -pretend D out"], ["would copy 3 files, 1.2 kB"]),
        (["mdl D/A.TXT out"], []),
        (["mdl D/E out/D/E", "sync D out"], ["copied 3 files, 1.2 kB"]),
        (["mdl D/A.TXT o/", "mdl -overwrite=n D o"], ["copied 2 files, 239 bytes; skipped 1"]),
        (["mdl D out", "mup out UP"], ["copied 3 files, 1.2 kB"] * 2),
        (["mdl -quiet D out", "mup -quiet out UP"], []),
        (["set cli_verbose=0", "mdl D out", "mup out UP"], []),
        (["sync -delete D out"], ["copied 3 files, 1.2 kB; deleted at the source 3"]),
    ],
)
def test_the_line(tmp_path: Path, lines: list[str], told: list[str]) -> None:
    out, err, status = batch(tmp_path, *lines)
    assert (err.splitlines(), status) == (told, 0)
    assert "copied" not in out
    assert "-quiet" not in lines[0] or not out


def test_what_fails_is_counted(tmp_path: Path) -> None:
    (tmp_path / "out" / "A.TXT").mkdir(parents=True)
    _, err, status = batch(tmp_path, "mdl -overwrite=y D out")
    assert err.splitlines()[1] == "copied 2 files, 239 bytes; failed 1"
    assert status == 1


def test_as_chdkptp_there_is_none(tmp_path: Path) -> None:
    out, _, _ = batch(tmp_path, "mdl D out", words=("--chdkptp",))
    assert "copied" not in out


def test_json_has_numbers_and_kinds(tmp_path: Path) -> None:
    out, _, _ = batch(tmp_path, "mdl D/A.TXT out/", "mdl -overwrite=n D out", words=("--json",))
    answer = json.loads(out.splitlines()[1])
    assert answer["summary"] == {
        "copied": 2, "skipped": 1, "failed": 0, "removed": 0, "bytes": 239,
    }  # fmt: skip
    kinds = [item["event"] for item in answer["result"]]
    assert kinds == ["skipped", "copied", "folder", "copied"]


def test_a_file_that_stays_does_not_look_copied(tmp_path: Path) -> None:
    batch(tmp_path, "mdl D out")
    words = ("-r", "--device", f"sim:card={tmp_path}/card", "-e", "mdl -overwrite=n D out")
    with Terminal(*words, home=tmp_path) as terminal:
        terminal.wait_end()
    assert "skip existing: out/A.TXT" in terminal.text
    assert "->" not in terminal.text
    assert "copied 0 files, 0 bytes; skipped 3" in terminal.text


def test_json_says_what_is_pretended_and_what_is_replaced(tmp_path: Path) -> None:
    y = "-overwrite=y"
    lines = ("mdl D out", f"mdl -pretend {y} D out", f"mdl {y} D out", f"mup {y} out D")
    out, _, _ = batch(tmp_path, *lines, words=("--json",))
    answers = [json.loads(line)["result"] for line in out.splitlines()]
    assert [{item["pretended"] for item in answer} for answer in answers] == [
        {False}, {True}, {False}, {False},
    ]  # fmt: skip
    copied = [[item["replaced"] for item in a if item["event"] == "copied"] for a in answers]
    assert copied == [[False] * 3, [True] * 3, [True] * 3, [True] * 3]
