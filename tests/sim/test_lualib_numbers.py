"""Modules in LUALIB that work on numbers, texts, files and modes, as scripts call them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sim_camera import CameraRunner, power_on
from support.sim_scripts import Runner, simulated

from chdkshell.sim.settings import NATIVE_CALLS


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[Runner]:
    with simulated(tmp_path) as runner:
        yield runner


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[CameraRunner]:
    runner = power_on(tmp_path)
    yield runner
    runner.camera.close()


# ---- binstr -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("b.pack(0x04030201)", "\1\2\3\4"),
        ("b.pack({1,-2},2)", "\1\0\xfe\xff"),
        ("b.pack({},1)", ""),
        ("b.pack('7',1)", "\7"),
        ("b.getnum('\\1\\2\\3\\4\\5')", 0x04030201),
        ("b.getnum('\\255\\255\\255\\255')", -1),
        ("b.getnum('\\1\\2\\255\\255',2,3)", 0xFFFF),
        ("b.getnum('\\1\\2',2,2)", None),
        ("table.concat(b.unpack('\\1\\0\\2\\0',2),' ')", "1 2"),
        ("table.concat(b.unpack('\\1\\0\\0\\0\\254\\255\\255\\255'),' ')", "1 -2"),
        ("#b.unpack('')", 0),
    ],
)
def test_binstr(camera: Runner, code: str, expected: object) -> None:
    assert camera.value(f"local b=require'binstr' return {code}") == expected


@pytest.mark.parametrize(
    "call", ["pack(1,5)", "pack(1,0)", "getnum('abcd',9)", "getnum('a',1,0)", "unpack('abc',2)"]
)
def test_binstr_refuses(camera: Runner, call: str) -> None:
    assert camera.error(f"require'binstr'.{call}").startswith(":1: ")
    assert "string is wanted, not a nil" in camera.error("require'binstr'.unpack(nil)")


# ---- iniLib -------------------------------------------------------------------------------------

SETTINGS = (
    "local lib=require'inilib' local ini,new=lib.read('mine') "
    "ini.main={top=10,hidden=false,shown=true,version='1',caption='a b'} "
    "ini.none={} ini['bad name']={a=1} ini.main['bad key']=1 "
    "return new,lib.write(ini)"
)
READ = (
    "local ini,new=require'iniLib'.read('mine') local m=ini.main "
    "return new,m.top,m.hidden,m.shown,m.version,type(m.version),m.caption,ini.none"
)


def test_ini_files_keep_what_was_written(camera: Runner) -> None:
    (camera.root / "CHDK/DATA").mkdir(parents=True)
    assert camera.values(SETTINGS) == [True, True]
    text = (camera.root / "CHDK/DATA/mine.ini").read_text()
    assert "[main]\n" in text
    assert "bad" not in text
    assert camera.values(READ) == [False, 10, False, True, "1", "string", "a b", None]


def test_ini_files_of_others_are_read(camera: Runner) -> None:
    (camera.root / "CHDK/CFG").mkdir(parents=True)
    (camera.root / "CHDK/CFG/my.ini").write_text("; note\nlost=1\n[a]\r\nx =  word\ny=2\n[b]\n")
    code = (
        "local ini,new=require'inilib'.read('A/CHDK/CFG/my.ini') "
        "return new,ini.a.x,ini.a.y,type(ini.b),ini._filename"
    )
    assert camera.values(code) == [False, "word", 2, "table", "A/CHDK/CFG/my.ini"]


def test_ini_files_have_names(camera: Runner) -> None:
    for name in ("'a/b'", "'A/X.ini'", "'a.txt'", "''", "nil"):
        assert "no name of an ini file" in camera.error(f"require'inilib'.read({name})")
    code = "local l=require'inilib' return l.write(1),l.write({_filename='x'}),l.version"
    assert camera.values(code) == [False, False, "1.0"]


# ---- zoomutil -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("z.get_zoom_for_fl(0),z.get_zoom_for_fl(8000),z.get_zoom_for_fl(99999)", [0, 1, 7]),
        ("z.get_zoom_for_fl(8200),z.get_zoom_for_efl(34503),z.get_zoom_for_efl(48000)", [2, 1, 3]),
        ("z.get_min_fl(),z.get_max_fl(),z.get_min_efl(),z.get_max_efl()", None),
        ("z.get_efl_factor():tostr()", ["4.650000"]),
        ("z.fl_to_efl(10000),z.fl_to_efl(1,100),z.efl_to_fl(46500),z.efl_to_fl(465,10)", None),
    ],
)
def test_zoomutil(camera: Runner, code: str, expected: list[object] | None) -> None:
    found = camera.values(f"local z=require'zoomutil' return {code}")
    if expected is None:
        expected = [6200, 21850, 28830, 101602] if "min" in code else [46500, 465, 10000, 1000]
    assert found == expected


def test_zoomutil_moves_the_lens(whole: CameraRunner) -> None:
    code = (
        "local z=require'zoomutil' z.set_zoom_fl(15250) local a=get_zoom() "
        "z.set_zoom_efl(z.get_min_efl()) return a,get_zoom()"
    )
    assert whole.values(code) == [5, 0]


# ---- capmode, propcase and the tables -----------------------------------------------------------


def test_capture_modes(whole: CameraRunner) -> None:
    code = (
        "local c=require'capmode' local a=c.set('TV') sleep(100) "
        "return a,c.get(),c.get_name(),c.get_canon(),c.valid('M'),c.valid('SPORTS'),c.valid('X'),"
        "c.valid(1),c.valid(),c.set('SPORTS'),c.set('X'),c.mode_to_name[36],c.name_to_mode.PORTRAIT"
    )
    expected = [True, 3, "TV", 32771, True, False, False, True, False, False, False]
    assert whole.values(code) == [*expected, "PORTRAIT", 36]
    whole.state.recording = False
    assert whole.values("local c=require'capmode' return c.get(),c.get_name()") == [0, "PLAY"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("#require'gen/modelist',require'GEN/modelist'[64]", [78, "HYBRID_AUTO"]),
        ("require'gen/cnf_core'._config_id,require'gen/cnf_core'._first_entry", [1000, 1001]),
        ("require'gen/cnf_user'.user_menu_enable,require'gen/cnf_gps'.gps_on_off", [3003, 4031]),
        ("require'gen/cnf_user'._last_entry,require'gen/cnf_gps'._last_entry", [3003, 4031]),
    ],
)
def test_tables(camera: Runner, code: str, expected: list[object]) -> None:
    assert camera.values(f"return {code}") == expected


# ---- gpsLib -------------------------------------------------------------------------------------


def gps_data() -> bytes:
    """Return what the receiver of a D20 gives."""
    latitude = struct.pack("<7I", ord("N"), 48, 1, 30, 1, 0, 1)
    longitude = struct.pack("<7I", ord("W"), 11, 1, 15, 1, 0, 1)
    height = struct.pack("<3I", 0, 5190, 10)
    time = struct.pack("<6I", 13, 1, 5, 1, 2500, 100)
    head = latitude + longitude + height + time
    assert len(head) == 0x5C
    head += b"A".ljust(9, b"\0") + b"2026:11:28\0"
    return head.ljust(0x74, b"\0") + struct.pack("<I", 6)


def test_without_a_receiver_there_is_no_gps(camera: Runner) -> None:
    assert camera.values("return require'gpslib'") == [False]


def test_gps_tells_where_it_is(camera: Runner) -> None:
    camera.state.parameters[20] = bytes([3, 0, 1, 0, 0, 1, 0])
    data = "".join(f"\\{byte:03}" for byte in gps_data())
    code = (
        "get_buildinfo=function() return {platform='d20'} end "
        f"set_prop_str(require'propcase'.GPS,'{data}') local g=require'gpslib' "
        "local d=g.data() return g.version,d.status,d.lat,d.lon,d.height,g.data(1000).lat,"
        "table.concat(d.date,'-'),table.concat(d.time,':'),d.sats,d.fix,d.tz,d.isdst"
    )
    assert camera.values(code) == [
        *("1.0", True, 485, -112, 5190, 48500, "28-11-2026", "13:5:25", 6, 3, 180, True)
    ]


# ---- uartr --------------------------------------------------------------------------------------


def test_the_serial_line_goes_to_a_file(camera: Runner) -> None:
    camera.state.config[NATIVE_CALLS] = 1
    (camera.root / "X.LOG").write_text("old")
    camera.values(
        "local u=require'uartr' u.start('A/X.LOG',true) "
        "call_event_proc('Printf','%s %d %04x%%\\n','text',-7,255) u.stop() "
        "call_event_proc('Printf','lost')"
    )
    lines = (camera.root / "X.LOG").read_text().splitlines()
    assert lines[1:-1] == ["text -7 00ff%"]
    assert len(lines) == 3
    assert (camera.root / "UARTR.REQ").read_bytes() == b"\x77\x21\xce\x82"
    camera.values("local u=require'uartr' u.start('A/X.LOG') u.stop() u.start() u.stop()")
    assert len((camera.root / "X.LOG").read_text().splitlines()) == 5
    assert len(list(camera.root.glob("0*.LOG"))) == 1


def test_the_serial_line_wants_native_calls(camera: Runner) -> None:
    assert "native calls disabled" in camera.error("require'uartr'.start()")
