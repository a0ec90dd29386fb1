"""Test files that need a POSIX system say so at their head: the others are collected on Windows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.posix_needs import HEAD, TESTS, has_head, needs
from support.shell_process import environment

FILES = sorted(TESTS.rglob("test_*.py"))


def test_what_needs_posix_says_so() -> None:
    silent = {
        str(path.relative_to(TESTS)): sorted(found)
        for path in FILES
        if (found := needs(path)) and not has_head(path)
    }
    assert silent == {}, f"below the docstring of these belongs: {HEAD}"


def test_what_is_needed_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "test_x.py"
    path.write_text(
        f'"""A test."""\n\n{HEAD}\n\nimport os\nfrom pty import fork\n\nos.killpg(1, 2)\n'
    )
    assert has_head(path)
    assert needs(path) == {"pty", "os.killpg"}
    (tmp_path / "test_y.py").write_text(f"import os\n{HEAD}\n")
    assert not has_head(tmp_path / "test_y.py")


def collected(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Collect tests where all that POSIX alone has is taken away."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--collect-only", "-q", "-o", "addopts="),
            *("-p", "no:xdist", "-p", "no:cacheprovider", "-p", "support.without_posix"),
            *("--strict-markers", *arguments),
        ],
        cwd=TESTS.parent,
        env=environment(PYTHONPATH=str(TESTS), PYTHONWARNINGS="", PYTEST_ADDOPTS=""),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_a_file_with_the_head_is_skipped_without_importing_it() -> None:
    ended = collected("tests/shell/test_stop_signal.py", "tests/test_identity.py", "-rs")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "test_stop_signal.py needs a POSIX system" in ended.stdout
    assert "test_stop_signal.py::" not in ended.stdout
    assert "tests/test_identity.py::" in ended.stdout


@pytest.mark.slow
def test_all_others_are_collected_without_posix() -> None:
    ended = collected()
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr
    assert "error" not in ended.stdout.splitlines()[-1]
