"""The completions for the host's shells, installed and tried in each."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest
from shell_process import PROJECT

Peer = Callable[[str], str]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder with the completions installed."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
    subprocess.run(
        [str(PROJECT / "scripts" / "install-completions")],
        env={**kept, "HOME": str(tmp_path)},
        check=True,
        capture_output=True,
    )
    return tmp_path


def test_bash(home: Path) -> None:
    script = (
        f"source {home}/.local/share/bash-completion/completions/chdkshell; complete -p chdkshell;"
        "COMP_WORDS=(chdkshell -e killsc); COMP_CWORD=2; _chdkshell; echo ${COMPREPLY[@]}"
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("chdkshell\nkillscript\n")


def test_fish(home: Path, peer: Peer) -> None:
    script = (
        f"source {home}/.config/fish/completions/chdkshell.fish; complete -C 'chdkshell -e kills'"
    )
    done = subprocess.run(
        [peer("fish"), "-c", script],
        env={**os.environ, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "killscript\tEnd the script that runs on the camera.\n"


def test_zsh(home: Path, peer: Peer) -> None:
    (home / ".zshrc").write_text(
        "fpath=(~/.local/share/zsh/site-functions $fpath)\nautoload -U compinit\ncompinit -u\n"
        "chdkshell() { echo called with $2; }\nPS1='ready> '\n"
    )
    env = {**os.environ, "HOME": str(home), "ZDOTDIR": str(home), "TERM": "dumb"}
    shell = pexpect.spawn(peer("zsh"), ["-i"], env=env, encoding="utf-8", timeout=20)
    try:
        shell.expect_exact("ready> ")
        shell.send("chdkshell -e killsc\t\r")
        shell.expect_exact("called with killscript")
    finally:
        shell.close(force=True)
