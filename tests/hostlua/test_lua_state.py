"""A Lua state of the host: values, errors with their lines, and what ends a program."""

from __future__ import annotations

import threading

import pytest
from support.host_lua import LuaDesk

from chdkshell.errors import Cancelled
from chdkshell.hostlua.state import Exited, HostLuaError


def failure(lua: LuaDesk, code: str, name: str = "=test") -> HostLuaError:
    """Run a chunk that must fail."""
    with pytest.raises(HostLuaError) as caught:
        lua(code, name)
    return caught.value


# ---- values -------------------------------------------------------------------------------------


def test_it_is_lua_5_2_and_keeps_its_variables(lua: LuaDesk) -> None:
    assert lua("_VERSION") == "Lua 5.2"
    lua("x = 5 function double(n) return 2*n end")
    assert lua("double(x)") == 10


def test_an_expression_and_a_return_give_their_values(lua: LuaDesk) -> None:
    assert lua("1+1") == 2
    assert lua("return 1, nil, 'x', 1.5, true") == (1, None, "x", 1.5, True)
    assert lua("{1, {a='b'}}") == [1, {"a": "b"}]
    assert lua("return nil") is None
    assert lua.run("return nil") == (None,)
    assert lua.run("local x = 1") == ()


def test_a_call_alone_is_a_statement_where_it_is_not_to_be_shown(lua: LuaDesk) -> None:
    assert lua.state.run(b"string.rep('a', 2)", "=test", lua.cancel) == ()
    assert lua.state.run(b"1, string.rep('a', 2)", "=test", lua.cancel) == (1, "aa")


def test_strings_are_bytes(lua: LuaDesk) -> None:
    assert lua(b"return #'\xc3\xa9\xff', ('\xff'):byte()") == (3, 255)
    lua("s = string.char(0, 255, 128) .. 'é'")
    lua("io.write(s)")
    assert lua.services.written == b"\x00\xff\x80" + "é".encode()


def test_what_old_programs_call_is_there(lua: LuaDesk) -> None:
    assert lua("return loadstring('return 7')(), unpack({8}), table.maxn{1, 2, [9]=1}") == (7, 8, 9)


def test_python_is_not_in_reach(lua: LuaDesk) -> None:
    assert lua("return lbuf.new(1).__class__, lbuf.new(1).content") == (None, None)
    assert lua("return python, package.loaded.python, (pcall(require, 'python'))") == (
        *(None, None),
        False,
    )
    assert "no fields to set" in str(failure(lua, "lbuf.new(1).content = 'x'"))


# ---- errors -------------------------------------------------------------------------------------


def test_errors_have_their_line(lua: LuaDesk) -> None:
    error = failure(lua, "local a\n\nerror('boom')")
    assert str(error) == "call failed:test:3: boom"
    assert str(failure(lua, "x =\n= 1", "@a.lua")).startswith("compile failed:a.lua:2:")
    assert str(failure(lua, "\nsys.sleep()")) == (
        "call failed:test:2: bad argument #1 to 'sleep' (number expected, got nil)"
    )
    assert str(failure(lua, "lbuf.new({})")) == "call failed:test:1: invalid argument"


def test_arguments_are_as_with_lua_s_own_functions(lua: LuaDesk) -> None:
    assert lua("return sys.getsleepres(1, 2), lbuf.new('a', 2):string(1, 1, 9)") == (1, "a")
    assert lua("#sys.getargs('x') + sys.gettick('y') * 0") == 0
    assert str(failure(lua, "chdk_connection.upload()")).endswith(
        "bad argument #1 to 'upload' (LuaConnection expected, got nil)"
    )
    assert str(failure(lua, "lbuf.new(2^50)")) == "call failed:test:1: not enough memory"
    assert "test:1: " in str(failure(lua, "lfs.touch('.', 1e300)"))
    assert lua("return signal.raise(9999), signal.kill(2^30, 0)") == (-1, -1)


