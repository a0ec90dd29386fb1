"""Programs that talk to the shell in the ways in which public programs talk to chdkptp."""

# needs: POSIX

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from support.camera_process import simulated_camera
from support.shell_process import environment, program, run
from support.talk import Talk
from support.timeouts import TIMEOUT

from chdkshell.shell import compat

SIM = ["-r", "--sim"]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with simulated_camera() as (_, address, _):
        yield address


def test_a_photo_booth_reads_until_the_prompt() -> None:
    booth = Talk(*SIM, "-i")
    assert booth.until(b"> ") == "con> "
    booth.send("rec")
    assert booth.until(b"> ") == "rec\ncon 1> "
    booth.send("shoot")
    assert booth.until(b"> ").startswith("shoot\n")
    booth.send("quit")
    assert booth.end() == ("quit\n", 0)


def test_a_reader_of_one_line_a_command() -> None:
    reader = Talk("--chdkptp", *SIM)
    for number, value in enumerate(("1", "'two'", "{a=3}"), 1):
        reader.send(f"luar return {value}")
        before = f"con {number - 1}> " if number > 1 else "con> "
        assert reader.line() == f"{before}luar return {value}\n"
        kind = "table:" if value.startswith("{") else ""
        assert reader.line() == f"{number}:return:{kind}{value}\n"
    assert reader.end() == ("con 3> ", 0)


def test_before_a_camera_is_connected(address: str) -> None:
    talk = Talk("--chdkptp", "-r")
    assert talk.until(b"> ") == "___> "
    host, port = address.removeprefix("ip:").split(":")
    talk.send(f"c -h={host} -p={port}")
    assert talk.until(b"con> ").endswith(
        "connected: Canon PowerShot SIM1, max packet size 0\ncon> "
    )
    talk.send("dis")
    assert talk.until(b"> ") == "dis\n___> "
    assert talk.end() == ("", 0)


def test_an_empty_line_and_an_error() -> None:
    talk = Talk("--chdkptp", *SIM)
    talk.send("")
    assert talk.until(b"> ") == "con> "
    assert talk.until(b"> ") == "\ncon> "
    talk.send("nosuch")
    assert talk.until(b"con> ").startswith("nosuch\nERROR: unknown command 'nosuch'")
    assert talk.end() == ("", 1)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes of POSIX")
def test_a_fifo_that_commands_are_echoed_into(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "commands")
    line = f"{' '.join(program())} -r --sim -i < {tmp_path / 'commands'}"
    child = subprocess.Popen(line, shell=True, env=environment(), stdout=subprocess.PIPE, text=True)
    with (tmp_path / "commands").open("w") as fifo:
        for command in ("luar return 1", "luar return 2"):
            fifo.write(f"{command}\n")
            fifo.flush()
    out, _ = child.communicate(timeout=TIMEOUT)
    assert out == "con> luar return 1\n1:return:1\ncon 1> luar return 2\n2:return:2\ncon 2> "


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
@pytest.mark.parametrize("way", [["--chdkptp"], []])
def test_pexpect_waits_for_the_prompt(tmp_path: Path, term: str, way: list[str]) -> None:
    plain = {} if way else {"CHDKSHELL_OUTPUT": "plain"}
    env = environment(TERM=term, CHDKSHELL_HOME=str(tmp_path), **plain)
    first, *rest = program()
    child: pexpect.spawn[str] = pexpect.spawn(
        first, [*rest, *way, "-r", "--sim"], env=env, encoding="utf-8", timeout=TIMEOUT
    )
    child.expect("con> ")
    child.sendline("luar return 7")
    child.expect("1:return:7\r\n")
    child.expect("con .*> ")
    child.sendline("list")
    child.expect(r"\*1:.*SIM0001")
    child.expect("con .*> ")
    child.sendline("quit")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "\x1b" not in (child.before or "")


