"""Running scripts on a model of a camera: waiting, errors, cancelling, killing, messages."""

import pytest
from support.chdk_model import RUNNING, USER, WAITING, Model, failure, integer, string
from support.chdk_replay import Answer, playing

from chdkshell.chdk import collecting
from chdkshell.chdk import scripts as scripts_module
from chdkshell.chdk.library import build
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import (
    ChdkError,
    ChdkVersionError,
    DisconnectedError,
    NoScriptError,
    PtpError,
    QueueFullError,
    ScriptError,
    ScriptRunningError,
    ScriptTimeoutError,
    UsageError,
)
from chdkshell.flow import CancelToken

# ---- running ----


def test_values_and_messages_keep_their_order() -> None:
    camera = Model(string(b"one", USER), integer(1), string(b"two", USER), integer(2), polls=3)
    result = camera.scripts.run("return 1, 2")
    assert [m.value for m in result.messages] == ["one", "two"]
    assert result.value == (1, 2)
    assert result.script_id == 1
    assert camera.executed[0][0] == 0x700


def test_call_gives_values() -> None:
    assert Model(integer(5)).scripts.call("return 5") == 5
    assert Model().scripts.call("x=1") is None
    assert Model(string(b"{1,{a='b'}}", subtype=5)).scripts.call("x") == [1, {"a": "b"}]


def test_messages_go_to_the_handler() -> None:
    taken: list[ScriptMessage] = []
    camera = Model(string(b"one", USER), integer(1), polls=2)
    result = camera.scripts.run("x", on_message=taken.append)
    assert [m.value for m in taken] == ["one"]
    assert result.messages == []
    assert result.value == 1


def test_messages_of_other_scripts_are_kept_apart() -> None:
    camera = Model(integer(7, script_id=1), integer(8, script_id=2), last_id=1)
    assert camera.scripts.run("x").value == 8
    assert [m.value for m in camera.scripts.drain()] == [7]


def test_an_error_of_another_script_is_not_this_ones() -> None:
    camera = Model(failure(b":1: old", script_id=1), integer(8, script_id=2), last_id=1)
    assert camera.scripts.run("x").value == 8


def test_a_runtime_error_tells_the_line_of_the_users_code() -> None:
    camera = Model(string(b"before", USER))
    lines = camera_line(camera, "return 1\nboom()", 2)
    camera.messages.append(failure(b":%d: attempt to call global 'boom'" % lines))
    with pytest.raises(ScriptError) as error:
        camera.scripts.run("return 1\nboom()")
    assert (error.value.line, error.value.source) == (2, "")
    assert str(error.value) == ":2: attempt to call global 'boom'"
    assert not camera.waiting


def camera_line(camera: Model, code: str, line: int) -> int:
    """Return the line in what is sent for a line in the user's code."""
    program = build(code, scripts_module.DEFAULT_LIBRARIES)
    assert program.source.decode().endswith(code)
    return program.source.count(b"\n") - code.count("\n") + line


def test_an_error_in_our_own_lua_names_the_file() -> None:
    camera = Model(failure(b":3: out of memory"))
    with pytest.raises(ScriptError) as error:
        camera.scripts.run("x", libraries=("paths",))
    assert (error.value.source, error.value.line) == ("paths.lua", 3)


def test_an_error_that_is_no_text() -> None:
    with pytest.raises(ScriptError, match="the script failed without a message"):
        Model(failure(b"")).scripts.run("error({})")


def test_a_compile_error() -> None:
    camera = Model(compile_error=failure(b":1: unexpected symbol", subtype=1))
    with pytest.raises(ScriptError) as error:
        camera.scripts.run("==")
    assert error.value.kind == "compile"


def test_a_compile_error_that_the_camera_does_not_explain() -> None:
    camera = Model(compile_error=failure(b"of another", script_id=9))
    with pytest.raises(ScriptError, match="does not say why"):
        camera.scripts.start("==")
    assert [m.text for m in camera.scripts.drain()] == ["of another"]


def test_a_running_script_is_not_killed() -> None:
    camera = Model(polls=100)
    camera.scripts.start("loop")
    with pytest.raises(ScriptRunningError, match="already running"):
        camera.scripts.run("return 1")
    assert camera.running
    assert camera.scripts.start("other", kill_running=True) == 2
    assert camera.executed[1][0] == 0x600


def test_messages_can_survive_a_start() -> None:
    camera = Model(polls=5)
    camera.scripts.start("x", flush=False)
    assert camera.executed[0][0] == 0x100


def test_waiting_for_a_script_that_was_started() -> None:
    camera = Model(integer(1), polls=3)
    camera.scripts.start("x")
    assert camera.scripts.wait().value == 1


def test_waiting_without_a_script() -> None:
    with pytest.raises(NoScriptError):
        Model().scripts.wait()


