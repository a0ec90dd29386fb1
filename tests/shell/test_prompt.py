"""The program while it runs: interrupts, the prompt, `chdkshell sim`."""

# needs: POSIX

from __future__ import annotations

import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from support.camera_process import simulated_camera
from support.shell_process import check_bad_input, environment, program, run
from support.timeouts import TIMEOUT


def test_ctrl_c_ends_the_camera_script_and_the_batch() -> None:
    child = subprocess.Popen(
        [*program(), "-r", "--sim"],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert child.stdin and child.stdout
    child.stdin.write("luar write_usb_msg('started') while true do sleep(10) end\nluar return 1\n")
    child.stdin.flush()
    assert child.stdout.readline().endswith(":user:'started'\n")
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=TIMEOUT)
    assert (out, err) == ("", "ERROR: cancelled\n")
    assert child.returncode == 130


@pytest.fixture
def prompt(tmp_path: Path) -> Iterator[pexpect.spawn]:
    """The program at a terminal."""
    env = environment(TERM="dumb", CHDKSHELL_HOME=str(tmp_path))
    child = pexpect.spawn(
        program()[0],
        [*program()[1:]],
        env=env,
        encoding="utf-8",
        timeout=TIMEOUT,
        cwd=str(tmp_path),
    )
    child.expect_exact("___> ")
    yield child
    child.close(force=True)


def test_the_prompt_survives_errors_and_ctrl_c(prompt: pexpect.spawn) -> None:
    prompt.sendline("nosuch")
    prompt.expect_exact("ERROR: unknown command 'nosuch'")
    prompt.expect_exact("___> ")
    prompt.sendline("connect sim:")
    prompt.expect_exact("connected: Canon PowerShot SIM1")
    prompt.expect_exact("con> ")
    prompt.sendline("luar write_usb_msg('on') while true do sleep(10) end")
    prompt.expect_exact("user:'on'")
    prompt.sendintr()
    prompt.expect_exact("ERROR: cancelled")
    prompt.expect(r"con \d+> ")
    prompt.sendline("luar return 'still here'")
    prompt.expect_exact("return:'still here'")
    prompt.expect(r"con \d+> ")
    prompt.sendintr()
    prompt.expect(r"con \d+> ")
    prompt.sendline("!import time; print('as' + 'leep', flush=True); time.sleep(60)")
    prompt.expect_exact("asleep")
    prompt.sendintr()
    prompt.expect_exact("ERROR: interrupted")
    prompt.expect(r"con \d+> ")
    prompt.sendline("quit")
    prompt.expect(pexpect.EOF)
    prompt.wait()
    assert (prompt.exitstatus, prompt.signalstatus) == (130, None)


def test_the_end_of_input_ends_the_prompt(prompt: pexpect.spawn) -> None:
    prompt.sendeof()
    prompt.expect(pexpect.EOF)
    prompt.wait()
    assert prompt.exitstatus == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_served_camera_stops_cleanly(number: signal.Signals) -> None:
    with simulated_camera() as (child, address, card):
        assert (card / "DCIM").is_dir()
        done = run("-r", "--device", address, "-e", "luar return 1")
        assert re.fullmatch(r"\d+:return:1\n", done.stdout), done.stderr
        child.send_signal(number)
        assert child.communicate(timeout=TIMEOUT) == ("", "")
        assert child.returncode == 0
        assert not card.exists()


def test_a_served_camera_is_what_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "X.TXT").write_text("kept")
    named = ("--card", str(tmp_path), "--model", "g7x", "--serial", "S99")
    with simulated_camera(*named) as (child, address, card):
        assert card == tmp_path
        done = run("-r", "--device", address, "-e", "list", "-e", "ls")
        host_port = address.removeprefix("ip:")
        listed = f"*1:Canon PowerShot G7 X b=ip d={host_port} v=0x0 p=0x0 s=S99"
        assert done.stdout.splitlines() == [listed, "X.TXT"]
        child.terminate()
        child.communicate(timeout=TIMEOUT)
    assert (tmp_path / "X.TXT").read_text() == "kept"


def test_a_port_in_use_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        check_bad_input(run("sim", "--port", str(server.getsockname()[1])))
    check_bad_input(run("sim", "--port", "0", "--card", "/nonexistent"), "/nonexistent")
