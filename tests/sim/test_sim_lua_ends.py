# ruff: noqa: E501 - tables of Lua code
"""No script takes the simulated camera with it: what would run on for ever can be killed."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sim_scripts import FLUSH, Runner, script_threads, simulated

from chdkshell.chdk.constants import ScriptStart


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[Runner]:
    with simulated(tmp_path) as runner:
        yield runner


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("return unpack({},-2147483647-1,2147483647)", ":1: too many results to unpack"),
        ("return unpack({},0,2147483647)", ":1: too many results to unpack"),
        ("return unpack({},-1,2147483646)", ":1: too many results to unpack"),
        ("return unpack({},1,8000)", ":1: too many results to unpack"),
        ("return string.byte(('x'):rep(9000),1,-1)", ":1: stack overflow (string slice too long)"),
        ("return ('x'):rep(2147483647)", "not enough memory"),
        ("return debug.traceback('x',-2147483647)", "not enough memory"),
        ("local f=io.open('A/F','w+') f:seek('set',2147483647) f:write('x') f:seek('set',0) f:read('*a')", "not enough memory"),
    ],
)  # fmt: skip
def test_what_asks_for_too_much_ends_with_an_error(camera: Runner, code: str, text: str) -> None:
    assert camera.error(code) == text


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("return debug.traceback('x','2147483648')", ["x\nstack traceback:"]),
        ("for i=1,500 do string.rep('',2147483647) end return ('x'):rep(-2147483647)", [""]),
        ("return select('#',unpack({},1,7997))", [7997]),
        ("return select('#',string.find(('x'):rep(300000),('x?'):rep(2000)))", [2]),
        ("local t={} table.insert(t,2147483647,1) return #t,t[2147483647]", [0, 1]),
        ("return table.remove({1,2},2147483647),table.concat({},'',2147483647,-2147483647)", [None, ""]),
        ("local f,m=load(function() return 'x x ' end) return f,m", [None, "(load):1: '=' expected near 'x'"]),
        ("local n=0 load(function() n=n+1 return n<3 and 'x=1 ' or n==3 and ') ' or 'y' end) return n", [3]),
    ],
)  # fmt: skip
def test_what_only_looks_endless_ends(camera: Runner, code: str, values: list[object]) -> None:
    assert camera.values(code) == values


def test_a_pattern_that_goes_too_deep_is_an_error(camera: Runner) -> None:
    text = camera.error("return string.find(('x'):rep(300000),('x?'):rep(300000))")
    assert text in ("not enough memory", ":1: stack overflow")
    assert camera.value("return 'next'") == "next"


def test_a_serializer_that_calls_itself_through_the_firmware_ends(camera: Runner) -> None:
    code = "function usb_msg_table_to_string(t) write_usb_msg(t) return 'x' end "
    ok, text = camera.values(code + "return pcall(write_usb_msg,{})")
    assert ok is False
    assert str(text).endswith("C stack overflow")
    gc.collect()


ENDLESS = [
    "table.insert({},-2147483647,1)",
    "return ('a'):rep(3000):find('.-.-.-.-.-b')",
    "return ('a'):rep(3000):match('a*a*a*a*b')",
    "return ('a'):rep(100000):gsub('a*a*a*b','')",
    "for a in ('a'):rep(100000):gmatch('.-.-.-b') do end",
    "return ('a'):rep(40):find(('a?'):rep(40)..('a'):rep(41))",
    "return ('('):rep(200000):find(('%b()'):rep(3))",
    "load(function() while true do end end)",
    "local p=newproxy(true) getmetatable(p).__gc=function() while true do end end p=nil collectgarbage()",
    "local p=newproxy(true) getmetatable(p).__gc=function() while true do end end p=nil while true do local t={} end",
    "local p=newproxy(true) rawset(getmetatable(p),'__gc',function() while true do end end) p=nil collectgarbage()",
    "local p=newproxy(true) debug.setmetatable(p,{__gc=function() while true do end end}) p=nil collectgarbage()",
    "debug.sethook(function() while true do end end,'l')\nx=1\nx=2",
    "debug.sethook(function() while true do end end,'c') print(1)",
    "local f=function() end for i=1,190 do local g=f f=function() pcall(g) while true do end end end f()",
    "for i=2147483640,2147483647 do end",
    "for i=1,0,0 do end for i=0,1,0 do end",
    "setmetatable(_G,{__index=function() while true do end end}) return x",
]  # fmt: skip


@pytest.mark.parametrize("code", ENDLESS)
def test_a_kill_ends_it_and_leaves_no_thread(camera: Runner, code: str) -> None:
    host = camera.host
    assert host.execute(("write_usb_msg('up') " + code).encode(), FLUSH)[1] == ScriptStart.STARTED
    while host.read_message().data != b"up":
        assert host.running
        time.sleep(0.001)
    assert not host.wait_ended(0.1), "it ended by itself"
    host.kill()
    assert not host.running
    assert not script_threads()
    assert camera.value("return 'next'") == "next"


def test_a_finalizer_runs_where_the_collector_runs(camera: Runner) -> None:
    code = """
        local n=0
        local function gone() n=n+1 end
        for i=1,5 do getmetatable(newproxy(true)).__gc=gone end
        collectgarbage()
        return n
    """
    assert camera.value(code) == 5


def test_finalizers_of_an_ended_script_do_not_run(camera: Runner) -> None:
    code = "p=newproxy(true) getmetatable(p).__gc=function() while true do end end return 'over'"
    assert camera.value(code) == "over"
    assert camera.value("return 'next'") == "next"
