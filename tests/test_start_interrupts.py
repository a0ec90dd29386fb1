"""Ctrl-C while the program is loaded: it ends without a word."""

from __future__ import annotations

import subprocess
import sys

import pytest
from shell_process import PROJECT, environment

INTERRUPT_AT = """
import runpy, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting())
sys.argv[1:] = ["-r", "-e", "help"]
runpy.run_module("chdkshell", run_name="__main__")
"""


@pytest.mark.parametrize(
    "module",
    ["chdkshell.cli", "chdkshell.errors", "chdkshell.shell.dispatch", "chdkshell.shell.commands"],
)
def test_ctrl_c_while_modules_are_loaded(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPT_AT.format(name=module)],
        cwd=PROJECT,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
