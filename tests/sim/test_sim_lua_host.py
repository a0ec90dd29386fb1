"""Starting, ending and killing scripts, and what a script cannot get at."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sim_scripts import FLUSH, Runner, script_threads, simulated

from chdkshell.chdk.constants import MessageStatus, ScriptStart, ScriptStatus
from chdkshell.sim.lua.host import ScriptHost


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[Runner]:
    with simulated(tmp_path) as runner:
        yield runner


def started(camera: Runner, code: str) -> ScriptHost:
    """Start a script, and wait until it says `up`."""
    host = camera.host
    assert host.execute(("write_usb_msg('up') " + code).encode(), FLUSH)[1] == ScriptStart.STARTED
    while host.read_message().data != b"up":
        assert host.running
        time.sleep(0.001)
    return host


LOOPS = [
    "while true do end",
    "while true do sleep(1) end",
    "sleep(-1)",
    "read_usb_msg(-1)",
    "wait_click()",
    "while true do pcall(function() while true do end end) end",
    "while true do xpcall(error, function() while true do end end) end",
    "local function f() while true do pcall(f) end end f()",
    "repeat until false",
    "table.sort({3,2,1}, function() while true do end end)",
    "string.gsub('x', 'x', function() while true do end end)",
    "setmetatable(_G, {__index=function() while true do end end}) return nothing",
    "usb_msg_table_to_string=function() while true do end end return {}",
    "loadstring('while true do end')()",
    "debug.sethook() while true do end",
    "for i=1,1/0 do local x=i*2 end",
]


@pytest.mark.parametrize("code", LOOPS)
def test_a_kill_ends_any_loop_at_once_and_leaves_no_message(camera: Runner, code: str) -> None:
    host = started(camera, code)
    host.kill()
    assert not host.running
    assert not host.outbox
    assert camera.value("return 'next'") == "next"


def test_a_loop_leaves_time_to_other_threads(camera: Runner) -> None:
    started(camera, "while true do end")
    for _ in range(20):
        time.sleep(0)  # it gives the interpreter away, and would not get it back


def test_closing_leaves_no_thread(tmp_path: Path) -> None:
    with simulated(tmp_path) as camera:
        started(camera, "while true do end")
        assert len(script_threads()) == 1
    assert not script_threads()


def test_a_short_script_does_not_wait_for_a_tick(
    camera: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chdkshell.sim.lua.host.TICK", 1000)
    for number in range(20):
        assert camera.value(f"return {number}") == number


def test_flags_of_execute(camera: Runner) -> None:
    host = started(camera, "sleep(-1)")
    first = host.last_id
    assert host.execute(b"return 1", 0x100) == (first, ScriptStart.RUNNING)
    assert host.status() == ScriptStatus.RUNNING
    assert host.write_message(b"m", first + 1) == MessageStatus.BAD_SCRIPT_ID
    assert host.write_message(b"m", first) == MessageStatus.QUEUED
    assert host.execute(b"return read_usb_msg()", 0) == (first + 1, ScriptStart.STARTED)
    host.wait_ended(60)
    assert host.read_message().data == b"m"
    assert host.execute(b"", 0x600) == (first + 2, ScriptStart.STARTED)
    host.wait_ended(60)
    assert host.execute(b"x x", 0) == (first + 3, ScriptStart.COMPILE_ERROR)
    assert host.write_message(b"m") == MessageStatus.NO_SCRIPT
    assert host.status() == ScriptStatus.MESSAGE_WAITING


def test_the_source_ends_at_a_nul(camera: Runner) -> None:
    assert camera.messages(b"return 5\0 garbage")[0].data == b"\5\0\0\0"


def test_waiting_for_messages_ends_when_they_come(camera: Runner) -> None:
    host = started(camera, "return read_usb_msg(600000)")
    host.write_message(b"now")
    assert host.wait_ended(60)
    assert host.read_message().data == b"now"


def test_writing_waits_for_room(camera: Runner) -> None:
    host = started(camera, "for i=1,16 do write_usb_msg(tostring(i),600000) end return 1")
    while len(host.outbox) < 15:
        time.sleep(0.001)
    host.read_message()
    assert host.wait_ended(60)
    assert len(host.outbox) == 15
    assert host.outbox[-1].data == b"16"


def test_write_fails_when_there_is_no_room_in_time(camera: Runner) -> None:
    messages = camera.messages("for i=1,15 do write_usb_msg(i) end x=write_usb_msg('16',30)")
    assert len(messages) == 15


def test_keys_and_overrides_end_with_the_script(camera: Runner) -> None:
    camera.state.recording = True
    host = started(camera, "set_tv96_direct(96) press('shoot_half') sleep(-1)")
    deadline = time.monotonic() + 60
    while camera.state.keys_held != {"shoot_half"}:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    assert camera.state.overrides.tv96 == 96
    host.kill()
    assert camera.state.keys_held == set()
    assert camera.state.overrides.tv96 is None


@pytest.mark.parametrize(
    "call",
    ["sleep(1)", "shoot()", "click('set')", "press('set')", "release('set')", "wait_click(1)",
     "read_usb_msg(1)", "write_usb_msg(1,1)"],
)  # fmt: skip
def test_functions_that_yield_fail_inside_pcall(camera: Runner, call: str) -> None:
    ok, text = camera.values(f"return pcall(function() {call} end)")
    assert (ok, text) == (False, "attempt to yield across metamethod/C-call boundary")


def test_yielding_in_required_code_fails(camera: Runner) -> None:
    scripts = camera.root / "CHDK" / "SCRIPTS"
    scripts.mkdir(parents=True)
    (scripts / "nap.lua").write_text("sleep(1)")
    text = "attempt to yield across metamethod/C-call boundary"
    assert camera.error("require'nap'") == text
    assert camera.error("dofile'A/CHDK/SCRIPTS/nap.lua'") == text
    assert camera.value("loadfile('A/CHDK/SCRIPTS/nap.lua')() return 1") == 1


def test_memory_is_limited(tmp_path: Path) -> None:
    with simulated(tmp_path, heap_limit=500_000) as camera:
        assert "not enough memory" in camera.error(
            "local t={} while true do t[#t+1]=('x'):rep(999)..#t end"
        )
        assert camera.value("return 'fine'") == "fine"


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[Runner]:
    """A camera whose scripts have 40,000 bytes, with 2,000 files in A/DCIM: 74 KB of names."""
    (tmp_path / "DCIM").mkdir()
    for number in range(2000):
        (tmp_path / "DCIM" / f"F{number:07d}.JPG").touch()
    (tmp_path / "big.txt").write_bytes(b"x" * 100_000)
    with simulated(tmp_path, heap_limit=40_000) as camera:
        yield camera


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("local n=0 for name in os.idir('A/DCIM') do n=n+1 end return n", 2000),
        ("for i=1,1000 do local it,s=os.idir('A/DCIM') it(s) end return 'closed'", "closed"),
        ("local t={} for i=1,40 do local it,s=os.idir('A/') t[i]={s,it(s)} end "
         "return t[1][2]..t[32][2]..type(t[33][2])", "DCIMDCIMnil"),
        ("local it,s=os.idir('A/DCIM') it(s) os.remove('A/DCIM/F0000001.JPG') "
         "local n=1 while it(s) do n=n+1 end return n", 2000),
        ("local it,s=os.idir('A/DCIM',{showall=true}) return it(s)..it(s)..it(s,true)",
         "...F0000000.JPG"),
    ],
)  # fmt: skip
def test_a_directory_is_read_name_by_name(crowded: Runner, source: str, value: object) -> None:
    assert crowded.value(source) == value


@pytest.mark.parametrize(
    "source",
    [
        "return #os.listdir('A/DCIM')",
        "return io.open('A/big.txt'):read('*a')",
        "for line in io.lines('A/big.txt') do return line end",
        "return loadfile('A/big.txt')",
        "local t={} for i=1,1000000 do t[i]={} os.stat('A/DCIM') end",
        "local t={} for i=1,1000000 do t[i]={} type(os.time({year=2026,month=1,day=i%28+1})) end",
        "local t={} while true do t[#t+1]=('x'):rep(999)..#t end",
    ],
)
def test_what_does_not_fit_the_memory_is_an_error(crowded: Runner, source: str) -> None:
    assert crowded.error(source).endswith("not enough memory")
    assert crowded.value("return 'fine'") == "fine"


def test_a_message_that_does_not_fit_the_memory(crowded: Runner) -> None:
    host = started(crowded, "return read_usb_msg(-1)")
    assert host.write_message(b"m" * 100_000) == MessageStatus.QUEUED
    assert host.wait_ended(60)
    assert [message.data for message in host.outbox] == [b"not enough memory"]


def test_a_script_survives_a_listing_that_does_not_fit(crowded: Runner) -> None:
    source = (
        "local n=0 for i=1,20 do local ok,text=pcall(os.listdir,'A/DCIM') "
        "local t={} for k=1,20 do t[k]=k..'' end "
        "if text=='not enough memory' then n=n+1 end end return n,#os.listdir('A')"
    )
    assert crowded.values(source) == [20, 2]


def test_a_script_that_is_too_big_does_not_start(crowded: Runner) -> None:
    source = "return 1 --" + "x" * 100_000
    assert crowded.error(source) == "not enough memory"


def test_interpreters_are_freed(camera: Runner) -> None:
    host = started(camera, "f=io.open('A/x','w') sleep(-1)")
    script = host._script
    assert script is not None
    reference = weakref.ref(script)
    del script
    host.close()
    gc.collect()
    assert reference() is None


# ---- what a script cannot get at ----------------------------------------------------------------

PROBES = [
    "return python",
    "return os.execute or os.exit or os.getenv or os.tmpname or os.setlocale",
    "return io.popen or io.tmpfile",
    "return package.loadlib or package.seeall or module or coroutine",
    "return package.loaded.python or package.loaded.coroutine",
    "return debug.debug",
    "for k,v in pairs(debug.getregistry()) do if type(v)=='userdata' then return k end end",
    "return debug.getupvalue(sleep,1)",
    "return debug.getupvalue(require,1)",
    "return debug.getupvalue(string.format,1)",
    "return debug.getupvalue(io.open('A/x','w').lines,1)",
    "return loadstring('\\27Lua')",
    "local s='\\27LuaQ' return load(function() local r=s s=nil return r end)",
    "return io.open('/etc/passwd')",
    "return io.open('A/../../etc/passwd')",
    "return loadfile('/etc/passwd')",
    "return os.listdir('/')",
]


@pytest.mark.parametrize("code", PROBES)
def test_nothing_of_the_host_is_in_reach(camera: Runner, code: str) -> None:
    assert camera.values(code)[:1] in ([None], [])


def test_no_value_in_reach_is_a_python_object(camera: Runner) -> None:
    code = """
    local seen, found = {}, {}
    local function walk(v, path)
      local kind = type(v)
      if kind ~= 'table' and kind ~= 'function' and kind ~= 'userdata' or seen[v] then return end
      seen[v] = true
      if kind == 'userdata' and tostring(v):find('python', 1, true) then found[#found+1] = path end
      if kind == 'table' then for k, w in pairs(v) do walk(w, path..'.'..tostring(k)) end end
      if kind == 'function' then
        for i = 1, 60 do
          local name, w = debug.getupvalue(v, i)
          if not name then break end
          walk(w, path..'^'..name)
        end
        walk(debug.getfenv(v), path..'!env')
      end
      walk(debug.getmetatable(v), path..'!meta')
    end
    walk(_G, '_G') walk(debug.getregistry(), 'registry') walk('', 'string')
    return table.concat(found, ' ')
    """
    assert camera.value(code) == ""


def test_setfenv_does_not_reach_functions_of_the_firmware(camera: Runner) -> None:
    assert "cannot change environment" in camera.error("setfenv(sleep, {})")
    assert camera.value("return getfenv(sleep) == _G") is True


def test_errors_of_the_firmware_functions_carry_the_scripts_line(camera: Runner) -> None:
    expected = ":2: bad argument #1 to 'sleep' (number expected, got nil)"
    assert camera.error("\nsleep(nil)") == expected
    assert camera.error("\nreturn sleep(nil)") == expected
    text = ":1: bad argument #2 to 'format' (number expected, got string)"
    assert camera.error("return string.format('%d', 'x')") == text
    text = ":1: bad argument #1 to 'format' (number expected, got string)"
    assert camera.error("local x=('%d'):format('x')") == text
    assert camera.error("local x=click('nokey')") == ":1: unknown key"
    assert camera.error("local x=os.stat({})") == (
        ":1: bad argument #1 to 'stat' (string expected, got table)"
    )