def test_error_tables_have_their_type_and_text(lua: LuaDesk) -> None:
    error = failure(lua, "con:camera_api_version()")
    assert (str(error), error.etype) == ("call failed:not connected", "ptp")
    lua("ok, e = pcall(chdk_connection.connect, chdk.connection())")
    assert lua("return ok, e.etype, e.msg, tostring(e)") == (
        *(False, "connect_no_dev"),
        *("no matching device", "no matching device"),
    )
    assert lua("return type(e.traceback), e.ptp_rc, e.critical") == ("string", None, None)
    lua("ok, e = pcall(chdk_connection.script_status, con._con)")
    assert lua("return e.ptp_rc == ptp.ERROR_NOT_CONNECTED") is True


def test_errlib_makes_and_throws_error_tables(lua: LuaDesk) -> None:
    lua("e = errlib.new{etype='mine', msg='what'}")
    assert lua("return tostring(e), tostring(errlib.new{etype='x'}), tostring(errlib.new())") == (
        *("what", "x"),
        "unknown error",
    )
    error = failure(lua, "errlib.throw{etype='mine', msg='why'}")
    assert (str(error), error.etype) == ("call failed:why", "mine")
    lua("f = function() errlib.throw{etype='a', critical=true} end ok, e = pcall(f)")
    assert lua("return e.etype, e.critical, e.traceback:find('test:1') ~= nil") == ("a", True, True)


def test_the_response_codes_have_the_names_that_programs_ask_for(lua: LuaDesk) -> None:
    assert lua("return ptp.RC_OK, ptp.RC_OperationNotSupported, ptp.RC_InvalidStorageId") == (
        *(0x2001, 0x2005),
        0x2008,
    )
    assert lua("return ptp.RC_SessionAlreadyOpened, ptp.RC_TransactionCanceled, ptp.ERROR_IO") == (
        *(0x201E, 0x201F),
        0x02FF,
    )
    assert lua("return ptp.RC_InvalidTransactionID, ptp.RC_DeviceBusy") == (0x2004, 0x2019)


# ---- what ends a program ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "while true do pcall(sys.sleep, 60000) end",
        "while true do xpcall(sys.sleep, function() end, 60000) end",
        "while true do coroutine.wrap(function() while true do end end)() end",
        "local c while true do c = coroutine.create(sys.sleep) coroutine.resume(c, 60000) end",
        "con:wait_status{run=true}",
    ],
)
def test_ctrl_c_ends_a_program_whatever_it_catches(connected: LuaDesk, code: str) -> None:
    connected.services.on_write = lambda: threading.Timer(0.05, connected.cancel.set).start()
    with pytest.raises(Cancelled):
        connected.run(f"print('begins') {code}")
    connected.cancel.clear()
    assert connected("con:is_connected()") is True


def test_ctrl_c_ends_what_the_program_started_on_the_camera(connected: LuaDesk) -> None:
    camera = connected.camera
    connected.services.on_write = lambda: connected.cancel.set()
    with pytest.raises(Cancelled):
        connected.run("con:exec('sleep(60000)') print('runs') con:wait_status{run=false}")
    assert not camera.scripts.status()


def test_a_script_that_another_program_started_goes_on(connected: LuaDesk) -> None:
    camera = connected.camera
    connected("con:exec('sleep(60000)')")
    connected.services.on_write = lambda: connected.cancel.set()
    with pytest.raises(Cancelled):
        connected.run("print('waits') con:wait_status{run=false}")
    assert camera.scripts.status()


def test_os_exit_ends_the_program_and_not_the_process(lua: LuaDesk) -> None:
    assert lua.run("pcall(os.exit, 3) print('no')") == Exited(3)
    assert lua.run("os.exit(true)") == Exited(0)
    assert lua.run("os.exit(false)") == Exited(1)
    assert lua.services.written == b""


def test_a_fault_of_this_layer_is_no_error_of_the_program(
    lua: LuaDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(prompt: bytes) -> bytes | None:
        raise ZeroDivisionError

    monkeypatch.setattr(lua.services, "read_line", broken)
    with pytest.raises(ZeroDivisionError):
        lua.run("pcall(io.read)")
