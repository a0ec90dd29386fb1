"""Files that are generated from the commands' declarations."""

from __future__ import annotations

import subprocess
import sys

from support.shell_process import PROJECT, environment


def test_generated_files_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(PROJECT / "scripts" / "generate.py"), "--check"],
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr
