"""Where settings are kept: never in what happens to be the working folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.shell_process import run

from chdkshell.shell.settingsfolder import settings_folder

STARTUP = "set cli_verbose=0\n"


@pytest.mark.parametrize(
    ("system", "settings", "folder"),
    [
        ("linux", {"CHDKSHELL_HOME": "/x"}, "/x"),
        ("linux", {"CHDKSHELL_HOME": "", "HOME": "/home/me"}, "/home/me/.config/chdkshell"),
        ("linux", {"HOME": "/home/me"}, "/home/me/.config/chdkshell"),
        ("linux", {"HOME": "/home/me", "XDG_CONFIG_HOME": "/etc/mine"}, "/etc/mine/chdkshell"),
        ("linux", {"HOME": "/home/me", "XDG_CONFIG_HOME": ""}, "/home/me/.config/chdkshell"),
        ("linux", {"HOME": "/home/me", "XDG_CONFIG_HOME": "."}, "/home/me/.config/chdkshell"),
        ("linux", {"HOME": "/home/me", "XDG_CONFIG_HOME": "a/b"}, "/home/me/.config/chdkshell"),
        ("linux", {"HOME": "me"}, "/me/.config/chdkshell"),
        ("linux", {"HOME": "/home/me", "XDG_CONFIG_HOME": "~/c"}, "/home/me/.config/chdkshell"),
        ("darwin", {"HOME": "/U/me"}, "/U/me/Library/Application Support/chdkshell"),
    ],
)
def test_the_folder(
    monkeypatch: pytest.MonkeyPatch, system: str, settings: dict[str, str], folder: str
) -> None:
    for name in ("CHDKSHELL_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.platform", system)
    assert settings_folder() == folder


@pytest.mark.parametrize("value", [".", "", "chdkshell", "./"])
def test_a_startup_file_of_the_working_folder_never_runs(tmp_path: Path, value: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    for folder in (tmp_path, tmp_path / "chdkshell", tmp_path / "chdkshell/chdkshell"):
        folder.mkdir(exist_ok=True)
        (folder / "startup.chdkshell").write_text(STARTUP)
    places = {"CHDKSHELL_HOME": "", "HOME": str(home), "XDG_CONFIG_HOME": value}
    done = run("-e", "set cli_verbose", cwd=tmp_path, **places)
    assert (done.stdout, done.stderr, done.returncode) == ("cli_verbose=1\n", "", 0)
    done = run("-e", "set cli_verbose", cwd=tmp_path, CHDKSHELL_HOME="", HOME=value)
    assert (done.stdout, done.stderr) == ("cli_verbose=1\n", "")


def test_it_runs_from_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "chdkshell").mkdir()
    (tmp_path / "chdkshell/startup.chdkshell").write_text(STARTUP)
    done = run("-e", "set cli_verbose", CHDKSHELL_HOME="", XDG_CONFIG_HOME=str(tmp_path))
    assert done.stdout == "cli_verbose=0\n"


def test_a_relative_chdkshell_home_is_refused(tmp_path: Path) -> None:
    (tmp_path / "startup.chdkshell").write_text(STARTUP)
    done = run("-e", "set cli_verbose", cwd=tmp_path, CHDKSHELL_HOME=".")
    assert (done.stdout, done.returncode) == ("", 2)
    assert done.stderr == "chdkshell: CHDKSHELL_HOME is no absolute path: .; write the whole path\n"
