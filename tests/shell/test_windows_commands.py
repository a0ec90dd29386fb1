"""All commands as if on Windows: they do what they do here, and no wait is one that Ctrl-C cannot
end."""

# needs: POSIX

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from support import fake_windows
from support.fake_windows import long_waits
from support.fake_windows.lines import BY_PLATFORM, fill, lines
from support.shell_process import environment, program

from chdkshell.shell import commands  # noqa: F401 - importing them declares them
from chdkshell.shell.command import REGISTRY

PATIENCE = 110.0
MARK = "===="


class Run:
    """A run of the program that gets lines, and what each of them gave."""

    def __init__(self, command: list[str], given: Path, folder: Path, env: dict[str, str]) -> None:
        folder.mkdir()
        fill(folder)
        self.folder = folder
        self._output = folder.with_suffix(".out")
        with given.open("rb") as stdin, self._output.open("wb") as stdout:
            self._child = subprocess.Popen(
                [*command, "-r", "--sim"],
                stdin=stdin,
                stdout=stdout,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=env,
            )

    def outputs(self) -> list[str]:
        """Return the output of each line, with all numbers made the same."""
        try:
            self._child.wait(PATIENCE)
        finally:
            self._child.kill()
            self._child.wait()
        text = self._output.read_bytes().decode("utf-8", "replace")
        text = text.replace(str(self.folder), "FOLDER")
        return [re.sub(r"\d+", "0", part) for part in text.split(f"{MARK}\n")[:-1]]

    def files(self) -> set[str]:
        """Return the files that there are, with all numbers made the same."""
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        return {re.sub(r"\d+", "0", str(path.relative_to(self.folder))) for path in paths}


def check(tmp_path: Path, chosen: list[tuple[str, str]]) -> None:
    given = tmp_path / "lines"
    given.write_text("".join(f"{line}\nexec print('{MARK}')\n" for _, line in chosen))
    settings = {"EDITOR": "true", "TZ": "UTC"}
    waits = tmp_path / "waits"
    here = Run(program(), given, tmp_path / "here", environment(**settings))
    fake = fake_windows.environment_there(FAKE_WAITS=str(waits), **settings)
    there = Run(fake_windows.program(), given, tmp_path / "there", fake)
    expected, seen = here.outputs(), there.outputs()
    assert len(seen) == len(expected) == len(chosen), seen[-1:]
    for (name, line), one, other in zip(chosen, expected, seen, strict=True):
        assert "this is a bug" not in other, line
        assert "Traceback" not in other, line
        if name not in BY_PLATFORM:
            assert other == one, line
    assert there.files() == here.files()
    assert long_waits(waits) == []


def test_every_command_takes_part() -> None:
    """Those that wait for a person are in the tests of Ctrl-C, and of the console."""
    names = {name for name, _ in lines()}
    assert {command.name for command in REGISTRY} - names == {
        "lvserve",
        "quit",
        "serve",
        "tether",
        "watch",
    }


@pytest.mark.slow
def test_all_lines(tmp_path: Path) -> None:
    check(tmp_path, list(lines()))


def test_some_of_each_kind(tmp_path: Path) -> None:
    names = ("ls", "mdownload", "mupload", "download", "luar", "getm", "lvdumpimg", "dnginfo", "mv")
    check(tmp_path, [(name, line) for name, line in lines() if name in (*names, "source", "rsint")])