@pytest.mark.skipif(sys.platform == "win32", reason="cut")
def test_the_list_is_cut() -> None:
    line = f"{' '.join(program())} -r --sim -e list | cut -d' ' -f2,3"
    done = subprocess.run(
        line, shell=True, env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("PowerShot SIM1\n", "")


def test_the_status_says_whether_it_worked() -> None:
    assert run(*SIM, "-e", "luar return 1").returncode == 0
    assert run(*SIM, "-e", "luar error('no')").returncode == 1
    assert run("--chdkptp", "-r", "-cs=ABSENT", "-e", "luar return 1").returncode == 1


def test_a_startup_file_with_options_of_windows(tmp_path: Path) -> None:
    (tmp_path / "user.chdkptp").write_text(
        "set gui_live_sched=true\nset core_verbose=1\nset usb_reset_on_close=true\n"
        "set warn_deprecated=false\nset cli_verbose=0\n"
    )
    home = str(tmp_path)
    done = run("--chdkptp", "--sim", "-e", "set cli_verbose", CHDKPTP_HOME=home)
    assert (done.stdout, done.stderr, done.returncode) == ("cli_verbose=0\n", "", 0)
    ours = run("-r" + str(tmp_path / "user.chdkptp"), "-e", "set cli_verbose", CHDKPTP_HOME=home)
    assert (ours.stdout, ours.returncode) == ("cli_verbose=0\n", 0)
    assert ours.stderr == (
        "WARNING: gui_live_sched is of chdkptp's windows, and changes nothing here\n"
    )


def test_options_of_others_do_not_end_a_startup_file(tmp_path: Path) -> None:
    (tmp_path / "user.chdkptp").write_text("set my_scripts_option=7\nset cli_verbose=0\n")
    home, named = str(tmp_path), f"-r{tmp_path / 'user.chdkptp'}"
    lines = ["-e", "set cli_verbose", "-e", "set my_scripts_option=7"]
    done = run("--chdkptp", *lines, CHDKPTP_HOME=home)
    assert done.stdout == "cli_verbose=0\n"
    assert done.stderr.startswith("ERROR: invalid pref: my_scripts_option")
    ours = run(named, *lines[:2])
    assert (ours.stdout, ours.returncode) == ("cli_verbose=0\n", 0)
    assert ours.stderr == "WARNING: there is no option my_scripts_option: ignored\n"


def test_where_the_startup_file_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHDKPTP_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/ada")
    assert compat.startup_file() == "/home/ada/.chdkptp/user.chdkptp"
    monkeypatch.setattr(sys, "platform", "win32")
    assert compat.startup_file() == "/home/ada/_chdkptp/user.chdkptp"
    monkeypatch.setenv("CHDKPTP_HOME", "/etc/cameras")
    assert compat.startup_file() == "/etc/cameras/user.chdkptp"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives away")
def test_a_startup_file_of_somebody_else_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "user.chdkptp").write_text("set cli_verbose=0\n")
    os.chown(tmp_path / "user.chdkptp", 1, 1)
    done = run("--chdkptp", "--sim", "-e", "set cli_verbose", CHDKPTP_HOME=str(tmp_path))
    assert done.stdout == "cli_verbose=1\n"
    assert done.stderr.endswith("user.chdkptp is not yours: it is left out\n")


def test_code_of_several_lines_and_short_names() -> None:
    done = run(*SIM, "-eluar local a = 1\nlocal b = 2\nreturn a + b", "-e=return 4")
    assert (done.stdout, done.stderr) == ("1:return:3\n2:return:4\n", "")


