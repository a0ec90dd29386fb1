"""The script that is chosen in CHDK's menu, which a full press in alt mode starts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from support.camera_process import simulated_camera
from support.sim_camera import CameraRunner, power_on

from chdkshell.camera import Camera
from chdkshell.chdk.constants import ScriptFlag
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.settings import SCRIPT_FILE

SCRIPTS = "CHDK/SCRIPTS"


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[CameraRunner]:
    (tmp_path / SCRIPTS).mkdir(parents=True)
    runner = power_on(tmp_path)
    yield runner
    runner.camera.close()


def choose(camera: CameraRunner, text: str, name: str = "MINE.LUA") -> None:
    (camera.root / SCRIPTS / name).write_text(text)
    camera.state.config[SCRIPT_FILE] = f"A/{SCRIPTS}/{name}"


def press(camera: CameraRunner) -> list[str]:
    """Press the shutter button in alt mode, and return the console when the script has ended."""
    camera.state.alt_mode = True
    camera.camera.hands.do("press shoot_full 1")
    assert camera.host.wait_ended(60)
    return list(camera.state.console)


def test_a_full_press_in_alt_mode_starts_it(camera: CameraRunner) -> None:
    choose(camera, "--[[\n@chdk_version 1.4\n#n=3 'N'\n#w=1 'W' {x y} table\n]]\nprint(n,w.value)")
    assert press(camera) == ["*** STARTED ***", "3 x", "*** FINISHED ***"]
    assert camera.state.shots == 0
    assert camera.state.alt_mode


def test_without_alt_mode_it_takes_a_picture(camera: CameraRunner) -> None:
    choose(camera, "print('no')")
    camera.camera.hands.do("press shoot_full 1000")
    assert list(camera.state.console) == []
    assert not camera.host.running


def test_a_half_press_and_other_keys_start_nothing(camera: CameraRunner) -> None:
    choose(camera, "print('no')")
    camera.state.alt_mode = True
    for key in ("shoot_half", "set", "menu"):
        camera.camera.hands.do(f"press {key} 1")
    assert list(camera.state.console) == []


def test_nothing_chosen_is_the_default_script(camera: CameraRunner) -> None:
    choose(camera, "print('default')", "default.lua")
    camera.state.config[SCRIPT_FILE] = ""
    assert press(camera)[1] == "default"
    (camera.root / SCRIPTS / "default.lua").unlink()
    camera.state.console.clear()
    assert press(camera)[1:] == [
        ":1: cannot fopen A/CHDK/SCRIPTS/default.lua",
        "*** TERMINATED ***",
    ]


def test_a_fresh_card_has_one() -> None:
    camera = SimCamera()
    camera.state.recording = True
    assert press(CameraRunner(camera)) == ["*** STARTED ***", "picture 102", "*** FINISHED ***"]
    assert camera.state.shots == 1
    camera.close()


def test_the_console_tells_of_its_errors_and_the_host_does_not_hear(camera: CameraRunner) -> None:
    choose(camera, "@chdk_version 1.4\n")
    assert press(camera)[1].startswith(":1: A/CHDK/SCRIPTS/MINE.LUA:1: unexpected symbol")
    camera.state.console.clear()
    choose(camera, "\nerror('wrong')")
    assert press(camera)[1:] == ["A/CHDK/SCRIPTS/MINE.LUA:2: wrong", "*** TERMINATED ***"]
    assert list(camera.host.outbox) == []
    choose(camera, "return 1,2")
    press(camera)
    assert list(camera.host.outbox) == []


@pytest.mark.parametrize(
    ("version", "value"), [("", "1"), ("@chdk_version 1.3", "1"), ("@chdk_version 1.4", "true")]
)
def test_old_scripts_get_the_old_values(camera: CameraRunner, version: str, value: str) -> None:
    choose(camera, f"--[[\n{version}\n]] print(save_config_file(1000))")
    assert press(camera)[1] == value


def test_the_same_key_ends_it(camera: CameraRunner) -> None:
    choose(camera, "function restore() print('restored') end write_usb_msg('up') sleep(3600000)")
    camera.state.alt_mode = True
    camera.camera.hands.do("press shoot_full 1")
    assert camera.host.wait_news(60)
    camera.camera.hands.do("press shoot_full 1")
    assert camera.host.wait_ended(60)
    assert list(camera.state.console)[1:] == ["*** INTERRUPTED ***", "restored"]


def test_it_is_not_ended_by_a_script_that_may_not_kill(camera: CameraRunner) -> None:
    choose(camera, "sleep(3600000)")
    camera.state.alt_mode = True
    camera.camera.hands.do("press shoot_full 1")
    last = camera.host.last_id
    assert camera.host.execute(b"return 1", ScriptFlag.NO_KILL)[0] == last
    assert camera.host.execute(b"return 1")[0] == last + 1
    assert camera.host.wait_ended(60)


def test_errors_of_the_hosts_scripts_are_on_the_console_too(camera: CameraRunner) -> None:
    assert camera.error("error('x')") == ":1: x"
    assert list(camera.state.console) == [":1: x", "*** TERMINATED ***"]


def test_hands_start_it(tmp_path: Path) -> None:
    card = tmp_path / "card"
    (card / SCRIPTS).mkdir(parents=True)
    (card / SCRIPTS / "default.lua").write_text("write_usb_msg('hello')")
    pipe = tmp_path / "keys"
    arguments = ("--card", str(card), "--keys", str(pipe))
    with simulated_camera(*arguments) as (_, address, _card), Camera(address) as camera:
        with pipe.open("w") as keys:
            keys.write("press print 1\npress shoot_full 1\n")
        protocol, deadline = camera.protocol, monotonic() + 60
        while (message := protocol.read_message()) is None:
            assert monotonic() < deadline
            sleep(0.01)
        assert message.value == "hello"
