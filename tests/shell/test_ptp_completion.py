"""What is offered after the `ptp` commands comes from the camera's own lists, in the background."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from support.timeouts import TIMEOUT

import chdkshell.shell.commands  # noqa: F401  # they register themselves
from chdkshell import connect
from chdkshell.camera import Camera
from chdkshell.ptp.codes import OperationCode
from chdkshell.shell.command import REGISTRY
from chdkshell.shell.connections import Connections
from chdkshell.shell.prompt.background import Background
from chdkshell.shell.prompt.cameraview import CameraView
from chdkshell.shell.prompt.complete import ShellCompleter
from chdkshell.shell.prompt.luacomplete import UserNames


class Prompt:
    """A prompt's completion on a camera. What is missing is fetched, then asked for again."""

    def __init__(self, camera: Camera, background: Background) -> None:
        connections = Connections()
        connections.use(camera)
        self.background = background
        self.view = CameraView(connections, background)
        self._completer = ShellCompleter(None, REGISTRY, self.view, UserNames())  # type: ignore[arg-type]

    def offered(self, line: str) -> dict[str, str]:
        """Return what is offered at the end of a line, with what is said of each."""
        self.at_once(line)
        self.background.resume()
        assert self.background.wait_idle(TIMEOUT)
        self.background.pause()
        return self.at_once(line)

    def at_once(self, line: str) -> dict[str, str]:
        event = CompleteEvent(completion_requested=True)
        found = self._completer.get_completions(Document(line), event)
        return {line[: len(line) + c.start_position] + c.text: c.display_meta_text for c in found}


@pytest.fixture
def camera() -> Iterator[Camera]:
    with connect("sim:model=SX100IS") as camera:
        yield camera


@pytest.fixture
def prompt(camera: Camera) -> Iterator[Prompt]:
    with Background() as background:
        yield Prompt(camera, background)


def test_operations_that_the_camera_lists(prompt: Prompt, camera: Camera) -> None:
    found = prompt.at_once("ptp raw ")
    names = [line.split()[2] for line in found if "-" not in line]
    assert len(names) == len(camera.info.operations_supported)
    assert found["ptp raw GetDeviceInfo"] == "0x1001"
    assert list(prompt.at_once("ptp raw getdevicei")) == ["ptp raw GetDeviceInfo"]
    assert prompt.at_once("ptp raw 0x101b") == {"ptp raw 0x101B": "GetPartialObject"}
    assert prompt.at_once("ptp raw PowerD") == {}


def test_properties_and_their_values(prompt: Prompt) -> None:
    assert prompt.at_once("ptp prop batteryl") == {"ptp prop BatteryLevel": "0x5001"}
    assert prompt.at_once("ptp propreset al") == {"ptp propreset all": ""}
    assert prompt.at_once("ptp prop EventEmulateMode ") == {}
    found = prompt.offered("ptp prop EventEmulateMode ")
    assert list(found) == [f"ptp prop EventEmulateMode {value}" for value in range(1, 8)]
    assert found["ptp prop EventEmulateMode 4"] == "as it is"
    assert prompt.offered("ptp prop BatteryLevel ") == {}, "it can only be read"
    assert list(prompt.offered("ptp prop CameraOwner ")) == ["ptp prop CameraOwner chdkshell"]
    assert prompt.offered("ptp prop NoSuchThing ") == {}


def test_settings_of_an_eos_and_their_values() -> None:
    with connect("sim:model=EOSR6") as camera, Background() as background:
        prompt = Prompt(camera, background)
        names = prompt.at_once("eos prop shutt")
        assert names["eos prop ShutterSpeed"] == "0xD102"
        assert prompt.at_once("eos prop ISO ") == {}, "the camera was not asked yet"
        found = prompt.offered("eos prop ISO ")
        assert list(found)[:3] == ["eos prop ISO auto", "eos prop ISO 100", "eos prop ISO 125"]
        assert found["eos prop ISO auto"] == "as it is"
        assert list(prompt.offered("eos prop aperture f/5")) == [
            *("eos prop aperture f/5", "eos prop aperture f/5.6")
        ]
        assert "eos prop ShutterSpeed 1/125" in prompt.offered("eos prop ShutterSpeed 1/1")
        assert prompt.offered("eos prop NoSuchThing ") == {}
        assert not camera.eos.is_on, "its user has it back"


def test_settings_of_a_camera_that_is_no_eos(prompt: Prompt) -> None:
    assert prompt.offered("eos prop ISO") == prompt.offered("eos prop ISO ") == {}


def test_objects_by_their_paths(prompt: Prompt) -> None:
    assert prompt.offered("ptp object a")["ptp object A/"] == "CANON_SIM"
    assert prompt.offered("ptp get dc") == {"ptp get DCIM/": "folder"}
    assert "ptp get 0x1 DCIM/" in prompt.offered("ptp get 0x1 DC")
    (picture, size), *_ = prompt.offered("ptp thumb DCIM/100CANON/").items()
    assert picture == "ptp thumb DCIM/100CANON/IMG_0001.JPG"
    assert size.endswith(" bytes")
    assert list(prompt.offered("ptp rm DCIM/100CANON/IMG_0001.JPG A/dcim/1")) == [
        "ptp rm DCIM/100CANON/IMG_0001.JPG A/dcim/100CANON/",
        "ptp rm DCIM/100CANON/IMG_0001.JPG A/dcim/101CANON/",
    ]
    assert prompt.offered("ptp get NOSUCH/") == {}


def test_storages_and_formats(prompt: Prompt) -> None:
    assert list(prompt.offered("ptp format ")) == ["ptp format A/", "ptp format -y"]
    assert prompt.offered("ptp objects -storage=") == {"ptp objects -storage=A/": "CANON_SIM"}
    by_id = {"ptp objects -storage=0x00010001": "A/"}
    assert prompt.offered("ptp objects -storage=0x") == by_id
    assert "ptp objects -format=EXIF/JPEG" in prompt.at_once("ptp objects -format=ex")


def test_what_changed_is_seen_after_a_command(prompt: Prompt, camera: Camera) -> None:
    assert prompt.offered("ptp get NEW") == {}
    camera.files.write("A/NEW.TXT", b"new")
    prompt.view.forget_listings()
    assert list(prompt.offered("ptp get NEW")) == ["ptp get NEW.TXT"]


def test_nothing_is_asked_while_a_script_runs(prompt: Prompt, camera: Camera) -> None:
    camera.scripts.start("while true do sleep(10) end")
    assert prompt.offered("ptp get dc") == {}
    camera.scripts.kill()
    assert prompt.offered("ptp get dc") == {"ptp get DCIM/": "folder"}


def test_a_camera_without_objects_or_no_camera(
    prompt: Prompt, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [c for c in camera.info.operations_supported if c != OperationCode.GET_STORAGE_IDS]
    info = camera.ptp.info._replace(operations_supported=tuple(listed))
    monkeypatch.setattr(camera.ptp, "info", info)
    assert prompt.offered("ptp get d") == {}
    camera.close()
    assert prompt.offered("ptp raw G") == {}
