"""A Lua session: what lives from chunk to chunk, what ends a chunk, and what comes back."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from support.shell_process import run
from support.timeouts import TIMEOUT

import chdkshell
from chdkshell.chdk.constants import ScriptStatus
from chdkshell.chdk.luasession import Described, LuaSession, SessionRestartedError
from chdkshell.errors import Cancelled, ChdkError, ScriptError
from chdkshell.flow import CancelToken
from chdkshell.shell.advice import next_step
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces import transport


@pytest.fixture(scope="module")
def camera() -> Iterator[chdkshell.Camera]:
    with chdkshell.connect("sim:") as camera:
        yield camera


def simulated() -> SimCamera:
    """The camera of the fixture."""
    return transport._cameras["sim:"]


@pytest.fixture
def session(camera: chdkshell.Camera) -> Iterator[LuaSession]:
    with LuaSession(camera.scripts) as session:
        yield session
    assert not camera.scripts.status() & ScriptStatus.RUNNING


def test_variables_and_functions_live_on(session: LuaSession) -> None:
    assert session.evaluate("x = 5") == ()
    assert session.evaluate("function twice(a) return a*2 end") == ()
    assert session.evaluate("twice(x), 'a', nil, true") == (10, "a", None, True)


def test_values_come_back_whole(session: LuaSession) -> None:
    assert session.evaluate("{1, {2, {b='c'}}}") == ([1, [2, {"b": "c"}]],)
    binary = session.evaluate(r"string.rep('\0\255\r\n\"', 20000)")
    assert binary == (b'\x00\xff\r\n"' * 20000,)
    described = session.evaluate("os.stat, {f=print, n=1}")
    assert described[0] == Described("<function>")
    assert isinstance(described[1], Described)
    assert "f=<function>" in described[1].text


def test_what_is_printed_comes_as_it_is_printed(session: LuaSession) -> None:
    printed: list[str] = []
    waited = threading.Event()
    cancel = CancelToken()

    def on_print(text: str) -> None:
        printed.append(text)
        if len(printed) == 2:
            waited.set()

    def interrupt() -> None:
        assert waited.wait(TIMEOUT)
        cancel.set()

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(Cancelled):
        session.evaluate("print('a', nil, 1) print() while true do sleep(10) end", on_print, cancel)
    thread.join()
    assert printed == ["a\tnil\t1", ""]
    printed.clear()
    session.evaluate("for i=1,100 do print(i) end", printed.append)
    assert printed == [str(i) for i in range(1, 101)]


def test_errors_do_not_end_it(session: LuaSession) -> None:
    session.evaluate("kept = {a={1,2}} function f() sleep(1) return 9 end")
    with pytest.raises(ScriptError) as failed:
        session.evaluate("local a\nerror('boom')")
    assert (failed.value.kind, failed.value.message, failed.value.line) == ("runtime", "boom", 2)
    with pytest.raises(ScriptError) as wrong:
        session.evaluate("y = = 2")
    assert wrong.value.kind == "compile"
    assert session.evaluate("kept.a[2], f()") == (2, 9)


def test_an_error_after_waiting_does_not_end_it(session: LuaSession) -> None:
    session.evaluate(
        "itself = {} itself.itself = itself local n = 0 function count() n=n+1 return n end"
    )
    session.evaluate("switch_mode_usb(1) repeat sleep(10) until get_mode()")
    session.evaluate("count() press('shoot_half') repeat sleep(10) until get_shooting()")
    with pytest.raises(ScriptError) as failed:
        session.evaluate("sleep(5)\nfor i=1,3 do sleep(1)\nnosuch.field = 1 end x = 'after'")
    assert (failed.value.line, failed.value.message) == (
        3,
        "attempt to index global 'nosuch' (a nil value)",
    )
    assert session.evaluate("itself.itself==itself, count(), x, get_shooting()") == (
        True, 2, None, True,
    )  # fmt: skip
    session.evaluate("release('shoot_half')")


def test_keys_stay_held(session: LuaSession) -> None:
    session.evaluate("switch_mode_usb(1) repeat sleep(10) until get_mode()")
    session.evaluate("press('shoot_half') repeat sleep(10) until get_shooting()")
    assert session.evaluate("get_shooting()") == (True,)
    session.evaluate("release('shoot_half') repeat sleep(10) until not get_shooting()")


@pytest.mark.parametrize(
    "endless",
    ["while true do end", "while true do sleep(10) end", "sleep(1000000)", "repeat until false",
     "while true do pcall(print) end", "read_usb_msg(-1)", "while true do print('x') end",
     "pcall(function() while true do end end) return 1",
     "for i=1,1000000 do sleep(1) pcall(function() while true do end end) end",
     "function idle() while sleep(1) or true do end end idle()"],
)  # fmt: skip
def test_an_interrupt_ends_the_chunk_alone(
    session: LuaSession, endless: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chdkshell.chdk.luasession.INTERRUPT_SECONDS", TIMEOUT)
    session.evaluate("x = 7")
    cancel = CancelToken()
    timer = threading.Timer(0.1, cancel.set)
    timer.start()
    with pytest.raises(Cancelled):
        session.evaluate(endless, cancel=cancel)
    timer.join()
    assert session.evaluate("x") == (7,)


def test_a_chunk_that_heeds_no_interrupt_is_killed_with_the_session(
    session: LuaSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chdkshell.chdk.luasession.INTERRUPT_SECONDS", 0.1)
    session.evaluate("x = 7")
    camera, cancel = simulated(), CancelToken()

    def cancel_in_the_loop() -> None:
        while not (camera.card.root / "LOOPS").exists():
            assert camera.scripts.running
            time.sleep(0.005)
        cancel.set()

    thread = threading.Thread(target=cancel_in_the_loop)
    thread.start()
    with pytest.raises(Cancelled, match="killed") as killed:
        session.evaluate("os.mkdir('A/LOOPS') loadstring('while true do end')()", cancel=cancel)
    thread.join()
    assert "variables, functions and held keys are gone" in next_step(killed.value)
    assert session.evaluate("x") == (None,)


def test_a_script_that_ends_on_the_camera_is_replaced(
    session: LuaSession, camera: chdkshell.Camera
) -> None:
    session.evaluate("x = 7")
    camera.scripts.kill()
    with pytest.raises(SessionRestartedError, match="ended on the camera") as ended:
        session.evaluate("x")
    assert "are gone" in next_step(ended.value)
    assert session.evaluate("x") == (None,)


def test_an_error_that_nothing_protects_from_tells_that_all_is_gone(session: LuaSession) -> None:
    session.evaluate("x = 7")
    with pytest.raises(SessionRestartedError) as failed:
        session.evaluate("loadstring('return 1 + {}')()")
    assert failed.value.message == "attempt to perform arithmetic on a table value"
    assert session.evaluate("x") == (None,)


def test_what_cannot_be_taken_at_once_is_not_lost(session: LuaSession) -> None:
    printed: list[str] = []
    session.evaluate("for i=1,3000 do print(i, string.rep('x', i % 50)) end", printed.append)
    assert printed == [f"{i}\t{'x' * (i % 50)}" for i in range(1, 3001)]
    printed.clear()
    session.evaluate("print(string.rep('long', 5000)) print('after')", printed.append)
    assert printed == ["long" * 5000, "after"]


@pytest.mark.parametrize("code", ["1, 2, 3, 4", "string.rep('x', 20000)"])
def test_what_is_kept_of_an_answer_is_bounded(
    session: LuaSession, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr("chdkshell.chdk.collecting.MAX_COUNT", 3)
    with pytest.raises(ChdkError, match="more messages than can be kept"):
        session.evaluate(code)
    monkeypatch.undo()
    assert session.evaluate("5") == (5,)


def test_what_fails_amid_an_answer_does_not_mix_it_with_the_next(session: LuaSession) -> None:
    def fail(text: str) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        session.evaluate("print(1) return 2, 3", fail)
    assert session.evaluate("5") == (5,)


def test_messages_reach_the_chunk(session: LuaSession) -> None:
    session.send("hello")
    assert session.evaluate("read_usb_msg(1000)") == ("hello",)
    assert session.evaluate("read_usb_msg()") == (None,)


def test_the_command_in_a_batch() -> None:
    done = run(
        "-r", "--sim", "-e", "repl", stdin="x=4\n=x*2\nfunction f()\nreturn 1\nend\nf(), {2}\n"
    )
    assert (done.stdout, done.stderr, done.returncode) == ("8\n1\t{2}\n", "", 0)


def test_the_command_goes_on_after_errors() -> None:
    done = run("-r", "--sim", "-e", "repl", stdin="print('a')print()\nerror('no')\n1+1\n")
    assert done.stdout == "a\n\n2\n"
    assert done.stderr == (
        "ERROR: :2: no\nuser code: 2\nERROR: 1 chunk failed; the errors before tell why\n"
    )
    assert done.returncode == 1


def test_the_command_as_json() -> None:
    done = run("-r", "--json", "--sim", "-e", "repl print(1) return {a=2}, nil")
    assert done.stdout == (
        '{"command": "repl", "ok": true, "result": [{"printed": "1"}, '
        '{"values": [{"a": 2}, null]}]}\n'
    )
