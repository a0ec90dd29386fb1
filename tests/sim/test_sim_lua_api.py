# ruff: noqa: E501 - tables of Lua code
"""The functions of the camera's Lua: each is there, and what a script can observe works."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sim_scripts import STANDING, Runner, run_clock, simulated

from chdkshell.sim.api.firmware import APIS
from chdkshell.sim.shot import Shot

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture
def camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    monkeypatch.setitem(os.environ, "TZ", "UTC")
    time.tzset()
    with simulated(tmp_path) as runner:
        yield runner


@pytest.fixture
def recording(camera: Runner) -> Runner:
    camera.state.recording = True
    return camera


# ---- every name ---------------------------------------------------------------------------------


def firmware_names() -> dict[str, str]:
    """Return the name of every function and table that the firmware's Lua has, with its kind."""
    functions, _, rest = (DATA / "globals.txt").read_text().partition("tables:")
    rest = rest.partition("other:")[0]
    kinds = dict.fromkeys(functions.removeprefix("functions:").split(), "function")
    for table, fields in re.findall(r"^(\w+): ((?:[\w ]|\n(?!\w+:|other))+)", rest, re.MULTILINE):
        kinds[table] = "table"
        kinds.update((f"{table}.{field}", "") for field in fields.split())
    return {**kinds, "_VERSION": "string"}


NAMES = firmware_names()

STANDARD_LUA = """
    assert collectgarbage dofile error gcinfo getfenv getmetatable ipairs load loadfile loadstring
    newproxy next pairs pcall print rawequal rawget rawset require select setfenv setmetatable
    tonumber tostring type unpack xpcall usb_msg_table_to_string _VERSION
    io.stderr io.stdin io.stdout io.lines os.idir
"""
"""Standard Lua, and what is written in Lua: the tests of syntax, files and scripts have them."""


def test_the_list_of_names_was_read() -> None:
    assert len(NAMES) > 400
    assert {"get_zoom", "os.stat", "rawop.meter", "fmath.new", "write_usb_msg"} <= NAMES.keys()


def test_every_name_of_the_firmware_exists_with_its_type(camera: Runner) -> None:
    for name, kind in NAMES.items():
        path = "".join(f"['{part}']" for part in name.split("."))
        found = camera.value(f"return type(_G{path})")
        assert found == kind if kind else found != "nil", name


def test_every_name_is_implemented() -> None:
    implemented = {name for api in APIS for name in api}
    libraries = {
        "debug",
        "fmath",
        "imath",
        "io",
        "math",
        "os",
        "package",
        "rawop",
        "string",
        "table",
    }
    in_lua = {name for name in NAMES if name.split(".")[0] in libraries - {"rawop", "os", "io"}}
    tables = {name for name, kind in NAMES.items() if kind == "table"}
    known = implemented | set(STANDARD_LUA.split()) | in_lua | tables | {"rawop.create_histogram"}
    assert NAMES.keys() - known == set()
    assert implemented <= NAMES.keys()


# ---- the camera's state -------------------------------------------------------------------------