def test_words_quoted_for_windows(tmp_path: Path) -> None:
    done = run(*SIM, '-emkdir "A/MY FOLDER"', '-els "A/MY FOLDER" -l', "-els A", cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "MY FOLDER/"


@pytest.mark.parametrize(
    ("line", "ignored"),
    [("killscript now", "now"), ("version x y", "x y"), ("shoot -pretend x", "x")],
)
def test_superfluous_words_are_told_and_ignored(line: str, ignored: str) -> None:
    done = run(*SIM, "-e", line)
    name = line.split(" ")[0].rstrip(";")
    assert done.returncode == 0
    assert done.stderr == f"WARNING: {name} does not take '{ignored}': ignored\n"
    assert run("--chdkptp", *SIM, "-e", line).stderr == ""


@pytest.mark.parametrize("way", [[], ["--chdkptp"]])
def test_a_semicolon_after_a_command_does_no_harm(way: list[str]) -> None:
    done = run(*way, *SIM, "-e", "killscript;", "-e", "!1")
    assert (done.returncode, done.stdout.strip("=\n"), done.stderr) == (0, "1", "")


@pytest.mark.parametrize(
    ("line", "ignored"),
    [("lvdump -pbm -count=1 x", "-pbm"), ("dngsel -ifds 1", "-ifds"), ("dngmod -over=1", "-over")],
)
def test_switches_that_do_nothing_are_told_and_ignored(
    tmp_path: Path, line: str, ignored: str
) -> None:
    load = ["-e", "rec", "-e", "rs -dng one", "-e", "dngload one.dng"] if "dng" in line else []
    done = run(*SIM, *load, "-e", line, cwd=tmp_path)
    assert done.returncode == 0
    name = line.split(" ")[0]
    assert f"WARNING: {name} does not take '{ignored}': ignored\n" in done.stderr
    assert "WARNING" not in run("--chdkptp", *SIM, *load, "-e", line, cwd=tmp_path).stderr


@pytest.mark.parametrize("line", ["rec x", "play x", "list x", "dis x", "reconnect x", "getm x"])
@pytest.mark.parametrize("way", [[], ["--chdkptp"]])
def test_commands_that_refuse_words(line: str, way: list[str]) -> None:
    done = run(*way, *SIM, "-e", line)
    assert done.stderr.startswith(("ERROR: command takes no arguments", "ERROR: unexpected args"))
    assert done.returncode == 1


def test_lua_for_the_host_is_never_silent() -> None:
    done = run(*SIM, "-e", "!con:disconnect()", "-e", "list")
    assert done.stderr.startswith("ERROR: this looks like Lua")
    assert "*1:" in done.stdout


def test_batches_that_go_on_as_in_chdkptp() -> None:
    lines = ["-e", "quit", "-e", "set cli_verbose"]
    assert run("-r", *lines).stdout == ""
    assert run("--chdkptp", "-r", *lines).stdout == "cli_verbose=1\n"
    failing = ["-cs=ABSENT", "-e", "set cli_verbose"]
    assert run("-r", *failing).stdout == ""
    assert run("--chdkptp", "-r", *failing).stdout == "cli_verbose=1\n"
    no_file = ["-r/no/file", "-e", "set cli_verbose"]
    assert run(*no_file).stdout == ""
    assert run("--chdkptp", *no_file).stdout == "cli_verbose=1\n"
    stops = ["-e", "set cli_error_exit=true", "-e", "nosuch", "-e", "set cli_verbose"]
    assert run("--chdkptp", "-r", *stops).stdout == ""


def test_values_of_switches_as_in_chdkptp(tmp_path: Path) -> None:
    for line in ("ls -l=1 DCIM", "mdl DCIM x -maxdepth"):
        done = run("--chdkptp", *SIM, "-e", line, cwd=tmp_path)
        assert (done.stderr, done.returncode) == ("", 0)
        assert run(*SIM, "-e", line, cwd=tmp_path).stderr.startswith("ERROR: -")


def test_a_plain_stream_has_results_alone() -> None:
    done = run(*SIM, stdin="luar return 1\nlist\n")
    assert done.stdout.splitlines()[0] == "1:return:1"
    assert ">" not in done.stdout
    assert run(*SIM, "-i", "--json", stdin="luar return 1\n").stdout.startswith('{"command"')


def test_output_by_the_environment() -> None:
    done = run(*SIM, "-e", "luar return 1", CHDKSHELL_OUTPUT="json")
    assert done.stdout.startswith('{"command"')
    wrong = run(*SIM, "-e", "luar return 1", CHDKSHELL_OUTPUT="x")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == "chdkshell: bad CHDKSHELL_OUTPUT: x; allowed: plain, rich, json\n"
