"""A computer without numpy, Pillow, tifffile and libusb-package, such as a 32-bit Raspberry Pi."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.camera_process import simulated_camera
from support.missing_packages import BLOCKER, NOT_HERE, OF_A_LOADED_DNG, WITH, WITHOUT
from support.shell_process import PROJECT, run

from chdkshell.errors import MissingPackageError
from chdkshell.packages import missing_package, require
from chdkshell.shell import commands  # noqa: F401 - importing them declares them
from chdkshell.shell.advice import next_step
from chdkshell.shell.command import REGISTRY


@pytest.fixture
def paths(tmp_path: Path) -> str:
    """PYTHONPATH on which the packages are missing."""
    (tmp_path / "blocker").mkdir()
    (tmp_path / "blocker" / "sitecustomize.py").write_text(BLOCKER)
    return os.pathsep.join((str(tmp_path / "blocker"), str(PROJECT)))


@pytest.fixture
def camera() -> Iterator[str]:
    """A camera on a computer that lacks nothing."""
    with simulated_camera() as (_, address, _card):
        yield address


def outcomes(paths: str, camera: str, folder: Path, lines: list[str]) -> list[dict[str, Any]]:
    """Run lines, and return what came of each."""
    (folder / "lines.txt").write_text("version\n")
    (folder / "some.dng").write_bytes(b"II*\0" + bytes(100))
    ended = run(
        *("--json", "-r", "--device", camera),
        stdin="\n".join([*lines, ""]),
        cwd=folder,
        PYTHONPATH=paths,
        EDITOR="true",
    )
    assert "Traceback" not in ended.stderr, ended.stderr
    rows = [json.loads(line) for line in ended.stdout.splitlines()]
    return [row for row in rows if "ok" in row]  # others tell of something as it happens


def test_each_command_has_its_place() -> None:
    named = {*WITHOUT, *WITH, *OF_A_LOADED_DNG, *NOT_HERE}
    assert named == {command.name for command in REGISTRY}


def test_the_blocker_blocks(paths: str) -> None:
    ended = run("-e", "!import numpy", PYTHONPATH=paths)
    assert "needs the Python package numpy, which is not installed" in ended.stderr


@pytest.mark.slow
def test_what_needs_no_pictures_works(paths: str, camera: str, tmp_path: Path) -> None:
    lines = [line for lines in WITHOUT.values() for line in lines]
    ended = outcomes(paths, camera, tmp_path, lines)
    failed = {row["command"]: row["error"] for row in ended if not row["ok"]}
    # `watch` runs until its command fails, and a camera that goes away takes the link with it
    assert failed.keys() <= {"watch", "cat", "doctor", "rig drop", "shutdown"}, failed
    assert "missing-package" not in {row.get("reason") for row in ended}
    assert {row["command"] for row in ended} >= {*WITHOUT} - {"#", "quit", "source", "exec"}
    assert {"shot", "one.jpg", "two.raw", "dump.lvdump"} <= {p.name for p in tmp_path.iterdir()}


def test_the_camera_is_used_without_packages(paths: str, camera: str, tmp_path: Path) -> None:
    lines = ["list", "imls", "download A/DCIM/100CANON/IMG_0001.JPG a.jpg", "rec", "rcapture one"]
    assert [row["ok"] for row in outcomes(paths, camera, tmp_path, lines)] == [True] * 5
    assert {"a.jpg", "one.jpg"} <= {path.name for path in tmp_path.iterdir()}


def test_what_needs_pictures_says_what_to_install(paths: str, camera: str, tmp_path: Path) -> None:
    count = "luar return get_exp_count()"
    wanted = [line for lines in WITH.values() for line in lines]
    before, rec, *ended, after = outcomes(paths, camera, tmp_path, [count, *wanted, count])
    assert rec["ok"]
    assert len(ended) == len(wanted) - 1
    for row in ended:
        assert row["reason"] == "missing-package", row
        assert "pip install" in row["hint"]
        assert "\n" not in row["error"]
    (then,), (now,) = before["result"], after["result"]
    assert now["value"] == then["value"], "a shot was taken before the package was missed"


def test_a_package_that_is_broken_is_told_as_that() -> None:
    error = ImportError("libopenblas.so.0: cannot open", name="numpy.core._multiarray_umath")
    told = missing_package(error)
    assert isinstance(told, MissingPackageError)
    assert str(told) == "this needs the Python package numpy, which is not usable"
    step = "install it: `pip install numpy`, or `sudo apt install python3-numpy`"
    assert next_step(told, "linux") == step
    assert missing_package(ImportError("no", name="foreign")) is None
    assert missing_package(ValueError("no")) is None


def test_what_is_there_is_not_missed() -> None:
    require("numpy", "PIL", "tifffile", "lupa")