def test_mode(camera: Runner) -> None:
    assert camera.values("return get_mode()") == [False, False, 514]
    run_clock(camera.host, STANDING)
    assert camera.values("switch_mode_usb(1) return (get_mode())") == [False], "it takes a moment"
    run_clock(camera.host, 10)
    assert camera.values("repeat sleep(10) until get_mode() return get_mode()") == [
        *(True, False, 258)
    ]
    assert camera.values("set_record(false) sleep(500) return (get_mode())") == [False]
    assert camera.values("post_levent_to_ui('PressRecButton') sleep(500) return (get_mode())") == [
        True
    ]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return get_zoom(),get_zoom_steps()", [0, 8]),
        ("set_zoom(3) set_zoom_rel(2) return get_zoom()", [5]),
        ("set_zoom(99) return get_zoom(),get_focal_length()", [7, 21850]),
        ("return get_focal_length(-5),get_focal_length(2)", [6200, 8890]),
        ("local ok=set_focus(500) return ok,get_focus()", [True, 2000]),
        ("set_aflock(1) set_focus(500) return get_focus()", [500]),
        ("set_mf(1) set_focus(-1) return get_focus(),get_focus_mode()", [65535, 1]),
        ("return get_max_av96(),get_min_av96()", [576, 288]),
        ("set_ev(-96) return get_ev(),get_prop(107)", [-96, -96]),
        ("set_prop(107,-5) return get_prop(107),get_prop_str(107,2)", [-5, "\xfb\xff"]),
        ("return set_prop_str(300,'abc'),get_prop_str(300,3),get_prop_str(9999,2)",
         [True, "abc", False]),
        ("set_nd_filter(1) return get_nd_present(),get_nd_value_ev96()", [2, 288]),
        ("return is_capture_mode_valid(5),is_capture_mode_valid(99),set_capture_mode(5)",
         [True, False, True]),
        ("set_user_tv96(96) set_user_tv_by_id_rel(1) return get_user_tv96()", [128]),
        ("press('shoot_half') repeat sleep(10) until get_shooting() return get_shooting(),is_pressed('shoot_half'),is_pressed('set')",
         [True, False, False]),
        ("press('set') release('set') return is_pressed('set'),get_shooting()", [False, False]),
        ("wait_click(20) return is_key('no_key')", [True]),
        ("local n,i=get_levent_def('PressRecButton') return n,get_levent_def(i)==n", ["PressRecButton", True]),
        ("return get_levent_def('Nope'),get_levent_index('PressPowerButton')", [None, 0]),
        ("return (get_levent_def_by_index(0)),get_levent_def_by_index(-1)", ["PressPowerButton", None]),
        ("poke(0x1001,200,1) return peek(0x1001,1),peek(0x1001),poke(0x1002,1,4)", [200, None, None]),
        ("poke(0x2000,0xDEADBEEF) return peek(0x2000),peek(0x2002,2)", [-559038737, 0xDEAD]),
        ("set_raw(true) set_raw_nr(2) return get_raw(),get_raw_nr()", [True, 2]),
        ("return set_canon_image_format(1),set_canon_image_format(2),get_canon_image_format()",
         [True, False, 1]),
        ("set_clock(2024,2,29,12,30,40) return get_time('Y'),get_time('M'),get_time('D'),"
         "get_time('h'),get_time('x')", [2024, 2, 29, 12, -1]),
        ("set_clock(2024,2,29,12,30,0) return os.date('%Y-%m-%d %H:%M'),os.date('*t').yday",
         ["2024-02-29 12:30", 60]),
        ("return os.time{year=2025,month=11,day=1},os.difftime(10,3)", [1761998400, 7]),
        ("return set_yield(100,50),set_yield()", [25, 100, 50]),
        ("return get_buildinfo().os,get_propset(),get_temperature(9)", ["dryos", 6, -100]),
        ("return get_usb_power(),get_vbatt()>3000,get_disk_size()>0,get_free_disk_space()>=0",
         [0, True, True, True]),
        ("local t=get_tick_count() sleep(50) return get_tick_count()-t>=50", [True]),
        ("return get_meminfo().name,get_meminfo('aram')", ["combined", False]),
        ("set_levent_active('PressSw1',true) return get_dofinfo().focus", [2000]),
        ("return init_usb_capture(1),get_usb_capture_target(),init_usb_capture(0)",
         [False, 0, True]),
    ],
)  # fmt: skip
def test_state(recording: Runner, code: str, expected: list[object]) -> None:
    recording.state.capture.support = 0
    assert recording.values(code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return iso_to_sv96(80),iso_to_sv96(100),sv96_to_iso(480),iso_to_sv96(0)",
         [449, 480, 100, 0]),
        ("return usec_to_tv96(10000),tv96_to_usec(638),seconds_to_tv96(1,100),seconds_to_tv96(30,1)",
         [638, 9986, 638, -471]),
        ("return aperture_to_av96(2800),av96_to_aperture(288),av96_to_aperture(0)",
         [285, 2828, -1]),
        ("return sv96_market_to_real(480),sv96_real_to_market(411)", [411, 480]),
        ("return bitand(12,10),bitor(12,10),bitxor(12,10),bitnot(0)", [8, 14, 6, -1]),
        ("return bitshl(1,31),bitshri(-8,1),bitshru(-8,28),bitshl(1,32)", [-2147483648, -4, 15, 0]),
    ],
)  # fmt: skip
def test_conversions(camera: Runner, code: str, expected: list[object]) -> None:
    assert camera.values(code) == expected


def test_shooting(recording: Runner) -> None:
    shots: list[Shot] = []
    recording.state.on_shoot = shots.append
    code = """set_tv96_direct(320) set_focus(700) local n=get_exp_count() local s=shoot()
    click('shoot_full') repeat sleep(10) until get_exp_count()==n+2
    return s,get_exp_count()-n,get_focus()"""
    assert recording.values(code) == [0, 2, 700]
    recording.values("shoot()")
    assert [(s.number, s.tv96, s.focus) for s in shots] == [
        (1, 320, 700),
        (2, 576, 700),
        (3, 576, 700),
    ]


def test_shooting_in_play_mode_times_out(camera: Runner) -> None:
    camera.state.clock.speed = 1000
    assert camera.values("return shoot(),get_exp_count()") == [1, 0]


def test_console(camera: Runner) -> None:
    camera.messages("print('a',1,nil,true) print(('x'):rep(300))")
    first, second = camera.state.console
    assert first == "a 1 nil true"
    assert second == "x" * 127


