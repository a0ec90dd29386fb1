"""What is not on the card: found by a look at it, whatever the camera says of the error."""

# needs: POSIX

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.shell_process import run
from support.terminal import Terminal

LINES = {
    "ls NOPE": "A/NOPE",
    "ls -l DCIM NOPE": "A/NOPE",
    "cat NOPE/X.TXT": "A/NOPE/X.TXT",
    "download NOPE": "A/NOPE",
    "rm NOPE": "A/NOPE",
    "mv NOPE X": "A/NOPE",
    "mv FILE.TXT X/Y": "A/X",
    "mdl NOPE here": "A/NOPE",
    "du NOPE": "A/NOPE",
    "tree NOPE": "A/NOPE",
    "find NOPE": "A/NOPE",
    "imls NOPE": "A/NOPE",
    "imrm NOPE": "A/NOPE",
    "imdl NOPE": "A/NOPE",
    "sync NOPE here": "A/NOPE",
}
MODELS = ("SIM1", "SX50HS", "A540")
"""The first says a number of its own, the second nothing at all, the third a number of VxWorks."""


def address(tmp_path: Path, model: str) -> str:
    card = tmp_path / "card"
    (card / "DCIM").mkdir(parents=True, exist_ok=True)
    (card / "FILE.TXT").write_text("a file")
    return f"sim:card={card},model={model}"


@pytest.mark.parametrize("model", MODELS)
def test_json_says_it_in_words(tmp_path: Path, model: str) -> None:
    commands = [word for line in LINES for word in ("-e", line)]
    done = run("-r", "--json", "--device", address(tmp_path, model), *commands, cwd=tmp_path)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(a["error"], a["reason"], a["path"]) for a in answers] == [
        (f"{path}: no such file or folder", "not-on-card", path) for path in LINES.values()
    ]


@pytest.mark.parametrize("model", MODELS)
def test_a_terminal_says_it_in_words(tmp_path: Path, model: str) -> None:
    """Each path once, and no number of the camera's."""
    commands = [word for line in LINES for word in ("-e", line)]
    words = ("-r", "--device", address(tmp_path, model), *commands)
    with Terminal(*words, home=tmp_path, size=(60, 100)) as terminal:
        terminal.wait_end()
    hint = "; `ls` shows what is on the card"
    assert [line for line in terminal.lines if line] == [
        f"ERROR: {path}: no such file or folder{hint}" for path in LINES.values()
    ]


def test_plain_text_begins_as_chdkptps(tmp_path: Path) -> None:
    done = run("-r", "--device", address(tmp_path, "SIM1"), "-e", "ls NOPE", "-e", "d NOPE")
    assert done.stderr.splitlines() == [
        "ERROR: A/NOPE: errno 0x2; no such file or folder; `ls` shows what is on the card",
        "ERROR: stat source A/NOPE failed: A/NOPE: errno 0x2; no such file or folder; "
        "`ls` shows what is on the card",
    ]
    done = run("--chdkptp", "-r", "--device", address(tmp_path, "SIM1"), "-e", "ls NOPE")
    assert done.stdout + done.stderr == "ERROR: A/NOPE: errno 0x2\n"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    words = ("-r", "--json", "--device", address(tmp_path, "SX50HS"))
    done = run(*words, "-e", "ls FILE.TXT/X")
    assert json.loads(done.stdout)["error"] == "A/FILE.TXT/X: A/FILE.TXT is a file, and no folder"
