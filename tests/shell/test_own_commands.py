"""Commands of other packages, which have entry points for them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from support.shell_process import PROJECT, environment, program, run
from support.timeouts import TIMEOUT

PACKAGE = PROJECT / "tests/data/own_commands"


def on_path(*folders: Path) -> str:
    return os.pathsep.join(map(str, (PROJECT, *folders)))


WITH_IT = on_path(PACKAGE)


def test_it_is_a_command_as_others_are() -> None:
    done = run("-r", "--sim", "-e", "temp", "-e", "temp 1 ; temp 7", PYTHONPATH=WITH_IT)
    assert done.stdout == "31 degrees C\n33 degrees C\n"
    assert "allowed are 0 to 2" in done.stderr
    done = run("-r", "--json", "--sim", "temp", PYTHONPATH=WITH_IT)
    assert json.loads(done.stdout)["result"] == 31


def test_help_knows_it() -> None:
    assert "Show how warm the camera is inside." in run("-r", "help", PYTHONPATH=WITH_IT).stdout
    assert "Example: temp 1" in run("-r", "help", "temp", PYTHONPATH=WITH_IT).stdout
    assert "did you mean 'temp'" in run("-r", "tempp", PYTHONPATH=WITH_IT).stderr


def test_without_the_package_and_with_chdkptps_ways_there_is_none() -> None:
    assert "unknown command 'temp'" in run("-r", "temp").stderr
    done = run("--chdkptp", "-r", "-e", "temp", PYTHONPATH=WITH_IT)
    assert "unknown command 'temp'" in done.stderr


def imported(*arguments: str) -> set[str]:
    """Return the modules that a run of the program imports."""
    command = [program()[0], "-X", "importtime", *program()[1:], "-r", *arguments]
    done = subprocess.run(
        command,
        env=environment(PYTHONPATH=WITH_IT),
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT,
        check=True,
    )
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


def test_nothing_is_looked_for_before_a_name_is_unknown() -> None:
    assert "importlib.metadata" not in imported("-e", "help quit", "-e", "set keys")
    assert "importlib.metadata" in imported("--sim", "temp")


def test_a_package_is_loaded_when_its_command_is_asked_for(tmp_path: Path) -> None:
    code = "import pathlib\npathlib.Path('loaded').touch()" + DECLARES.format(names="'one'")
    there = on_path(package(tmp_path, code, "one"))
    run("-r", "-e", "version", "-e", "nosuc", "-e", "help ls", cwd=tmp_path, PYTHONPATH=there)
    assert not (tmp_path / "loaded").exists()
    run("-r", "-e", "one", cwd=tmp_path, PYTHONPATH=there)
    assert (tmp_path / "loaded").exists()


def package(folder: Path, code: str, *names: str) -> Path:
    """Make a package that has commands, as one that is installed."""
    info = folder / "others-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "others.py").write_text(code)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: others\nVersion: 1.0\n")
    entries = "".join(f"{name} = others\n" for name in names)
    (info / "entry_points.txt").write_text(f"[chdkshell.commands]\n{entries}")
    return folder


DECLARES = """
from chdkshell.shell.command import command
from chdkshell.shell.context import Context

@command({names}, topic="own")
def one(context: Context) -> None:
    '''Do it.

    Example: one
    '''
    print("done by the other")
"""


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("1/0", "cannot be loaded: ZeroDivisionError: division by zero"),
        ("import no_such_module", "cannot be loaded: ModuleNotFoundError"),
        ("raise SystemExit(3)", "cannot be loaded: SystemExit: 3"),
        ("", "declares no such command"),
        (DECLARES.format(names="'one', 'ls'"), "two commands are called ls"),
    ],
)
def test_a_package_that_is_broken(tmp_path: Path, code: str, problem: str) -> None:
    there = on_path(package(tmp_path, code, "one"))
    done = run("-r", "-e", "one", "-e", "help ls", PYTHONPATH=there)
    assert problem in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout.startswith("ls ")
    assert run("-r", "help", PYTHONPATH=there).stdout.startswith("help (h)")


def test_no_command_is_hidden(tmp_path: Path) -> None:
    there = on_path(package(tmp_path, DECLARES.format(names="'one'"), "one", "version"))
    done = run("-r", "-e", "version", "-e", "one", PYTHONPATH=there)
    assert done.stdout.startswith("host:")
    assert done.stdout.endswith("done by the other\n")
