"""What is told of each shot: a line on stderr, an object in JSON, as it happens."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.shell_process import environment, program, run
from support.timeouts import TIMEOUT

LINE = re.compile(
    r"shot (\d+): \d{4}-\d\d-\d\d \d\d:\d\d:\d\d (1/\d+ s|\d+ s) f/\d\.\d ISO \d+ (.+)\n"
)


def batch(*lines: str, cwd: Path, words: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    commands = [word for line in ("rec", *lines) for word in ("-e", line)]
    return run("-r", "--sim", *words, *commands, cwd=cwd)


@pytest.mark.parametrize(
    ("line", "exposure", "files"),
    [
        ("shoot -tv=1/50", "1/50 s", ["A/DCIM/101CANON/IMG_0102.JPG"]),
        ("shoot -dl -tv=4", "4 s", ["IMG_0102.JPG"]),
        ("shoot -dl=x/ -rm -dng", "1/64 s", ["x/CRW_0102.DNG", "x/IMG_0102.JPG"]),
        ("rcapture -tv=1/50 -jpg x/", "1/50 s", ["x/IMG_0102.jpg"]),
        ("rs -dng -jpg -tv=1/50 pair", "1/50 s", ["pair.dng", "pair.jpg"]),
        ("rs -raw -tv=1/50 -av=2.8 -sv=80 a", "1/50 s", ["a.raw"]),
        ("rsint -tv=1/50 -pipe='echo l' x/", "1/50 s", ["x/IMG_0102.jpg"]),
    ],
)
def test_a_line_names_the_files(tmp_path: Path, line: str, exposure: str, files: list[str]) -> None:
    done = batch(line, cwd=tmp_path)
    found = LINE.fullmatch(done.stderr)
    assert found, done
    assert (found[1], found[2], found[3].split(", ")) == ("1", exposure, files)


def test_the_lines_of_a_row_count(tmp_path: Path) -> None:
    done = batch("rcapture -shots=3 r/", cwd=tmp_path)
    assert [shot[0] for shot in LINE.findall(done.stderr)] == ["1", "2", "3"]
    assert done.stdout == ""


@pytest.mark.parametrize("line", ["shoot -dl", "rcapture"])
@pytest.mark.parametrize("quiet", [["-quiet"], ["set cli_verbose=0"]])
def test_quiet(tmp_path: Path, line: str, quiet: list[str]) -> None:
    lines = [f"{line} {quiet[0]}"] if quiet[0].startswith("-") else [quiet[0], line]
    done = batch(*lines, cwd=tmp_path)
    assert (done.stderr, done.returncode) == ("", 0)
    assert "-quiet" not in quiet or done.stdout == ""
    assert list(tmp_path.glob("IMG*"))


def test_as_chdkptp_nothing_is_told(tmp_path: Path) -> None:
    done = batch("shoot", "rcapture", words=("--chdkptp",), cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("", "")


def read(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_json_has_each_step_and_then_all_shots(tmp_path: Path) -> None:
    done = batch("shoot -shots=2 -dl=x/ -rm -tv=1/50", words=("--json",), cwd=tmp_path)
    _, *events, last = read(done.stdout)
    assert [event["event"] for event in events] == ["download", "remove", "shot"] * 2
    shots = [event["result"] for event in events if event["event"] == "shot"]
    assert last == {"command": "shoot", "ok": True, "result": shots}
    first = shots[0]
    assert first["shot"] == 1
    assert first["exposure"]["shutter"] == pytest.approx(1 / 50, rel=0.01)
    assert re.fullmatch(r"[\d-]{10}T[\d:]{8}[+-]\d\d:\d\d", first["time"])
    path = tmp_path / "x" / "IMG_0102.JPG"
    assert first["files"] == [
        {
            "path": "x/IMG_0102.JPG",
            "format": "JPG",
            "size": path.stat().st_size,
            "card_path": "A/DCIM/101CANON/IMG_0102.JPG",
            "removed": True,
        }
    ]


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_the_log_of_a_killed_row_is_complete(tmp_path: Path, words: tuple[str, ...]) -> None:
    """It is killed in the wait after the first shot, whose line came at once."""
    command = [
        *program(),
        "-r",
        "--sim",
        *words,
        "-e",
        "rec",
        "-e",
        "rcapture -shots=9 -int=600 x/",
    ]
    log = tmp_path / "log"
    with (
        log.open("wb") as file,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE if words else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if words else subprocess.PIPE,
            cwd=tmp_path,
            env=environment(),
        ) as child,
    ):
        output = child.stdout if words else child.stderr
        assert output
        for line in output:
            file.write(line)
            if b"IMG_0102.jpg" in line:
                break
        child.kill()
        assert child.wait(TIMEOUT)
    if words:
        _, shot = read(log.read_text("utf-8"))
        assert shot["result"]["files"][0]["path"] == "x/IMG_0102.jpg"
    else:
        assert LINE.fullmatch(log.read_text("utf-8"))
    assert (tmp_path / "x" / "IMG_0102.jpg").exists()
