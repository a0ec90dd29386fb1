"""Functions of the simulated camera's Lua that have no effect here, and calls of the firmware."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.camera_process import simulated_camera
from support.sim_scripts import Runner, simulated

from chdkshell.camera import Camera
from chdkshell.sim.api.absent import DRAWER
from chdkshell.sim.settings import NATIVE_CALLS


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[Runner]:
    with simulated(tmp_path) as runner:
        yield runner


@pytest.fixture
def native(camera: Runner) -> Runner:
    camera.state.config[NATIVE_CALLS] = 1
    return camera


# ---- functions without an effect ----------------------------------------------------------------


def test_functions_without_an_effect_give_nothing(camera: Runner) -> None:
    values = {"n": "1", "b": "true", "s": "'x'", "S": "'x'"}
    for name, (kinds, _) in DRAWER.items():
        call = f"{name}({','.join(values[kind] for kind in kinds)})"
        assert camera.values(f"return 'on',select('#',{call})") == ["on", 0], name


@pytest.mark.parametrize(
    ("name", "kinds"), [(name, kinds) for name, (kinds, _) in DRAWER.items() if kinds]
)
def test_they_check_their_arguments(camera: Runner, name: str, kinds: str) -> None:
    expected = {"n": "number", "b": "number"}.get(kinds[0], "string")
    assert camera.error(f"{name}({{}})") == (
        f":1: bad argument #1 to '{name}' ({expected} expected, got table)"
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return raw_merge_start(0),raw_merge_add_file('A/X.CRW')", [False, False]),
        ("raw_merge_end() return set_remote_timing(1),get_curve_state()", [False, 0]),
        ("set_curve_file('A/X.CVF') set_curve_state(1) return get_curve_file()", [""]),
        ("return select('#',swap_partitions(2)),select('#',get_partitionInfo())", [0, 0]),
    ],
)
def test_absent_modules(camera: Runner, code: str, expected: list[object]) -> None:
    assert camera.values(code) == expected


def test_absent_modules_check_what_they_are_asked(camera: Runner) -> None:
    assert camera.error("raw_merge_start(2)") == (
        ":1: bad argument #1 to 'raw_merge_start' (invalid raw merge op)"
    )


# ---- calls of the firmware ----------------------------------------------------------------------


@pytest.mark.parametrize("call", ["call_event_proc('Printf')", "call_func_ptr(1)"])
def test_native_calls_are_disabled(camera: Runner, call: str) -> None:
    assert camera.error(call) == ":1: native calls disabled"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return call_event_proc('NoSuchProc'),call_event_proc('AllocateMemory',10)", [-1, -1]),
        ("return call_event_proc('SystemEventInit')", [0]),
        (
            "call_event_proc('SystemEventInit') local p=call_event_proc('AllocateMemory',8) "
            "call_event_proc('memset',p,0x41,8) poke(p,0x44434241) "
            "call_event_proc('memcpy',p+4,p,4) "
            "return p~=0,peek(p+4),call_event_proc('FreeMemory',p),"
            "p~=call_event_proc('AllocateMemory',8)",
            [True, 0x44434241, 0, True],
        ),
        (
            "call_event_proc('System.Create') local p=call_event_proc('AllocateMemory',64) "
            "local n=call_event_proc('sprintf',p,'%d %5.2d|%x %u%c%s%%',-7,3,255,-1,65,'x') "
            "local s='' for i=0,n do s=s..string.char(peek(p+i,1)) end "
            "return n,s,call_event_proc('sprintf',p+40,'%s%d',p),peek(p+40,1)",
            [25, "-7    03|ff 4294967295Ax%\0", 26, 45],
        ),
        (
            "call_event_proc('SystemEventInit') "
            "return call_event_proc('GetLogToFile','A/L.LOG',1),os.stat('A/L.LOG').is_file",
            [0, True],
        ),
        (
            "call_event_proc('Mecha.Create') call_event_proc('DispDev_EnableEventProc') "
            "call_event_proc('SS.Create') return call_event_proc('CloseMechaShutter'),"
            "call_event_proc('DispCon_TurnOffDisplay'),call_event_proc('SS.MFOn')",
            [0, 0, 0],
        ),
        ("call_event_proc('UI_RegistDebugEventProc') return call_event_proc('VbattGet')", [3987]),
        ("return call_func_ptr(0x1000,5,'text'),call_func_ptr(0x1000)", [5, 0]),
    ],
)
def test_harmless_procedures(native: Runner, code: str, expected: list[object]) -> None:
    assert native.values(code) == expected


def test_procedures_switch_the_screen_and_the_focus(native: Runner) -> None:
    native.state.recording = True
    calls = "call_event_proc('DispDev.Create') call_event_proc('RegisterShootSeqEvent') "
    native.values(
        calls + "call_event_proc('DispCon_TurnOffDisplay') call_event_proc('PT_MFOn') return 0"
    )
    assert (native.state.display, native.state.manual_focus) == (False, True)
    native.values(
        calls + "call_event_proc('DispCon_TurnOnDisplay') call_event_proc('PT_MFOff') return 0"
    )
    assert (native.state.display, native.state.manual_focus) == (True, False)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            "call_event_proc()",
            "bad argument #1 to 'call_event_proc' (string expected, got no value)",
        ),
        ("call_event_proc('Printf',true)", "expected string or number"),
        ("call_func_ptr('x')", "bad argument #1 to 'call_func_ptr' (number expected, got string)"),
        ("call_func_ptr(1,{})", "expected string or number"),
    ],
)
def test_native_calls_check_arguments(native: Runner, call: str, text: str) -> None:
    assert native.error(call) == f":1: {text}"


def test_the_owner_allows_native_calls() -> None:
    code = "return call_event_proc('SystemEventInit')"
    with simulated_camera("--native-calls") as (_, address, _card), Camera(address) as camera:
        assert camera.lua(code) == 0
    with Camera("sim:native-calls=1") as camera:
        assert camera.lua(code) == 0
