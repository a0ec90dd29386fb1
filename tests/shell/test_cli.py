"""The program from its command line: what runs, in which order, and the exit status."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.shell_process import environment, program, run
from support.timeouts import TIMEOUT

from chdkshell import cli
from chdkshell.errors import UsageError


def test_commands_run_in_order() -> None:
    done = run("-r", "-e", "set cli_time", "-eset cli_verbose", "-e!1+1")
    assert (done.stdout, done.stderr) == ("cli_time=false\ncli_verbose=1\n2\n", "")
    assert done.returncode == 0


def test_commands_come_from_standard_input() -> None:
    done = run(stdin="set cli_time\nnosuch\n\n# done\n!40+2")
    assert done.stdout == "cli_time=false\n42\n"
    assert done.stderr == "ERROR: unknown command 'nosuch'; `help` lists the commands\n"
    assert done.returncode == 0


def test_byte_order_mark_is_no_part_of_the_first_command() -> None:
    done = run("-r", stdin="\ufeff!1+1\r\n!2+2\r\n")
    assert (done.stdout, done.stderr) == ("2\n4\n", "")


def test_standard_input_is_left_alone_with_commands_given() -> None:
    assert run("-e", "!1", stdin="!2\n").stdout == "1\n"
    assert run("-i", "-e", "!1", stdin="!2\n").stdout == "1\n___> !2\n2\n___> "


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["-e", "help"], 0),
        (["-e", "nosuch"], 1),
        (["-e", "nosuch", "-e", "help"], 0),
        (["-e", "help", "-e", "nosuch", "-e", "# comment"], 1),
        (["-e", "nosuch", "-e", "quit", "-e", "help"], 1),
        (["-e", "set cli_error_exit=true", "-e", "nosuch", "-e", "help"], 1),
        (["-x"], 2),
        (["help"], 0),
        (["-e"], 2),
        (["--device"], 2),
        (["sim", "--port", "x"], 2),
        (
            [
                "-e",
                "!from chdkshell.shell.results.general import *; PrefValues.text = 1",
                "-e",
                "set",
            ],
            70,
        ),
        (["-e", "!raise KeyboardInterrupt", "-e", "help"], 130),
    ],
)
def test_exit_status(arguments: list[str], status: int) -> None:
    done = run("-r", *arguments)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr


def test_error_exit_stops_at_the_first_error() -> None:
    done = run(stdin="set cli_error_exit=true\nnosuch\nset cli_time\n")
    assert done.stdout == ""
    assert done.returncode == 1


def test_options_are_read() -> None:
    options = cli.parse_options(
        ["-csim:", "-e", "a", "-eb", "-rfile", "-i", "--json", "--device=ip:x"]
    )
    assert options.connect == "sim:"
    assert options.commands == ["a", "b"]
    assert options.startup == "file"
    assert options.interactive
    assert options.json
    assert options.device == "ip:x"
    assert cli.parse_options(["-c"]).connect == ""
    assert cli.parse_options(["-c-s=12 -nopat"]).connect == "-s=12 -nopat"
    assert cli.parse_options(["-r"]).no_startup
    assert cli.parse_options(["--sim"]).device == "sim:"
    with pytest.raises(UsageError, match="unknown argument '--nosuch'"):
        cli.parse_options(["--nosuch"])


def test_help_and_version() -> None:
    assert "\nusage: chdkshell [options] [COMMAND [word...]]\n" in run("-h").stdout
    assert re.fullmatch(r"chdkshell \d+\.\d+\.\d+\n", run("--version").stdout)
    assert run("sim", "-h").stdout.startswith("usage: chdkshell sim ")


def test_json() -> None:
    done = run("--json", "--sim", "-e", "luar return 7/2", "-e", "!print('out')", "-e", "ls NOPE")
    first, second, third = map(json.loads, done.stdout.splitlines())
    assert first["result"][0]["value"] == 3
    assert second == {"command": "!", "ok": True, "result": None}
    assert third["ok"] is False
    assert third["path"] == "A/NOPE"
    assert done.stderr == "out\n"
    assert done.returncode == 1


def test_the_simulated_camera_from_the_command_line() -> None:
    for arguments in (["--sim"], ["--device", "sim:"], ["--device=sim:"]):
        done = run(*arguments, "-e", "luar return 'here'")
        assert re.fullmatch(r"\d+:return:'here'\n", done.stdout)
        assert done.stderr == ""
    done = run("-csim:", "-e", "luar return 1")
    assert done.stdout.startswith("connected: Canon PowerShot SIM1, max packet size 0\n")


def test_a_startup_file_runs_first(tmp_path: Path) -> None:
    (tmp_path / "startup.chdkshell").write_text("set cli_verbose=0\n")
    home: dict[str, Any] = {"CHDKSHELL_HOME": str(tmp_path)}
    assert run("-e", "set cli_verbose", **home).stdout == "cli_verbose=0\n"
    assert run("-r", "-e", "set cli_verbose", **home).stdout == "cli_verbose=1\n"
    other = tmp_path / "my other.rc"
    other.write_text("set cli_verbose=2\n")
    assert run(f"-r{other}", "-e", "set cli_verbose", **home).stdout == "cli_verbose=2\n"


def test_a_startup_file_that_fails_is_told(tmp_path: Path) -> None:
    (tmp_path / "startup.chdkshell").write_text("nosuch\n")
    done = run("-e", "set cli_verbose", CHDKSHELL_HOME=str(tmp_path))
    assert "ERROR: unknown command 'nosuch'" in done.stderr
    assert "WARNING: the startup file" in done.stderr
    assert (done.stdout, done.returncode) == ("cli_verbose=1\n", 0)
    done = run("-r/nonexistent", "-e", "set cli_verbose")
    assert done.stderr.startswith("ERROR: /nonexistent: No such file or directory; ")
    assert (done.stdout, done.returncode) == ("", 1)


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = "for i in 1 2 3 4 5 6 7 8 9; do echo 'help -v'; done | \"$@\" | head -1"
    done = subprocess.run(
        ["bash", "-c", f"{command}; exit ${{PIPESTATUS[1]}}", "bash", *program(), "-r"],
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT,
        check=False,
    )
    assert done.stdout.startswith("help (h) ")
    assert done.stderr == ""
    assert done.returncode in (0, 141)


def test_text_that_the_output_cannot_hold_is_escaped() -> None:
    done = run("-e", "!print('\\u00e9\\udc80')", PYTHONIOENCODING="ascii")
    assert done.stdout == "\\xe9\\udc80\n"
    assert done.returncode == 0


def test_stdout_and_stderr_stay_in_order() -> None:
    done = subprocess.run(
        [*program(), "-r"],
        input="!print(1)\nnosuch\n!print(2)\nnosuch\nset cli_time\n",
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=TIMEOUT,
        check=False,
    )
    error = "ERROR: unknown command 'nosuch'; `help` lists the commands"
    assert done.stdout.splitlines() == ["1", error, "2", error, "cli_time=false"]


def test_main_can_be_called(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["-r", "-e", "set cli_time"]) == 0
    assert capsys.readouterr().out == "cli_time=false\n"


@pytest.mark.skipif(sys.platform == "win32", reason="no file descriptors to close there")
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_output_is_no_failure(tmp_path: Path, closed: str) -> None:
    command = shlex.join([*program(), "-r", "-e", "set", "-e", "!open('t.txt', 'w').close()"])
    line = ["sh", "-c", f"{command} {closed}"]
    done = subprocess.run(
        line, cwd=tmp_path, env=environment(), capture_output=True, timeout=TIMEOUT, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "t.txt").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed there")
def test_working_folder_that_was_removed(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    command = shlex.join([*program(), "-r", "-e", "source x"])
    done = subprocess.run(
        ["sh", "-c", f"rmdir ../gone; {command}"],
        cwd=tmp_path / "gone",
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "ERROR: x: No such file or directory; the working folder itself was removed\n"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full here")
@pytest.mark.parametrize("argument", ["-h", "--version"])
def test_full_disk_under_the_output_is_told(argument: str) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*program(), argument],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            encoding="utf-8",
            timeout=TIMEOUT,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == ("chdkshell: cannot write to standard output: No space left on device\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full here")
def test_full_disk_under_a_copy_takes_no_result_with_it() -> None:
    done = run("-r", "-e", "tee /dev/full", "-e", "!1+1", "-e", "!2+2")
    assert (done.returncode, done.stdout) == (0, "2\n4\n")
    assert done.stderr == ("WARNING: the copy in /dev/full ends early: No space left on device\n")