def test_print_screen_logs_the_console(camera: Runner) -> None:
    (camera.root / "CHDK" / "LOGS").mkdir(parents=True)
    camera.messages(
        "print_screen(7) print('one') print_screen(0) print('two') print_screen(-7) print(3)"
    )
    assert (camera.root / "CHDK" / "LOGS" / "LOG_0007.TXT").read_bytes() == b"one\n3\n"


def test_shut_down(camera: Runner) -> None:
    calls: list[str] = []
    camera.state.on_power_off = lambda: calls.append("off")
    camera.messages("shut_down()")
    assert calls == ["off"]
    assert not camera.state.powered


def test_reboot(camera: Runner) -> None:
    """It returns where it does not start the file; else nothing is left to return to."""
    calls: list[str] = []
    camera.state.on_power_off = lambda: calls.append("off")
    (camera.root / "SHORT.BIN").write_bytes(b"123")
    (camera.root / "BOOT.BIN").write_bytes(b"1234")
    for file in ("A/NONE.BIN", "A/NONE.FI2", "A/SHORT.BIN", "A/DCIM"):
        assert camera.values(f"return reboot('{file}')") == [False]
    assert calls == []
    camera.messages("reboot('A/BOOT.BIN')")
    camera.messages("reboot()")
    assert calls == ["off", "off"]


# ---- numbers with a fraction --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("local x=fmath.new(45,10) return x:tostr(2),(x+1):tostr(1),(1-x):tostr(1),(-x):int()",
         ["4.50", "5.5", "-3.5", -4]),
        ("local x=fmath.new(9) return x:sqrt():int(),(x^2):int(),(x/2):tostr(3),x%4==fmath.new(1)",
         [3, 81, "4.500", True]),
        ("local a,b=fmath.new(1,2),fmath.new(2,3) return a<b,a<=b,a==b,a>b", [True, True, False, False]),
        ("local x=fmath.new(-5,2) return x:floor(),x:ceil(),x:round(),x:int()", [-3, -2, -3, -2]),
        ("return type(fmath.pi),fmath.sin(fmath.pi_2):tostr(3),fmath.cos(0):tostr(3)",
         ["userdata", "1.000", "1.000"]),
        ("return imath.scale,imath.mul(1500,2000),imath.div(1000,3000),imath.muldiv(7,5,2)",
         [1000, 3000, 333, 17]),
        ("return imath.sind(30000),imath.cosr(0),imath.tand(45000),imath.sqrt(4000)",
         [500, 1000, 1000, 2000]),
        ("return imath.floor(-1500),imath.ceil(1001),imath.round(1500),imath.int(-1500),"
         "imath.frac(-1500)", [-2000, 2000, 2000, -1000, -500]),
        ("return imath.recd(2000,90000)", [0, 2000]),
        ("return imath.pold(0,2000)", [2000, 90000]),
        ("return math.abs(-5),math.max(1,3),math.min(1,3),math.pow(2,10),math.pow(2,-1)",
         [5, 3, 1, 1024, 0]),
        ("local r=math.random(5) return r>=1 and r<=5, math.random(7,7)", [True, 7]),
        ("return ('%x'):format(-1),('%d'):format(-1),('%u %5.1s|'):format(-1,'ab')",
         ["ffffffff", "-1", "4294967295     a|"]),
        ("return tonumber('ff',16),tonumber('ffffffff',16),tonumber('zz',36),tonumber('8',8)",
         [255, -1, 1295, None]),
        ("return type(collectgarbage('count')),collectgarbage('count')%1", ["number", 0]),
    ],
)  # fmt: skip
def test_numbers(camera: Runner, code: str, expected: list[object]) -> None:
    assert camera.values(code) == expected


def test_dividing_by_zero_in_the_libraries(camera: Runner) -> None:
    assert camera.error("imath.div(1,0)") == ":1: divide by 0"
    assert camera.error("fmath.new(1,0)") == ":1: divide by 0"


