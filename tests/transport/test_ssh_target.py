"""Addresses of cameras on other computers, and the command that is made of them."""

# needs: POSIX
from __future__ import annotations

from pathlib import Path

import pytest

from chdkshell.errors import ConnectError, UsageError
from chdkshell.reasons import Reason
from chdkshell.transport import ssh_process
from chdkshell.transport.base import open_transport
from chdkshell.transport.ssh import cameras_of
from chdkshell.transport.ssh_process import may_ask
from chdkshell.transport.ssh_target import SshTarget


@pytest.mark.parametrize(
    ("rest", "target"),
    [
        ("pi1", SshTarget("pi1")),
        ("pi@pi1.local:2222", SshTarget("pi1.local", "pi", 2222)),
        ("pi1/usb:serial=A1", SshTarget("pi1", address="usb:serial=A1")),
        ("[fe80::1%eth0]:22/sim:", SshTarget("fe80::1%eth0", "", 22, "sim:")),
        ("pi1/sim:card=/tmp/x", SshTarget("pi1", address="sim:card=/tmp/x")),
        ("a@b/ssh:c/sim:", SshTarget("b", "a", address="ssh:c/sim:")),
    ],
)
def test_an_address_is_host_and_camera(rest: str, target: SshTarget) -> None:
    assert SshTarget.parse(rest) == target
    assert str(target) == f"ssh:{rest}"


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "-oProxyCommand=touch x",
        "-l",
        "-x@pi1",
        "@pi1",
        "a@b@c",
        "pi1:0",
        "pi1:65536",
        "pi1:x",
        "pi 1",
        "pi1\n",
        "pi1/camera",
        "/usb:",
        "fe80::1",
        "\u202epi1",
    ],
)
def test_what_is_no_host(rest: str) -> None:
    with pytest.raises(UsageError):
        open_transport(f"ssh:{rest}")


def test_a_list_is_that_of_a_host() -> None:
    with pytest.raises(UsageError):
        cameras_of("pi1/sim:")


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What ssh was told, a word a line: here it is a program that only writes that down."""
    told = tmp_path / "told"
    ssh = tmp_path / "ssh"
    ssh.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {told}\nexit 255\n')
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return told


@pytest.mark.parametrize("asks", [False, True])
def test_the_command_ends_options_before_the_host(said: Path, asks: bool) -> None:
    token = may_ask.set(asks)
    try:
        with pytest.raises(ConnectError) as raised:
            open_transport("ssh:me@pi1:2222/usb:model=A B;c")
    finally:
        may_ask.reset(token)
    batch = [] if asks else ["-o", "BatchMode=yes"]
    remote = "chdkshell share --stdio 'usb:model=A B;c'"
    assert said.read_text().splitlines() == ["-T", "-p", "2222", *batch, "--", "me@pi1", remote]
    assert raised.value.reason is Reason.SSH_FAILED


def test_a_host_that_says_nothing_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ssh").write_text("#!/bin/sh\nexec sleep 600\n")
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(ssh_process, "ANSWER_SECONDS", 0.2)
    with pytest.raises(ConnectError) as raised:
        open_transport("ssh:pi1")
    assert str(raised.value) == "ssh:pi1 did not answer in 0.2 s"
