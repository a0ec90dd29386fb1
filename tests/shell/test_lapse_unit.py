"""A time lapse as a unit of systemd has it: ended by SIGTERM, started again, no number lost."""

# needs: POSIX

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.camera_process import simulated_camera
from support.shell_process import environment, program, run
from support.timeouts import TIMEOUT

from chdkshell.errors import UsageError
from chdkshell.shell.shots.lastnumber import next_number


@pytest.fixture
def heeded() -> Iterator[None]:
    """What runs in the background of a shell may have the signal ignored."""
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGTERM, before)


def shots(folder: Path) -> list[Path]:
    return sorted(folder.glob("lapse/*/*.jpg"))


@pytest.mark.parametrize(
    "line",
    [
        "rcapture -shots=9999 -seq=auto lapse/${ldate,%Y}/${shotseq}${ext}",
        "shoot -shots=9999 -seq=auto -dl=lapse/${ldate,%Y}/${shotseq,%06d}.jpg -rm",
    ],
)
def test_a_unit_that_is_restarted(tmp_path: Path, heeded: None, line: str) -> None:
    with simulated_camera() as (_, address, _card):
        command = [*program(), "-r", "--device", address, "-e", "rec", "-e", line]
        for ending in (signal.SIGTERM, signal.SIGKILL, signal.SIGTERM):
            before = len(shots(tmp_path))
            with subprocess.Popen(
                command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True
            ) as unit:
                assert unit.stderr
                deadline = time.monotonic() + TIMEOUT
                while len(shots(tmp_path)) < before + 2:
                    assert time.monotonic() < deadline
                    assert unit.poll() is None, unit.stderr.read()
                    time.sleep(0.01)
                unit.send_signal(ending)
                log = unit.stderr.read()
                assert unit.wait(TIMEOUT) == -ending
    files = shots(tmp_path)
    assert [int(path.stem) for path in files] == list(range(1, len(files) + 1))
    assert all(path.read_bytes().startswith(b"\xff\xd8") for path in files)
    numbers = re.findall(r"^shot \d+: .*/0*(\d+)\.jpg$", log, re.MULTILINE)
    assert {int(number) for number in numbers} <= {int(path.stem) for path in files}


NAMES = (
    "a/0001.jpg", "a/0007.jpg", "a/b/0009.JPG", "a/0012.jpg.part", "a/x_20.jpg", "0031_0032.dng"
)  # fmt: skip


@pytest.mark.parametrize(
    ("template", "number"),
    [
        ("a/${shotseq}${ext}", 8),
        ("a/${shotseq,%06d}.jpg", 8),
        ("a/${ldate}/${shotseq}${ext}", 10),
        ("a/x_${shotseq}.jpg", 21),
        ("${imgnum}_${shotseq}${ext}", 33),
        ("${shotseq}_${imgnum}${ext}", 32),
        ("b/${shotseq}${ext}", 1),
        ("a/${s_format,%08d,${shotseq}}${ext}", 8),
    ],
)
def test_the_number_that_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: str, number: int
) -> None:
    for name in NAMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    assert next_number(template) == number
    assert next_number(f"{tmp_path}/{template}") == number


@pytest.mark.parametrize("template", ["", "a/", "${ldate}${ext}", "${s_lower,${shotseq}}"])
def test_names_without_it(template: str) -> None:
    with pytest.raises(UsageError):
        next_number(template)


def test_through_the_program(tmp_path: Path) -> None:
    done = run("-r", "--sim", "-e", "rec", "-e", "rcapture -seq=auto x/", cwd=tmp_path)
    assert done.stderr == (
        "ERROR: -seq=auto needs names with ${shotseq}; as in lapse/${shotseq}${ext}\n"
    )
