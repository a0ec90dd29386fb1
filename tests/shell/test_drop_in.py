"""What broke programs that drive chdkptp: by default an own text or a refusal, never silence; with
`--chdkptp` what the old client does. Conversations and startup files have tests of their own.
"""

# needs: POSIX

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pexpect
import pytest
from support.emulated_usb.fixtures import UsbBus
from support.shell_process import environment, program, run
from support.timeouts import TIMEOUT

from chdkshell.sim.camera import SimCamera

SIM = ["-r", "--sim"]
BOTH = pytest.mark.parametrize("way", [[], ["--chdkptp"]])


def batch(*lines: str) -> list[str]:
    return [word for line in lines for word in ("-e", line)]


@pytest.mark.parametrize("line", ["!con:disconnect()", "exec con:disconnect()", "!mc:start()"])
def test_a_method_call_in_lua(line: str) -> None:
    ours = run(*SIM, *batch(line, "version"))
    assert ours.stderr.startswith("ERROR: this looks like Lua")
    assert "set exec=lua" in ours.stderr
    assert ours.stdout == "host:2.9 cam:2.9\n"
    assert run(*SIM, *batch(line)).returncode == 1


def test_as_chdkptp_it_is_called() -> None:
    done = run("--chdkptp", *SIM, *batch("!con:disconnect()", "version", "!con:nothing()"))
    assert done.stdout == "host:2.9 cam:not connected\n"
    assert "attempt to call method 'nothing'" in done.stderr
    assert done.returncode == 1


@BOTH
@pytest.mark.parametrize("line", ["rs x", "rsint x", "rs -script=x", "shoot", "rcapture -raw x"])
def test_a_refusal_leaves_the_users_script_alone(tmp_path: Path, way: list[str], line: str) -> None:
    (tmp_path / "x").write_text("shoot()")
    held = "lua while true do sleep(10) end"
    lines = batch(held, line, "luar return 4", "killscript", "luar return 5")
    done = run(*way, *SIM, *lines, cwd=tmp_path)
    assert done.stderr.count("already running") == 2
    assert done.stdout.endswith(":return:5\n")
    assert ":return:4" not in done.stdout


@BOTH
def test_a_bare_connect_with_two_cameras(usb_bus: UsbBus, way: list[str]) -> None:
    sims = [SimCamera(None, f"Canon PowerShot {n}", f"SER{n}") for n in (1, 2)]
    try:
        for number, sim in enumerate(sims, 4):
            usb_bus.plug_sim(sim, number)
        seen: dict[str, Any] = {**usb_bus.bus.environment()}
        bare = run(*way, "-r", "-c", *batch("luar return 1"), **seen)
        named = run(*way, "-r", *batch("connect", "connect -s=SER2", "luar return 1"), **seen)
    finally:
        for sim in sims:
            sim.close()
    if way:
        assert bare.stdout == "connected: Canon PowerShot 1, max packet size 512\n1:return:1\n"
        assert bare.returncode == named.returncode == 0
        assert named.stdout.splitlines()[0].startswith("connected: Canon PowerShot 1")
    else:
        assert (bare.returncode, bare.stdout) == (1, "")
        assert bare.stderr.startswith("ERROR: 2 cameras fit: 1 (Canon PowerShot 1, serial SER1")
        assert "2 cameras fit" in named.stderr
        assert named.stdout.splitlines()[0].startswith("connected: Canon PowerShot 2")


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
@BOTH
def test_pexpect_waits_for_a_row_of_the_list(
    usb_bus: UsbBus, tmp_path: Path, way: list[str], term: str
) -> None:
    plain = {} if way else {"CHDKSHELL_OUTPUT": "plain"}
    settings = {"TERM": term, "CHDKSHELL_HOME": str(tmp_path), **plain}
    first, *rest = program()
    with contextlib.closing(SimCamera(None, "Canon PowerShot A", "SERA")) as sim:
        usb_bus.plug_sim(sim, 4)
        child: pexpect.spawn[str] = pexpect.spawn(
            first,
            [*rest, *way, "-r"],
            env={**environment(**settings), **usb_bus.bus.environment()},
            encoding="utf-8",
            timeout=TIMEOUT,
        )
        child.expect("___> ")
        child.sendline("list")
        child.expect("-1:.*\r\n")
        assert "b=001 d=004 v=0x4a9" in str(child.after)
        child.expect("___> ")
        child.sendline("quit")
        child.expect(pexpect.EOF)
        child.close()
    assert child.exitstatus == 0


@BOTH
def test_the_equals_sign_is_the_command(way: list[str]) -> None:
    done = run(*way, *SIM, "-e=return 1", "-e", "=return 2", "-e=  return 3")
    assert (done.stdout, done.stderr) == ("1:return:1\n2:return:2\n3:return:3\n", "")


@BOTH
def test_options_that_only_chdkptp_has(way: list[str]) -> None:
    lines = ("set usb_reset_on_close=true", "set core_verbose=2", "set warn_deprecated=false")
    done = run(*way, "-r", *batch(*lines, "set -v core_verbose", "set nosuch=1"))
    assert done.returncode == 1
    assert done.stdout.startswith("core_verbose=2")
    assert done.stderr.startswith("ERROR: invalid pref: nosuch")


@BOTH
def test_scripts_of_the_menu(tmp_path: Path, way: list[str]) -> None:
    (tmp_path / "s.lua").write_text('--[[\n@chdk_version 1.5\n#a=2 "A"\n]]\nreturn a\n')
    done = run(*way, *SIM, *batch("camscript s.lua a=3 -run -wait"), cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("1:return:3\n", "")
