"""Files that are generated from the commands' declarations."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from shell_process import PROJECT, environment


def test_generated_files_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(PROJECT / "scripts" / "generate.py"), "--check"],
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def bash_completions(*words: str) -> list[str]:
    """Return what bash offers for the last of `words`."""
    script = (
        f"source {PROJECT}/completions/chdkshell.bash; "
        'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _chdkshell; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", script, "bash", "chdkshell", *words],
        capture_output=True,
        encoding="utf-8",
        check=True,
        cwd=PROJECT / "completions",
    )
    return done.stdout.split("\n")[:-1]


def test_completion_in_bash() -> None:
    assert bash_completions("-e", "down") == ["download"]
    assert bash_completions("-e", '"download -nol') == ["download -nolua"]
    assert bash_completions("-e", "'d -nol") == ["d -nolua"]
    assert bash_completions("-e", '"u chdkshell.b') == ["u chdkshell.bash"]
    assert bash_completions("--d") == ["--device"]
    assert bash_completions("sim", "--ser") == ["--serial"]
    assert bash_completions("-rchdkshell.b") == ["-rchdkshell.bash"]


@pytest.mark.parametrize(
    ("shell", "file"),
    [("bash", "chdkshell.bash"), ("zsh", "_chdkshell"), ("fish", "chdkshell.fish")],
)
def test_completions_are_sound(shell: str, file: str) -> None:
    text = (PROJECT / "completions" / file).read_text("utf-8")
    assert "killscript" in text
    assert "--serial" in text or "-l serial" in text
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    checked = subprocess.run([shell, "-n", str(PROJECT / "completions" / file)], check=False)
    assert checked.returncode == 0