# ---- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("local f=io.open('A/F','wb') f:write('a\\n',12,'\\0b') f:close() f=io.open('A/F','rb') "
         "return f:read('*l','*n',2,'*l','*a',0)", ["a", 12, "\0b", None]),
        ("local f=io.open('A/F','w') f:write('x\\ny') f:close() local t={} "
         "for l in io.lines('A/F') do t[#t+1]=l end return table.concat(t,',')", ["x,y"]),
        ("local f=io.open('A/F','w+') f:write('hello') return f:seek('set',1),f:read(3),f:seek(),"
         "f:seek('end')", [1, "ell", 4, 5]),
        ("local f=io.open('A/F','w') return io.type(f),tostring(f):match('^file %('),type(f),"
         "f:close(),io.type(f),tostring(f),io.type(1)",
         ["file", "file (", "userdata", True, "closed file", "file (closed)", None]),
        ("io.output('A/F') io.write('z',1) io.close() return io.open('A/F'):read('*a')", ["z1"]),
        ("local f=io.open('A/F','w') f:write('q') f:close() io.input('A/F') return io.read(1),io.read(1)",
         ["q", None]),
        ("return io.open('A/NO/F','w')", [None, "A/NO/F: errno 0x2", 0]),
        ("return pcall(io.lines,'A/NONE')", [False, "bad argument #1 to '?' (A/NONE: errno 0x2)"]),
        ("return os.mkdir('A/D'),os.stat('A/D').is_dir,os.rename('A/D','A/E'),os.stat('a/e').is_dir,"
         "os.remove('A/E'),os.stat('A/E')",
         [True, True, True, True, True, None, "A/E: errno 0x2", 0]),
        ("os.mkdir('A/D') io.open('A/D/F','w'):close() local t={} for n in os.idir('A/D') do "
         "t[#t+1]=n end return #t,t[1],#os.listdir('A/D',true),#os.listdir('A/D',{showall=true})",
         [1, "F", 3, 3]),
        ("local it,ud=os.idir('A/NONE') return type(it),type(ud),it(ud)", ["function", "userdata"]),
        ("for i=1,100 do io.open('A/F','w') end return 'not too many'", ["not too many"]),
        ("io.open('A/F','w'):write('unclosed') return 1", [1]),
    ],
)  # fmt: skip
def test_files(camera: Runner, code: str, expected: list[object]) -> None:
    assert camera.values(code) == expected


def test_open_files_are_limited(camera: Runner) -> None:
    code = "local t={} for i=1,100 do t[i]=io.open('A/F'..i,'w') end"
    assert camera.error(code) == ":1: too many open files"


def test_files_are_closed_when_the_script_ends(camera: Runner) -> None:
    camera.messages("f=io.open('A/F','w') f:write('unclosed')")
    assert (camera.root / "F").read_bytes() == b"unclosed"


def test_errors_of_files(camera: Runner) -> None:
    assert camera.error("io.read()") == ":1: standard input file is closed"
    assert camera.error("local f=io.open('A/F','w') f:close() f:read()") == (
        ":1: attempt to use a closed file"
    )
    assert camera.error("local f=io.open('A/F','w') f.read(1)") == (
        ":1: bad argument #1 to 'read' (FILE* expected, got number)"
    )
    assert camera.error("io.open('A/F','w'):read('x')") == (
        ":1: bad argument #1 to 'read' (invalid option)"
    )


def test_require(camera: Runner) -> None:
    for folder, name, text in (
        ("SCRIPTS", "one", "return {n=1+1,name=...}"),
        ("LUALIB", "two", "x=require'one'.n"),
        ("SCRIPTS", "bad", "x = = 1"),
        ("SCRIPTS", "loop", "require'loop'"),
        ("LUALIB/gen", "deep", "return 'deep'"),
    ):
        path = camera.root / "CHDK" / folder / f"{name}.lua"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    code = """local one=require'one' return one.n,one.name,require'one'==one,require'two',x,
    require'gen.deep',package.loaded.one==one"""
    assert camera.values(code) == [2, "one", True, True, 2, "deep", True]
    assert camera.error("require'bad'") == (
        "error loading module 'bad' from file 'A/CHDK/SCRIPTS/bad.lua':\n\t"
        "A/CHDK/SCRIPTS/bad.lua:1: unexpected symbol near '='"
    )
    assert "loop or previous error loading module 'loop'" in camera.error("require'loop'")
    assert camera.error("require'none'") == (
        ":1: module 'none' not found:\n\tno field package.preload['none']"
        "\n\tno file 'A/CHDK/SCRIPTS/none.lua'\n\tno file 'A/CHDK/LUALIB/none.lua'"
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return loadstring('return 7/2')(),load(function() end) ~= nil", [3, True]),
        ("return loadstring('x x')", [None, ":1: '=' expected near 'x'"]),
        ("return loadstring('x x','=name'),loadstring('x x','@file')", [None, None, "file:1: '=' expected near 'x'"]),
        ("local n=0 return load(function() n=n+1 return ({'return ','1','+1'})[n] end)()", [2]),
        ("return pcall(loadstring('error(1)','=(mine)'))", [False, "(mine):1: 1"]),
        ("return loadfile('A/NONE')", [None, "cannot fopen A/NONE"]),
        ("return select('#',loadstring('return ...')(1,2,3))", [3]),
    ],
)  # fmt: skip
def test_loading(camera: Runner, code: str, expected: list[object]) -> None:
    assert camera.values(code) == expected
