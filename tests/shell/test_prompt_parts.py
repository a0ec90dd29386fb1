"""The prompt's parts without a terminal: short names, pasted lines, what a camera is known by."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.fresh_sim import fresh_sim
from support.timeouts import TIMEOUT

import chdkshell.shell.commands  # noqa: F401  # they register themselves
from chdkshell.camera import Camera, connect
from chdkshell.chdk.luamodules import known_fields
from chdkshell.errors import UsageError
from chdkshell.flow import CancelToken
from chdkshell.shell.advice import next_step
from chdkshell.shell.command import REGISTRY
from chdkshell.shell.connections import Connections
from chdkshell.shell.output.pager import fits
from chdkshell.shell.prompt.background import Background
from chdkshell.shell.prompt.cameraview import CameraView, ToolbarStatus
from chdkshell.shell.prompt.lines import commands_in, expand_prefix
from chdkshell.shell.prompt.toolbar import open_call, signature_text, size_text, status_text
from chdkshell.shell.prompt.userfiles import KnownCameras, open_history
from chdkshell.transport.base import Device


def test_unique_beginnings_are_names() -> None:
    assert expand_prefix("downl A/X", REGISTRY) == "download A/X"
    assert expand_prefix("  killsc", REGISTRY) == "  killscript"
    assert expand_prefix("d x", REGISTRY) == "d x"
    assert expand_prefix("nosuch", REGISTRY) == "nosuch"
    assert expand_prefix("=1", REGISTRY) == "=1"
    with pytest.raises(UsageError, match="ambiguous command 'lu'") as raised:
        expand_prefix("lu 1", REGISTRY)
    assert "lua, luar" in next_step(raised.value)


def test_what_is_pasted_is_split_into_commands() -> None:
    def split(text: str) -> list[str]:
        return list(commands_in(text, REGISTRY))

    assert split("ls\nquit") == ["ls", "quit"]
    assert split("ls\nluar\nx=1\nreturn x") == ["ls", "luar\nx=1\nreturn x"]
    assert split("=1\nls") == ["=1\nls"]
    assert split("") == [""]


def test_the_signature_of_the_call_at_the_cursor() -> None:
    def name(lua: str) -> str | None:
        call = open_call(lua)
        return call.function.name if call else None

    assert name("set_tv96(") == "set_tv96"
    assert name("x = os.stat('a(b'") == "os.stat"
    assert name("set_tv96(usec_to_tv96(1000), ") == "set_tv96"
    assert name("set_tv96(usec_to_tv96(") == "usec_to_tv96"
    assert name("sleep(10)") is None
    assert name("mine(") is None
    assert signature_text("x") is None
    text = "".join(piece[1] for piece in signature_text("get_focal_length(") or [])
    assert "[zoom]" in text
    assert "since CHDK 1.7" in text


def test_the_toolbar_escapes_what_the_camera_says() -> None:
    status = ToolbarStatus("Canon\x1b[2J", True, True, True, True, 3900, 2 << 20)
    text = "".join(piece[1] for piece in status_text(status))
    assert "\x1b" not in text
    assert text == (
        " Canon\\x1b[2J | rec | video | 3.90 V | 2.0 GB free | a script runs | messages wait: getm "
    )
    assert "not connected" in "".join(piece[1] for piece in status_text(None))
    assert [size_text(n) for n in (5, 2048, 50 << 10, 31 << 20)] == [
        "5 KB",
        "2.0 MB",
        "50 MB",
        "31 GB",
    ]


def test_the_history_is_the_users_alone(tmp_path: Path) -> None:
    history = open_history(str(tmp_path / "new"), "history", pytest.fail)
    history.store_string("ls")
    path = tmp_path / "new" / "history"
    assert "+ls" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    warned: list[str] = []
    open_history("/proc/nowhere", "history", warned.append).store_string("ls")
    assert len(warned) == 1


def test_cameras_are_known_in_the_next_run(tmp_path: Path) -> None:
    def camera(address: str, model: str = "Canon\x1bX", serial: str = "S1") -> Camera:
        return SimpleNamespace(address=address, model=model, serial=serial)  # type: ignore[return-value]

    cameras = KnownCameras(str(tmp_path))
    cameras.remember([camera("sim:"), camera("usb:001:004", serial="")])
    assert not (tmp_path / "cameras").exists()
    cameras.remember([camera("usb:001:004"), camera("ip:10.0.0.7:15740")])
    cameras.remember([camera("usb:001:009")])
    assert stat.S_IMODE((tmp_path / "cameras").stat().st_mode) == 0o600
    known = KnownCameras(str(tmp_path)).devices
    assert known == [
        Device("usb:serial=S1", model="Canon\\x1bX", serial="S1"),
        Device("ip:10.0.0.7:15740", model="Canon\\x1bX", serial="S1"),
    ]
    (tmp_path / "cameras").write_text('nonsense\n[1]\n[1,2,3]\n["ip:h", null, null]\n')
    assert KnownCameras(str(tmp_path)).devices == [Device("ip:h")]
    KnownCameras("/proc/nowhere").remember([camera("ip:h")])


def test_what_fits_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINES", "10")
    monkeypatch.setenv("COLUMNS", "20")
    assert fits("x\n" * 8)
    assert not fits("x\n" * 9)
    assert not fits("x" * 20 * 9)


# ---- in the background --------------------------------------------------------------------------


@pytest.fixture
def background() -> Iterator[Background]:
    with Background() as background:
        yield background


def test_jobs_wait_while_a_command_runs(background: Background) -> None:
    ran = threading.Event()
    background.submit("job", lambda cancel: ran.set())
    assert not ran.wait(0.05)
    background.resume()
    assert ran.wait(TIMEOUT)


def test_a_job_gives_way(background: Background) -> None:
    begun, seen = threading.Event(), threading.Event()

    def job(cancel: CancelToken) -> None:
        begun.set()
        while not cancel.is_set():
            pass
        seen.set()

    background.submit("job", job)
    background.resume()
    assert begun.wait(TIMEOUT)
    background.pause()
    assert seen.is_set(), "pause waits for the job"


def test_a_job_that_fails_is_no_trouble(
    background: Background, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(cancel: CancelToken) -> None:
        raise RuntimeError("no")

    ran = threading.Event()
    background.submit("bad", fail)
    background.submit("good", lambda cancel: ran.set())
    background.resume()
    assert ran.wait(TIMEOUT)
    assert caplog.messages == ["a background job of the prompt failed: RuntimeError('no')"]
    assert "Traceback" not in caplog.text


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> Iterator[Camera]:
    fresh_sim(monkeypatch)
    with connect("sim:") as camera:
        yield camera


@pytest.fixture
def view(camera: Camera, background: Background) -> CameraView:
    connections = Connections()
    connections.use(camera)
    return CameraView(connections, background)


def test_status_and_listings_come_by_themselves(view: CameraView, background: Background) -> None:
    assert view.status == ToolbarStatus("Canon PowerShot SIM1")
    assert view.listing("A/") == ()
    background.resume()
    assert background.wait_idle(TIMEOUT)
    assert view.status and view.status.battery
    assert view.status.free
    assert view.status.recording is False
    assert {entry.name for entry in view.listing("")} >= {"DCIM", "CHDK"}
    assert {"get_zoom", "os.stat"} <= view.names


def test_listings_come_without_chdk(background: Background) -> None:
    with connect("sim:chdk=0") as camera:
        connections = Connections()
        connections.use(camera)
        view = CameraView(connections, background)
        assert view.listing("A/") == view.listing("A/DCIM") == ()
        background.resume()
        assert background.wait_idle(TIMEOUT)
        assert {entry.name for entry in view.listing("")} >= {"DCIM", "CHDK"}
        assert all(entry.is_dir for entry in view.listing("A/DCIM"))
        assert view.listing("A/DCIM")
        with camera.session.exclusive():  # a command uses the camera
            assert view.listing("A/CHDK") == ()
            assert background.wait_idle(TIMEOUT)
        assert view.listing("A/CHDK") == ()
        background.pause()


def test_the_fields_of_modules_are_the_cameras_own(
    view: CameraView, background: Background, camera: Camera
) -> None:
    camera.files.write("A/CHDK/LUALIB/propcase.lua", b"return {TV=265, MINE=7}")
    assert view.module_fields("propcase")["TV"] is None  # its property set is not known yet
    background.resume()
    assert background.wait_idle(TIMEOUT)
    assert view.module_fields("propcase")["TV"] == 265
    assert "AF_FRAME" in known_fields("propcase", 6)
    assert view.module_fields("propcase") == {"TV": 265, "MINE": 7}
    assert view.module_fields("capmode") == {}
    assert view.module_fields("nosuch") == {}
    assert background.wait_idle(TIMEOUT)
    assert view.module_fields("capmode")["valid"] is None
    assert view.module_fields("nosuch") == {}


def test_a_script_is_left_alone(view: CameraView, background: Background, camera: Camera) -> None:
    script_id = camera.scripts.start("while true do sleep(10) end")
    background.resume()
    assert view.listing("A/") == ()
    assert background.wait_idle(TIMEOUT)
    assert view.status == ToolbarStatus("Canon PowerShot SIM1", script=True)
    assert view.listing("A/") == ()
    assert camera.scripts.last_id == script_id
    camera.scripts.kill()


def test_messages_are_left_alone(view: CameraView, background: Background, camera: Camera) -> None:
    camera.scripts.start("write_usb_msg('kept') return 5")
    background.resume()
    while not (view.status and view.status.messages and not view.status.script):
        background.resume()
        assert background.wait_idle(TIMEOUT)
    assert view.status.battery is None
    background.pause()
    assert [message.value for message in camera.scripts.drain()] == ["kept", 5]


def test_the_scripts_id_is_that_of_the_user(
    view: CameraView, background: Background, camera: Camera
) -> None:
    camera.lua("return 1")
    script_id = camera.scripts.last_id
    background.resume()
    assert background.wait_idle(TIMEOUT)
    assert view.status and view.status.battery
    assert camera.scripts.last_id == script_id
