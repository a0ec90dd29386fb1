"""The small chdku and cli of this project: what programs for chdkptp call most."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.host_lua import LuaDesk

from chdkshell.hostlua.state import HostLuaError


def etype(lua: LuaDesk, code: str) -> str:
    """Return the type of the error that a chunk throws."""
    with pytest.raises(HostLuaError) as caught:
        lua(code)
    return caught.value.etype


# ---- connecting ---------------------------------------------------------------------------------


def test_connections_know_their_camera(connected: LuaDesk) -> None:
    assert connected("return con.ptpdev.model, con.condev.bus, con.apiver.MAJOR") == (
        *("Canon PowerShot SIM1", "sim"),
        2,
    )
    assert connected("return con:is_ver_compatible(2, 9), con:is_ver_compatible(2, 10)") == (
        *(True, False),
    )
    assert connected("return con:match_ptp_info{model='SIM%d'}, con:match_ptp_info{model='x'}") == (
        *(True, False),
    )
    assert connected("con:match_ptp_info{serial_number='LUA'}") is True
    connected("con:disconnect()")
    assert connected("return con:is_connected(), con:is_connected_pcall()") == (False, True, False)


def test_a_camera_is_connected_again(connected: LuaDesk) -> None:
    connected("con:reconnect{wait=0}")
    assert connected("con:is_connected()") is True
    connected("con.ptpdev.serial_number = 'another'")
    with pytest.raises(HostLuaError, match="reconnected to a different device"):
        connected("con:reconnect{wait=0}")
    assert connected("con:is_connected()") is False


def test_every_method_has_a_form_that_does_not_throw(lua: LuaDesk) -> None:
    lua("ok, e = con:camera_api_version_pcall()")
    assert lua("return ok, e.etype, e.msg") == (False, "ptp", "not connected")
    assert lua("con.nosuch_pcall") is None


# ---- scripts ------------------------------------------------------------------------------------


def test_values_of_the_camera(connected: LuaDesk) -> None:
    assert connected("return con:execwait('return 1, nil, \"a\", {1, 2, k={x=true}}')") == (
        *(1, None, "a"),
        {"1": 1, "2": 2, "k": {"x": True}},
    )
    assert connected("select('#', con:execwait('return nil, nil'))") == 2
    assert connected("select('#', con:execwait('x = 1'))") == 0
    assert connected("return con:execwait_pcall('return 7')") == (True, 7)
    assert connected("con:call_remote('string.rep', nil, 'ab', 3)") == "ababab"


def test_scripts_that_fail(connected: LuaDesk) -> None:
    assert etype(connected, "con:execwait('x =')") == "exec_compile"
    assert etype(connected, "con:execwait('error(\"boom\")')") == "exec_runtime"
    connected("ok, e = con:execwait_pcall('\\nerror(\"boom\")')")
    assert connected("return ok, e.etype, tostring(e)") == (False, "exec_runtime", ":2: boom")
    connected("con:exec('sleep(60000)')")
    assert etype(connected, "con:exec('return 1')") == "execlua_scriptrun"
    assert connected("con:execwait('return 1', {clobber=true})") == 1
    with pytest.raises(HostLuaError, match="unknown rlib 'rs_shoot'"):
        connected("con:exec('x()', {libs={'rs_shoot'}})")
    connected("con:exec('return 1', {libs={'serialize_msgs'}})")


def test_messages_go_where_they_are_asked_for(connected: LuaDesk) -> None:
    connected("msgs, rets = {}, {}")
    code = "write_usb_msg('a') write_usb_msg({1}) return 5, 'x'"
    connected(f'con:execwait("{code}", {{msgs=msgs, rets=rets}})')
    assert [connected(f"msgs[{n}].type .. msgs[{n}].subtype") for n in (1, 2)] == [
        *("userstring", "usertable"),
    ]
    assert connected("msgs[1].value") == "a"
    assert connected("return rets[1].value, rets[2].value") == (5, "x")
    connected("seen = {} f = function(m, d) seen[#seen+1] = m.value .. d end")
    connected("con:execwait(\"write_usb_msg('b')\", {msgs=f, fdata='!'})")
    assert connected("seen") == ["b!"]


def test_waiting(connected: LuaDesk) -> None:
    connected('con:exec("write_usb_msg({n=1}) sleep(60000)")')
    assert connected("con:wait_msg{mtype='user', msubtype='table', munserialize=true}") == {"n": 1}
    assert connected("con:wait_status{run=false, timeout=30}") == {
        "run": True,
        "msg": False,
        "timeout": True,
    }
    assert connected("con:wait_status{run=true}") == {"run": True, "msg": False}
    assert etype(connected, "con:wait_msg{timeout=20}") == "timeout"
    assert etype(connected, "con:read_msg_strict{mtype='user'}") == "nomsg"
    connected("con:execwait('return 1', {clobber=true})")
    connected("con:exec('write_usb_msg(1) error(2)') con:wait_status{run=false}")
    assert etype(connected, "con:read_msg_strict{mtype='return'}") == "wrongmsg"
    assert etype(connected, "con:read_msg_strict{mtype='user'}") == "wrongmsg_error"


def test_all_messages(connected: LuaDesk) -> None:
    connected("con:exec('write_usb_msg(1) write_usb_msg(2) return 3') con:wait_status{run=false}")
    connected("users, others = {}, {}")
    assert connected("con:read_all_msgs{user=users, default=others}") is True
    assert connected("return #users, others[1].value") == (2, 3)
    connected("con:exec('write_usb_msg(1) write_usb_msg(2)') con:wait_status{run=false}")
    assert connected("con:read_all_msgs{user=function() return false, 'no' end}") == (False, "no")
    connected("con:flushmsgs()")
    assert connected("con:read_msg().type") == "none"


def test_write_msg_reaches_the_script(connected: LuaDesk) -> None:
    connected("con:exec('return read_usb_msg(60000)') con:write_msg('hi')")
    assert connected("con:wait_msg{mtype='return'}.value") == "hi"


# ---- the card -----------------------------------------------------------------------------------


def test_listings(connected: LuaDesk) -> None:
    assert connected("con:listdir('A/')") == ["CHDK", "DCIM"]
    assert connected("con:listdir('A/DCIM', {stat='/'})") == ["100CANON/", "101CANON/"]
    (entry,) = connected("con:listdir('A/DCIM/101CANON', {stat='*'})")
    assert (entry["name"], entry["is_file"], entry["size"] > 0) == ("IMG_0101.JPG", True, True)
    (entry,) = connected("con:listdir('A/DCIM/101CANON', {stat={'size'}})")
    assert sorted(entry) == ["name", "size"]
    connected("con:mkdir('A/OWN') con:mkdir('A/OWN/ONE') con:mkdir('A/OWN/TWO')")
    assert connected("con:listdir('A/OWN', {dirsonly=true})") == ["ONE", "TWO"]
    assert connected("con:listdir('A/OWN', '{stat=\"/\"}')") == ["ONE/", "TWO/"]
    assert connected("con:listdir('A/OWN', {match='^T'})") == ["TWO"]
    assert etype(connected, "con:listdir('A/NO')") == "remote"


def test_files_of_the_card(connected: LuaDesk, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"text")
    connected(f"con:upload('{tmp_path.as_posix()}/a.txt', 'A/A.TXT')")
    assert connected("return con:stat('A/A.TXT').size, con:readfile('A/A.TXT')") == (4, "text")
    assert connected("return con:stat('A/NO.TXT')")[0] is None
    assert etype(connected, "con:readfile('A/NO.TXT')") == "remote"
    connected("con:utime('A/A.TXT', 100000, 100000)")
    assert connected("con:mkdir_m('A/X/Y')") is True
    assert connected("con:mkdir('A/Z')") is True
    assert connected("return con:rename('A/A.TXT', 'A/X/B.TXT'), con:remove('A/X/B.TXT')") == (
        *(True, True),
    )
    assert connected("con:listdir('A/X')") == ["Y"]


def test_trees(connected: LuaDesk, tmp_path: Path) -> None:
    copies = connected(
        f"con:mdownload({{'DCIM/100CANON'}}, '{tmp_path.as_posix()}/in', {{fmatch='0001'}})"
    )
    assert [Path(copy).name for copy in copies] == ["IMG_0001.JPG"]
    assert [path.name for path in (tmp_path / "in").rglob("*.*")] == ["IMG_0001.JPG"]
    (tmp_path / "in" / "keep").write_bytes(b"")
    assert connected(f"con:mdownload('DCIM', '{tmp_path.as_posix()}/in', {{pretend=true}})")
    assert len(list((tmp_path / "in").rglob("*.JPG"))) == 1
    connected(f"con:mupload({{'{tmp_path.as_posix()}/in'}}, 'A/UP')")
    assert connected("con:stat('A/UP/keep').size") == 0


def test_frames_of_the_screen(connected: LuaDesk) -> None:
    assert connected("return con:live_is_api_compatible(), chdku.live_what.viewport") == (True, 1)
    connected("con:live_get_frame(chdku.live_what.viewport) a = con.live._frame")
    connected("con:live_get_frame(1)")
    assert connected("a == con.live._frame and con.live:get_frame():len() > 100") is True


# ---- cli and prefs ------------------------------------------------------------------------------


def test_commands_of_the_program(lua: LuaDesk) -> None:
    assert lua("return cli:execute('list -x')") == (True, "did list -x\n")
    assert lua("return cli:print_status(cli:execute('bad'))") == (False, "it failed\n")
    lua("cli:print_status(true, 'no line end') cli:print_status(true, '') cli:print_status(true)")
    assert lua.services.commands == ["list -x", "bad"]
    assert lua.services.written == b"no line end\n"
    assert lua.services.told == b"ERROR: it failed\n"
    assert lua("cli.last_status") is False
    lua("cli.infomsg('a%d\\n', 1) cli.dbgmsg('no')")
    assert lua.services.written.endswith(b"a1\n")


def test_options_of_the_program(lua: LuaDesk) -> None:
    lua("prefs.cli_verbose = 0 prefs.trace = 'x.txt'")
    assert lua("return prefs.cli_verbose, prefs.trace") == ("0", "x.txt")
    assert etype(lua, "return prefs.bogus") == "bad_arg"
