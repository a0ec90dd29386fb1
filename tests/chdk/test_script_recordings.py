"""Running scripts against what the firmware answered when it was recorded."""

import pytest
from support.chdk_replay import CHDK, Answer, playing, recorded, recorded_names

from chdkshell.chdk import scripts as scripts_module
from chdkshell.chdk.collecting import ScriptResult
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import (
    LuaDataError,
    ScriptError,
)
from chdkshell.lua.values import LuaUnsupported

# ---- against the firmware's recorded answers ----


def play(name: str, code: bytes) -> ScriptResult:
    """Run `code` against what the firmware answered to the script `name`."""
    asked, started = recorded(name)
    assert asked.out is not None
    assert asked.out.rstrip(b"\0") == code
    status = recorded(f"{name}: status when done")[1]
    messages = [recorded(n)[1] for n in recorded_names(f"{name}: message ")]
    done = [] if status.params == (0,) else [*messages, Answer((0,))]
    session, player = playing(Answer((2, 9)), started, status, *done)
    result = Scripts(ChdkProtocol(session)).run(code)
    assert player.left == 0
    executed = player.asked[1]
    assert (executed.code, executed.params) == (CHDK, asked.params)
    assert executed.out is not None
    assert executed.out.rstrip(b"\0").endswith(b" " + code)
    return result


@pytest.mark.parametrize(
    ("name", "code", "value"),
    [
        (
            "return values",
            b"return 1,-1,'a',nil,true,false,2147483647",
            (1, -1, "a", None, True, False, 2147483647),
        ),
        ("empty string", b"return ''", ""),
        ("string with NUL", b"return 'x\\0y'", "x\0y"),
        ("function value", b"return print", LuaUnsupported("function")),
        ("nothing returned", b"local x=1", None),
        ("division by zero", b"return 1/0", 2147483647),
        (
            "integer arithmetic",
            b"return 7/2,-7/2,7%3,-7%3,2^10,2147483647+1,-2147483647-2",
            (3, -3, 1, -1, 1024, -2147483648, 2147483647),
        ),
        (
            "yield across pcall",
            b"return pcall(sleep,10)",
            (False, "attempt to yield across metamethod/C-call boundary"),
        ),
    ],
)
def test_recorded_values(name: str, code: bytes, value: object) -> None:
    assert play(name, code).value == value


def test_recorded_messages() -> None:
    code = (
        b"write_usb_msg('s') write_usb_msg(5) write_usb_msg(false) write_usb_msg(nil) "
        b"write_usb_msg({1}) return 0"
    )
    result = play("message types", code)
    assert [m.value for m in result.messages[:4]] == ["s", 5, False, None]
    assert [m.value for m in result.returns] == [0]


def test_a_table_in_the_firmwares_own_format_is_no_lua_value() -> None:
    code = b"return {a=1,b='two',c={5,6,7},10,20}"
    with pytest.raises(LuaDataError):
        _ = play("table, built-in serializer", code).value


@pytest.mark.parametrize(
    ("name", "code", "kind", "text"),
    [
        ("run-time error", b"error('boom')", "runtime", ":1: boom"),
        ("run-time error, level 0", b"error('boom',0)", "runtime", "boom"),
        (
            "error in function",
            b"local function f() local t=nil return t.x end\nf()",
            "runtime",
            ":1: attempt to index local 't' (a nil value)",
        ),
    ],
)
def test_recorded_errors(
    name: str, code: bytes, kind: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripts_module, "DEFAULT_LIBRARIES", ())  # as it was recorded
    with pytest.raises(ScriptError) as error:
        play_plain(name, code)
    assert (error.value.kind, error.value.text) == (kind, text)


def play_plain(name: str, code: bytes) -> ScriptResult:
    started = recorded(name)[1]
    status = recorded(f"{name}: status when done")[1]
    messages = [recorded(n)[1] for n in recorded_names(f"{name}: message ")]
    session, _ = playing(Answer((2, 9)), started, status, *messages, Answer((0,)))
    return Scripts(ChdkProtocol(session)).run(code)


def test_a_recorded_compile_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripts_module, "DEFAULT_LIBRARIES", ())
    name = "compile error on line 3"
    session, _ = playing(
        Answer((2, 9)), recorded(name)[1], recorded("compile error on line 3: message 1")[1]
    )
    with pytest.raises(ScriptError) as error:
        Scripts(ChdkProtocol(session)).run(b"local a=1\nlocal b=2\nlocal c==")
    assert (error.value.kind, error.value.line) == ("compile", 3)
