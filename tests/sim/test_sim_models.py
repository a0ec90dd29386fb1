"""Who the simulated camera can be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.shell_process import run
from support.sim_camera import CameraRunner

from chdkshell.camera import Camera
from chdkshell.chdk.constants import ChdkCommand
from chdkshell.ptp.codes import OperationCode, ResponseCode
from chdkshell.ptp.transaction import Request
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.clock import Clock
from chdkshell.sim.interfaces.usbdevice import UsbCamera
from chdkshell.sim.models import MODELS, model_named
from chdkshell.streams import BytesSink

IN_HOOK = (
    "hook_raw.set(86400000) press('shoot_full') while not hook_raw.is_ready() do sleep(10) end "
    "local v=rawop.get_pixel(rawop.get_jpeg_left(),rawop.get_jpeg_top()) hook_raw.continue() "
    "return v~=nil"
)


@pytest.fixture
def camera_of(tmp_path: Path) -> Callable[[str], CameraRunner]:
    def make(model: str) -> CameraRunner:
        camera = SimCamera(card=tmp_path, model=model, clock=Clock(10))
        camera.state.recording = True
        return CameraRunner(camera)

    return make


def test_all_that_were_promised_are_there() -> None:
    assert MODELS.keys() == {
        "SIM1",
        "ELPH180",
        "SX50HS",
        "A4000IS",
        "G7X",
        "SX100IS",
        "A540",
        "A530",
        "EOSR6",
    }
    assert MODELS["A540"].protocol == (2, 4)
    assert MODELS["A530"].bulk_packet == 64


@pytest.mark.parametrize("key", [key for key, model in MODELS.items() if model.has_chdk])
def test_a_camera_is_who_it_says(camera_of: Callable[[str], CameraRunner], key: str) -> None:
    model, runner = MODELS[key], camera_of(key.lower())
    code = (
        "local b=get_buildinfo() return b.platform,b.os,b.digic,get_propset(),get_zoom_steps(),"
        "get_focal_length(0),rawop.get_raw_width(),rawop.get_bits_per_pixel(),"
        "get_canon_raw_support()"
    )
    mosaic = model.sensor
    assert runner.values(code) == [
        *(model.platform, model.operating_system, model.digic, model.propset),
        *(len(model.focal_lengths), model.focal_lengths[0]),
        *((4704, 12) if mosaic is None else (mosaic.width, mosaic.bits)),
        model.canon_raw,
    ]
    assert runner.camera.device_info.model == model.name
    assert runner.value(IN_HOOK) is True
    runner.camera.close()


@pytest.mark.parametrize(("key", "number"), [("SIM1", 143), ("A540", 16), ("SX50HS", 143)])
def test_properties_have_the_numbers_of_the_set(
    camera_of: Callable[[str], CameraRunner], key: str, number: int
) -> None:
    runner = camera_of(key)
    code = f"set_prop({number},1) set_prop(4000,7) return get_flash_mode(),get_prop(4000)"
    assert runner.values(code) == [1, 7]
    runner.camera.close()


@pytest.mark.parametrize(
    ("key", "text", "number"),
    [
        ("SIM1", "A/NONE: errno 0x2", 0),
        ("G7X", "A/NONE: error", 0),
        ("A540", "A/NONE: errno 0x2", 2),
    ],
)
def test_errors_of_files_are_told_as_the_system_does(
    camera_of: Callable[[str], CameraRunner], key: str, text: str, number: int
) -> None:
    runner = camera_of(key)
    for call in ("os.stat", "io.open", "os.remove", "os.listdir"):
        assert runner.values(f"return select(2,{call}('A/NONE'))") == [text, number]
    assert runner.error("io.input('A/NONE')") == f":1: bad argument #1 to 'input' ({text})"
    runner.camera.close()


def test_an_old_protocol_is_an_old_one() -> None:
    with Camera("sim:model=A540") as camera:
        assert camera.chdk_version == (2, 4)
        assert camera.lua("return 5") == 5


def test_an_old_protocol_has_no_remote_capture() -> None:
    camera = SimCamera(model="A540")
    runner = CameraRunner(camera)
    assert runner.values("return init_usb_capture,get_usb_capture_support") == [None, None]
    transact, sink = camera.responder.transact, BytesSink()
    transact(Request(OperationCode.OPEN_SESSION, 0, (1,)), None, sink)
    for command in (ChdkCommand.REMOTE_CAPTURE_IS_READY, ChdkCommand.REMOTE_CAPTURE_GET_DATA):
        answer = transact(Request(OperationCode.CHDK, 1, (command,)), None, sink)
        assert answer.code == ResponseCode.PARAMETER_NOT_SUPPORTED
    answer = transact(Request(OperationCode.CHDK, 2, (ChdkCommand.SCRIPT_STATUS,)), None, sink)
    assert answer.code == ResponseCode.OK
    camera.close()


def test_packets_are_as_large_as_the_camera_has_them() -> None:
    camera = SimCamera(model="A530")
    identity = camera.state.identity
    usb = UsbCamera(
        *(camera.responder, camera.device_info, lambda address: None),
        *(identity.product_id, identity.bulk_packet),
    )
    assert usb.bulk_in.packet_size == usb.bulk_out.packet_size == 64
    assert usb.configuration_descriptor[18:25] == bytes.fromhex("07058102400000")
    assert usb.device_descriptor[10:12] == b"\x26\x31"
    camera.close()


def test_another_name_is_a_name() -> None:
    camera = SimCamera(model="Canon PowerShot X")
    assert camera.device_info.model == "Canon PowerShot X"
    assert camera.state.identity is MODELS["SIM1"]
    camera.close()
    assert model_named("canon powershot sx50 hs") is MODELS["SX50HS"]
    assert model_named("X") is None


def test_the_program_serves_no_other_name() -> None:
    done = run("sim", "--port", "0", "--model", "nosuch")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "ERROR: there is no model 'nosuch'; 'chdkshell sim --model list' names them\n"
    )


def test_the_program_lists_them() -> None:
    done = run("sim", "--model", "list")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(MODELS)
    assert lines[6] == ("A540     Canon PowerShot A540: vxworks, property set 1, protocol 2.4")
