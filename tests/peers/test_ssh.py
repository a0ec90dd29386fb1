"""Cameras on another computer: through OpenSSH and a real sshd."""

# needs: POSIX
from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support.emulated_usb.fixtures import UsbBus
from support.shell_process import run
from support.ssh_server import SshHost
from support.timeouts import TIMEOUT

from chdkshell.camera import Camera
from chdkshell.errors import Cancelled, ChdkShellError, TransportError
from chdkshell.flow import CancelToken, Progress
from chdkshell.ptp.transaction import Event
from chdkshell.reasons import Reason
from chdkshell.rig.rig import Rig
from chdkshell.rig.syncreport import SyncRequest
from chdkshell.rig.syncshot import synchronised_shoot
from chdkshell.shell.output.errortext import error_text
from chdkshell.sim.camera import SimCamera
from chdkshell.transport.ssh import SshTransport, cameras_of

pytestmark = pytest.mark.slow

FAR = "ssh:pi1/sim:serial=FAR"
TRIES = 20


@pytest.fixture
def sshd(peer: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:/usr/sbin")
    peer("ssh")
    return peer("sshd")


@pytest.fixture
def host(sshd: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SshHost]:
    with closing(SshHost(sshd, tmp_path / "host")) as host:
        monkeypatch.setenv("PATH", f"{host.client}:{os.environ['PATH']}")
        yield host


def failure(address: str = FAR) -> ChdkShellError:
    """How a connection fails: with one line that says what to do, too."""
    with pytest.raises(ChdkShellError) as raised:
        Camera(address)
    assert "\n" not in error_text(raised.value)
    return raised.value


def test_a_camera_of_another_computer(host: SshHost) -> None:
    data = bytes(range(256)) * 5000
    with Camera(FAR) as camera:
        assert camera.serial == "FAR"
        assert camera.place.startswith("ssh:pi1, GUID ")
        assert camera.lua("return 6*7") == 42
        camera.files.write("A/UP.BIN", data)
        assert camera.files.read("A/UP.BIN") == data
    with Camera("ssh:pi2/sim:serial=B") as one, Camera(FAR) as other:
        assert [camera.lua("return 1") for camera in (one, other)] == [1, 1]


def test_events_and_cancels_come_through(host: SshHost) -> None:
    with Camera(FAR) as camera:
        camera.files.write("A/UP.BIN", bytes(3 << 20))
        event = camera.session.next_event(TIMEOUT)
        assert isinstance(event, Event)
        token = CancelToken()

        class Stops(Progress):
            def advance(self, count: int) -> None:
                token.set()

        with pytest.raises(Cancelled):
            camera.files.read("A/UP.BIN", cancel=token, progress=Stops())
        assert camera.lua("return 1") == 1


def test_the_program_connects_and_ends_the_other_end(host: SshHost) -> None:
    done = run("-r", "--device", FAR, "-e", "luar return 1", PATH=os.environ["PATH"])
    assert (done.returncode, done.stdout) == (0, "1:return:1\n"), done.stderr


def test_a_login_file_may_print_what_it_wants(host: SshHost) -> None:
    host.greet_with("Welcome to pi1!\\n\\033[2J\\nlast login: chdkshell share today")
    with Camera(FAR) as camera:
        assert camera.lua("return 1") == 1


def test_ctrl_c_is_not_sshs(host: SshHost) -> None:
    with Camera(FAR) as camera:
        transport = camera.session.transport
        assert isinstance(transport, SshTransport)
        assert transport._process is not None
        assert os.getpgid(transport._process._process.pid) != os.getpgid(0)


# ---- what goes wrong ----------------------------------------------------------------------------


def test_a_server_that_dies_costs_its_cameras_and_they_come_back(host: SshHost) -> None:
    with Camera(FAR) as camera:
        for process in host.sessions():
            os.kill(process, signal.SIGKILL)
        with pytest.raises(TransportError) as raised:
            while True:
                camera.lua("sleep(10)")
        assert raised.value.reason is Reason.SSH_ENDED
        assert str(raised.value).startswith("ssh:pi1: the connection ended")
        camera.reconnect()
        assert camera.lua("return 1") == 1


def test_a_key_that_the_host_does_not_know(host: SshHost) -> None:
    host.use(key="other")
    error = failure()
    assert error.reason is Reason.SSH_DENIED
    assert "Permission denied (publickey)" in str(error)
    assert "`ssh-copy-id pi1`" in error_text(error)


def test_a_host_that_shows_another_key(host: SshHost) -> None:
    host.use(host_key="other")
    error = failure()
    assert error.reason is Reason.SSH_HOST_KEY
    assert str(error) == "ssh:pi1: Host key verification failed"


def test_a_host_without_chdkshell(host: SshHost) -> None:
    (host.bin / "chdkshell").unlink()
    error = failure()
    assert error.reason is Reason.NO_FAR_CHDKSHELL
    assert error_text(error) == (
        "ssh:pi1: there is no chdkshell; install it there, so that `ssh pi1 chdkshell --version` "
        "prints a version"
    )


@pytest.mark.parametrize("script", ["echo chdkshell share 99 9.9\ncat\n", "echo old >&2\nexit 2\n"])
def test_a_chdkshell_of_another_time(host: SshHost, script: str) -> None:
    host.put_program(script)
    assert failure().reason is Reason.OTHER_VERSION


def test_a_host_where_nobody_listens(host: SshHost) -> None:
    host.close()
    error = failure()
    assert error.reason is Reason.SSH_FAILED
    assert "Connection refused" in str(error)
    assert "try `ssh pi1` in a terminal" in error_text(error)


def test_a_camera_that_is_not_there(host: SshHost) -> None:
    error = failure("ssh:pi1/ip:127.0.0.1:1")
    assert error.reason is Reason.FAR_CAMERA
    assert str(error).startswith("ssh:pi1: ip:127.0.0.1:1 refused the connection")


def test_there_is_no_ssh(host: SshHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert failure().reason is Reason.NO_SSH


# ---- cameras on USB there -----------------------------------------------------------------------


@pytest.fixture
def usb_host(sshd: str, usb_bus: UsbBus, tmp_path: Path) -> Iterator[SshHost]:
    environment = {k: v for k, v in usb_bus.environment().items() if os.environ.get(k) != v}
    with closing(SshHost(sshd, tmp_path / "host", environment)) as host:
        yield host


def test_the_cameras_of_a_host_are_listed_and_connected(
    usb_host: SshHost, usb_bus: UsbBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{usb_host.client}:{os.environ['PATH']}")
    cameras = [SimCamera(serial=serial) for serial in ("LEFT", "RIGHT")]
    for address, sim in enumerate(cameras, 4):
        usb_bus.plug_sim(sim, address)
    found = cameras_of("pi1")
    assert [(device.address, device.serial) for device in found] == [
        ("ssh:pi1/usb:serial=LEFT", "LEFT"),
        ("ssh:pi1/usb:serial=RIGHT", "RIGHT"),
    ]
    with Rig.connect(["ssh:pi1"]) as rig:
        assert sorted(rig.each(lambda camera: camera.serial).results.values()) == ["LEFT", "RIGHT"]
        assert list(rig.each(lambda camera: camera.lua("return 1")).results.values()) == [1, 1]
    path = os.environ["PATH"]
    done = run("-r", "-e", "list ssh:pi1", PATH=path)
    assert done.returncode == 0, done.stderr
    rest = "v=0x4a9 p=0x32c8"
    assert done.stdout.splitlines() == [
        f"-1:Canon PowerShot SIM1 b=ssh d=pi1/usb:serial=LEFT {rest} s=LEFT",
        f"-2:Canon PowerShot SIM1 b=ssh d=pi1/usb:serial=RIGHT {rest} s=RIGHT",
    ]
    done = run("-r", "-e", "rig connect ssh:pi1", "-e", "@all luar return 1", PATH=path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("return:1") == 2, done.stdout
    for sim in cameras:
        sim.close()


# ---- many of them -------------------------------------------------------------------------------


def shots_in(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


def test_a_synchronised_shot_over_two_hosts(host: SshHost, tmp_path: Path) -> None:
    log = tmp_path / "shutter.log"
    addresses = {
        name: f"ssh:{place}/sim:number={number},shutter-log={log}"
        for number, (name, place) in enumerate((("left", "pi1"), ("right", "pi2")), 1)
    }
    with Rig.connect(addresses) as rig:
        cameras = {name: rig[name] for name in addresses}
        for camera in cameras.values():
            camera.lua("switch_mode_usb(1) repeat sleep(10) until get_mode()")
        for _ in range(TRIES):  # on a busy computer not all may hear in time, or answer
            before = len(shots_in(log))
            report = synchronised_shoot(cameras, SyncRequest())
            if not report.problems:
                break
            assert len(shots_in(log)) - before in (0, 2), "all fire, or nobody"
    assert report.problems == []
    assert sorted(line.split()[1] for line in shots_in(log)[before:]) == [
        "SIM0001",
        "SIM0002",
    ]


# ---- much data ----------------------------------------------------------------------------------


def test_a_hundred_megabytes_there_and_back(host: SshHost, tmp_path: Path) -> None:
    big, back = tmp_path / "big.bin", tmp_path / "back.bin"
    with big.open("wb") as file:
        for number in range(100):
            file.write(hashlib.sha256(str(number).encode()).digest() * (1 << 15))
    with Camera(FAR) as camera:
        camera.files.upload(big, "A/BIG.BIN")
        camera.files.download("A/BIG.BIN", back)
    assert digest(back) == digest(big)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