def test_polling_is_quick_at_first_and_slower_later(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    token = CancelToken()
    monkeypatch.setattr(token, "wait", pauses.append)
    Model(polls=60).scripts.run("x", cancel=token)
    assert pauses[0] == 0
    assert pauses == sorted(pauses)
    assert sum(pauses[:4]) < 0.02
    assert pauses[-1] == 0.25
    # of a wait that ends just after a look, an eighth is lost at most
    assert all(late <= max(0.005, sum(pauses[:at]) / 8) for at, late in enumerate(pauses))


def test_a_message_makes_polling_quick_again(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    token = CancelToken()
    monkeypatch.setattr(token, "wait", pauses.append)
    camera = Model(polls=16)

    def say() -> None:
        if camera.polls == 8:
            camera.waiting.append(string(b"m", USER))

    camera.on_poll = say
    camera.scripts.run("x", cancel=token)
    assert pauses.count(0) == 2


def test_a_timeout_leaves_the_script_running() -> None:
    camera = Model(polls=10**9)
    with pytest.raises(ScriptTimeoutError):
        camera.scripts.run("x", timeout=0.03)
    assert camera.running
    assert len(camera.executed) == 1


def test_a_flood_of_messages_does_not_outlast_the_timeout() -> None:
    camera = Model(polls=10**9)
    camera.on_poll = lambda: camera.waiting.extend([string(b"m", USER)] * 10**5)
    with pytest.raises(ScriptTimeoutError):
        camera.scripts.run("x", timeout=0.03)


def test_a_camera_that_announces_messages_and_has_none_does_not_outlast_the_timeout() -> None:
    camera = Model()
    looks = iter([RUNNING | WAITING] * 10**5)
    camera.answers[8] = lambda: Answer((next(looks, 0),))
    with pytest.raises(ScriptTimeoutError):
        camera.scripts.run("x", timeout=0.03)


def test_what_is_collected_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "MAX_COLLECTED", 100)
    camera = Model(*[string(b"x" * 60, USER)] * 2, polls=10**9)
    with pytest.raises(ChdkError, match="more messages than can be kept"):
        camera.scripts.run("x")
    assert not camera.running


def test_messages_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "MAX_COUNT", 50)
    camera = Model(compile_error=string(b"m", USER))
    camera.answers[10] = lambda: string(b"m", USER, script_id=7)
    with pytest.raises(ChdkError, match="more messages than can be kept"):
        camera.scripts.drain()
    with pytest.raises(ScriptError, match="does not say why"):
        camera.scripts.start("x")


def test_the_first_error_of_a_script_counts() -> None:
    camera = Model(failure(b":1: first"), failure(b":1: second"), polls=3)
    with pytest.raises(ScriptError, match="first"):
        camera.scripts.run("x")


def test_a_lost_connection_is_told_as_such() -> None:
    session, _ = playing(Answer((2, 9)), Answer((1, 0)), DisconnectedError("gone"))
    with pytest.raises(DisconnectedError, match="gone"):
        Scripts(ChdkProtocol(session)).run("x")


# ---- old cameras ----


def test_an_old_camera_is_asked_before_a_script_is_started() -> None:
    camera = Model(integer(1), version=(2, 5))
    camera.waiting.append(integer(9, script_id=7))
    assert camera.scripts.run("x").value == 1
    assert camera.executed[0][0] == 0
    assert [asked.params[0] for asked in camera.player.asked][:5] == [0, 8, 10, 10, 7]


def test_an_old_camera_that_runs_a_script_is_left_alone() -> None:
    camera = Model(polls=100, version=(2, 5))
    camera.scripts.start("loop")
    with pytest.raises(ScriptRunningError):
        camera.scripts.start("other")
    assert len(camera.executed) == 1


def test_killing_on_an_old_camera_needs_force() -> None:
    camera = Model(polls=10**9, version=(2, 5))
    camera.scripts.start("loop")
    with pytest.raises(ChdkVersionError, match="camera does not support clean kill"):
        camera.scripts.kill()
    assert camera.running
    camera.waiting.append(integer(1))
    camera.scripts.kill(force=True)
    assert not camera.running
    assert not camera.waiting
    assert camera.executed[-1] == (0, b"\0")


@pytest.mark.parametrize(("support", "error"), [(0, ChdkError), (1, PtpError)])
def test_a_camera_that_cannot_run_lua_says_so(support: int, error: type[Exception]) -> None:
    session, _ = playing(Answer((2, 9)), Answer((0, 0), code=0x2006), Answer((support,)))
    with pytest.raises(
        error, match="built without Lua" if not support else "asked to run a script"
    ):
        Scripts(ChdkProtocol(session)).run("x")


# ---- killing and messages ----


def test_kill() -> None:
    camera = Model(polls=10**9)
    camera.scripts.start("loop")
    camera.waiting.append(integer(1))
    camera.scripts.kill(flush=False)
    assert camera.executed[-1] == (0, b"\0")
    assert [m.value for m in camera.scripts.drain()] == [1]
    camera.waiting.append(integer(1))
    camera.scripts.kill()
    assert camera.executed[-1] == (0x600, b"\0")
    assert camera.scripts.read_message() is None


def test_a_kill_that_does_not_help_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripts_module, "KILL_TIMEOUT", 0.02)
    camera = Model()

    def go_on() -> None:
        camera.running, camera.polls = True, 9

    camera.on_poll = go_on
    with pytest.raises(ScriptTimeoutError):
        camera.scripts.kill()


def test_sending() -> None:
    camera = Model()
    camera.scripts.send("grüße")
    camera.scripts.send(b"\0", 3)
    sent = [(asked.params, asked.out) for asked in camera.player.asked]
    assert sent == [((11, 0), "grüße".encode()), ((11, 3), b"\0")]


@pytest.mark.parametrize(
    ("status", "error"), [(1, NoScriptError), (2, QueueFullError), (3, NoScriptError)]
)
def test_sending_fails(status: int, error: type[Exception]) -> None:
    camera = Model()
    camera.status = status
    with pytest.raises(error):
        camera.scripts.send("x")


def test_an_empty_message_is_not_sent() -> None:
    camera = Model()
    with pytest.raises(UsageError, match="invalid data"):
        camera.scripts.send("")
    assert camera.player.asked == []


def test_errors_of_a_started_script_are_shown_with_the_users_line() -> None:
    camera = Model(integer(1))
    camera.scripts.start("x\ny")
    line = camera_line(camera, "x\ny", 2)
    camera.waiting.append(failure(b":%d: later" % line))
    camera.waiting.append(string(b"a"))
    shown = [camera.scripts.format_message(m) for m in camera.scripts.drain()]
    assert shown == ["1:error:runtime::2: later", "1:return:'a'"]
