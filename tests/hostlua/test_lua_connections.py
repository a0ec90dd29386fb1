"""chdk and the methods of a connection: cameras, scripts, messages, memory, files, plain PTP."""

from __future__ import annotations

import struct
import time
from pathlib import Path
from typing import Any

import pytest
from support.host_lua import LuaDesk

from chdkshell.hostlua.connections import spec_of
from chdkshell.hostlua.state import HostLuaError
from chdkshell.ptp.codes import OperationCode
from chdkshell.ptp.datasets import pack_string
from chdkshell.version import __version__


def etype(lua: LuaDesk, code: str) -> str:
    """Return the type of the error that a chunk throws."""
    with pytest.raises(HostLuaError) as caught:
        lua(code)
    return caught.value.etype


# ---- chdk ---------------------------------------------------------------------------------------


def test_versions(lua: LuaDesk) -> None:
    assert lua("chdk.host_api_version()") == {"MAJOR": 2, "MINOR": 9}
    version = lua("chdk.program_version()")
    assert (version["MAJOR"], version["MINOR"]) == (0, 7)
    assert version["DESC"] == f"chdkshell {__version__}"
    assert lua("return chdk.get_usb_reset_on_close()") is False
    lua("chdk.set_usb_reset_on_close(true)")
    assert lua("return chdk.get_usb_reset_on_close()") is True


def test_one_connection_for_each_place(lua: LuaDesk) -> None:
    lua("a = chdk.connection{bus='001',dev='004'} b = chdk.connection{bus='001',dev='005'}")
    assert lua("return a == chdk.connection{bus='001',dev='004'}, a == b, type(a)") == (
        *(True, False),
        "userdata",
    )
    lua("c = chdk.connection{host='10.0.0.1'} d = chdk.connection()")
    assert lua("return c == chdk.connection{host='10.0.0.1',port='15740'}") is True
    assert set(lua("chdk.get_conlist()")) == {
        *("usb:001/004", "usb:001/005", "tcp:10.0.0.1:15740", "usb:dummy/dummy"),
    }
    for spec in ("{host='h',bus='1',dev='1'}", "{port='1'}", "{bus='1'}", "{}"):
        with pytest.raises(HostLuaError):
            lua(f"chdk.connection{spec}")


def test_addresses_and_places_go_both_ways() -> None:
    assert spec_of("usb:001:004") == {"bus": "001", "dev": "004"}
    assert spec_of("ip:10.0.0.1") == {"host": "10.0.0.1", "port": "15740"}
    assert spec_of("ip:[::1]:99") == {"host": "::1", "port": "99"}
    assert spec_of("ip:[::1]") == {"host": "::1", "port": "15740"}
    assert spec_of("sim:a=b") == {"bus": "sim", "dev": "a=b"}


def test_connecting_and_leaving(lua: LuaDesk) -> None:
    assert lua("chdk.list_usb_devices()") == [
        {
            "bus": "sim",
            "dev": lua.services.addresses[0].removeprefix("sim:"),
            "vendor_id": 0x4A9,
            "product_id": 0x32C8,
        }
    ]
    lua("c = chdk.connection(chdk.list_usb_devices()[1])")
    assert lua("return chdk_connection.is_connected(c)") is False
    lua("chdk_connection.connect(c)")
    assert lua("return chdk_connection.is_connected(c)") is True
    assert etype(lua, "chdk_connection.connect(c)") == "connect_connected"
    lua("chdk_connection.disconnect(c) chdk_connection.disconnect(c)")
    assert lua("return chdk_connection.is_connected(c)") is False
    other = "chdk.connection{bus='9',dev='9'}"
    assert etype(lua, f"chdk_connection.connect({other})") == "connect_no_dev"
    with pytest.raises(HostLuaError, match="bad argument #1 to 'connect'"):
        lua("chdk_connection.connect({})")


def test_a_device_is_reset(lua: LuaDesk) -> None:
    assert etype(lua, "chdk.reset_device{bus='9',dev='9'}") == "nodev"
    assert etype(lua, "chdk.reset_device()") == "baddev"


def test_what_a_connection_is(connected: LuaDesk) -> None:
    assert connected("return chdk_connection.camera_api_version(con._con)") == (2, 9)
    info = connected("chdk_connection.get_ptp_devinfo(con._con)")
    assert (info["model"], info["manufacturer"]) == ("Canon PowerShot SIM1", "Canon Inc.")
    assert info["max_packet_size"] == connected.camera.session.transport.max_packet_size
    assert 0x9999 in info["OperationsSupported"]
    place = connected("chdk_connection.get_con_devinfo(con._con)")
    assert (place["transport"], place["bus"], place["vendor_id"]) == ("usb", "sim", 0x4A9)
    ip = connected("chdk_connection.get_con_devinfo(chdk.connection{host='h',port='9'})")
    assert (ip["transport"], ip["host"], ip["port"]) == ("ip", "h", "9")
    assert connected("return chdk_connection.dev_status(con._con)") == (4, 4, 0x2001)


def test_bytes_are_counted(connected: LuaDesk) -> None:
    connected("chdk_connection.reset_counters(con._con)")
    assert connected("con:get_counters()") == {"read": 0, "write": 0}
    connected("con:getmem(0x1000, 64)")
    assert connected("con:get_counters()") == {"read": 64, "write": 0}


# ---- scripts and messages -----------------------------------------------------------------------


def test_scripts(connected: LuaDesk) -> None:
    assert connected("return con:script_support(), con:get_script_id()") == (1, False)
    connected("con:execlua('return 1, nil, true, \"a\\\\0b\", {}')")
    connected("con:wait_status{run=false}")
    assert connected("con:script_status()") == {"run": False, "msg": True}
    assert connected("con:get_script_id()") == 1
    assert connected("con:read_msg()") == {
        "script_id": 1,
        "type": "return",
        "subtype": "integer",
        "value": 1,
    }
    assert connected("con:read_msg()") == {"script_id": 1, "type": "return", "subtype": "nil"}
    assert connected("con:read_msg().value") is True
    assert connected("con:read_msg().value") == "a\0b"
    assert connected("con:read_msg().subtype") in ("table", "unsupported")
    assert connected("con:read_msg()") == {"script_id": 0, "type": "none"}


def test_scripts_that_fail(connected: LuaDesk) -> None:
    assert etype(connected, "con:execlua('x =')") == "execlua_compile"
    message = connected("con:read_msg()")
    assert (message["type"], message["subtype"]) == ("error", "compile")
    connected("con:execlua('error(\"boom\")')")
    connected("con:wait_status{run=false}")
    message = connected("con:read_msg()")
    assert (message["subtype"], message["value"]) == ("runtime", ":1: boom")
    connected("con:execlua('sleep(60000)')")
    assert etype(connected, "con:execlua('return 1', 0x100)") == "execlua_scriptrun"


def test_messages_to_scripts(connected: LuaDesk) -> None:
    assert etype(connected, "con:write_msg('x')") == "msg_notrun"
    connected("con:execlua('while true do local m = read_usb_msg(50) if m then break end end')")
    assert etype(connected, "con:write_msg('x', 99)") == "msg_badid"
    assert etype(connected, "con:write_msg('')") == "bad_arg"
    assert etype(connected, "con:write_msg({})") == "bad_arg"
    connected("con:write_msg('go')")
    connected("con:wait_status{run=false}")
    connected("con:execlua('sleep(60000)')")
    assert etype(connected, "for i = 1, 99 do con:write_msg('x') end") == "msg_full"


# ---- memory, files, pictures --------------------------------------------------------------------


def test_memory(connected: LuaDesk) -> None:
    assert connected("#con:getmem(0x1900, 16)") == 16
    assert connected("type(con:getmem(0x1900, 4, 'number', 1))") == "number"
    assert connected("con:getmem(0x1900, 16, 'lbuf'):len()") == 16
    assert connected("con:getmem(0x1900, 4, 'lbuf'):get_u32() == con:getmem(0x1900, 4, 'number')")
    assert etype(connected, "con:getmem(0x1900, 4, 'file')") == "bad_arg"
    assert etype(connected, "con:getmem(0x1900, 0)") == "bad_arg"
    assert etype(connected, "con:setmem(0x1900, 1)") == "not_implemented"
    assert etype(connected, "con:call_function()") == "bad_arg"
    assert etype(connected, "con:call_function(1,2,3,4,5,6,7,8,9,10,11)") == "bad_arg"


def test_files(connected: LuaDesk, tmp_path: Path) -> None:
    source, target = tmp_path / "é.bin", tmp_path / "back.bin"
    source.write_bytes(bytes(range(256)))
    connected(f"con:upload('{source.as_posix()}', 'A/UP.BIN')")
    connected(f"con:download('A/UP.BIN', '{target.as_posix()}')")
    assert target.read_bytes() == bytes(range(256))
    assert etype(connected, f"con:download('A/NO.BIN', '{tmp_path.as_posix()}/no')") == "ptp"
    assert etype(connected, f"con:upload('{tmp_path.as_posix()}/no', 'A/NO.BIN')") == "ptp"
    assert etype(connected, f"con:download('A/UP.BIN', '{tmp_path.as_posix()}')") == "ptp"
    assert sorted(tmp_path.iterdir()) == [target, source]


def test_live_view_comes_into_the_same_buffer(connected: LuaDesk) -> None:
    connected("a = con:get_live_data(nil, 1 + 4 + 8) size = a:len() b = con:get_live_data(a, 1)")
    assert connected("return a == b, a:len() < size, a:get_u32()") == (True, True, 2)


def test_remote_capture(connected: LuaDesk) -> None:
    assert connected("return con:capture_ready()") == (0x10000000, 0)
    connected("con:execwait('switch_mode_usb(1) sleep(500) init_usb_capture(1)')")
    connected("con:exec('shoot()')")
    assert connected("con:wait_status{rsdata=true}.rsdata") == 1
    assert connected("select('#', con:capture_ready())") == 2
    connected(
        """
        jpeg, chunks = '', 0
        repeat
          local chunk = con:capture_get_chunk(1)
          if chunk.offset then jpeg = jpeg:sub(1, chunk.offset) end
          jpeg, chunks = jpeg .. chunk.data:string(), chunks + 1
          assert(chunk.size == chunk.data:len())
        until chunk.last
        """
    )
    assert connected("return jpeg:byte(1, 2)") == (0xFF, 0xD8)


# ---- plain PTP ----------------------------------------------------------------------------------


def test_storages(connected: LuaDesk) -> None:
    storages = connected("con:ptp_get_storage_ids()")
    info = connected(f"con:ptp_get_storage_info({storages[0]})")
    assert (info["StorageType"], info["FilesystemType"]) == (4, 3)
    assert 0 < info["FreeSpaceInBytes"] <= info["MaxCapability"]
    assert {"AccessCapability", "FreeSpaceInImages", "StorageDescription", "VolumeLabel"} < set(
        info
    )


def test_what_a_camera_refuses_is_a_ptp_error(connected: LuaDesk) -> None:
    for call in ("ptp_get_object_info(0x7fffffff)", "ptp_get_object(0x7fffffff, 2)"):
        connected(f"ok, e = pcall(function() return con:{call} end)")
        assert connected("return ok, e.etype") == (False, "ptp")
        assert connected("e.ptp_rc == ptp.RC_InvalidObjectHandle") is True


def test_the_standards_objects_of_a_camera(connected: LuaDesk) -> None:
    connected("handles = con:ptp_get_object_handles() names = {}")
    connected(
        "for i, handle in ipairs(handles) do local info = con:ptp_get_object_info(handle)"
        " names[info.Filename] = {handle, info.ObjectCompressedSize} end"
    )
    assert connected("names['DCIM'] ~= nil and #con:ptp_get_storage_ids() > 0") is True
    assert connected(
        "local f = names['IMG_0001.JPG'] return con:ptp_get_object(f[1]):len() == f[2]"
    )


class ObjectStore:
    """A PTP responder's objects, in place of a session's transactions."""

    INFO = (
        struct.pack(
            "<IHHIHIIIIIIIHII", 0x10001, 0x3801, 0, 5, 0x3808, 9, 160, 120, 64, 48, 24, 7, 0, 0, 3
        )
        + pack_string("IMG_0001.JPG")
        + pack_string("20260131T101500")
        + pack_string("")
    )

    def __init__(self) -> None:
        self.asked: list[tuple[int, tuple[int, ...], bytes]] = []

    def transaction(self, operation: int, *params: int, **phases: Any) -> tuple[int, ...]:
        sent = (
            b"".join(bytes(chunk) for chunk in phases["source"].chunks())
            if "source" in phases
            else b""
        )
        self.asked.append((operation, params, sent))
        answers = {
            OperationCode.GET_OBJECT_HANDLES: struct.pack("<III", 2, 11, 12),
            OperationCode.GET_OBJECT_INFO: self.INFO,
            OperationCode.GET_OBJECT: b"\xff\xd8abc",
        }
        if "sink" in phases:
            phases["sink"].write(answers[OperationCode(operation)])
        return (0x10001, 7, 13) if operation == OperationCode.SEND_OBJECT_INFO else ()


def test_objects(connected: LuaDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ObjectStore()
    monkeypatch.setattr(connected.camera.session, "transaction", store.transaction)
    assert connected("con:ptp_get_object_handles()") == [11, 12]
    assert store.asked.pop()[1] == (0xFFFFFFFF, 0, 0)
    assert connected("con:ptp_get_object_handles(1, 2, 3)") == [11, 12]
    assert store.asked.pop()[1] == (1, 2, 3)
    info = connected("con:ptp_get_object_info(11)")
    assert (info["StorageID"], info["ObjectFormat"], info["ParentObject"]) == (0x10001, 0x3801, 7)
    assert (info["Filename"], info["SequenceNumber"]) == ("IMG_0001.JPG", 3)
    assert info["CaptureDate"] == time.mktime((2026, 1, 31, 10, 15, 0, 0, 0, -1))
    assert info["ModificationDate"] == 0
    assert connected("con:ptp_get_object(11, 5):string(3)") == "abc"


def test_objects_are_sent(connected: LuaDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ObjectStore()
    monkeypatch.setattr(connected.camera.session, "transaction", store.transaction)
    assert connected(
        "return con:ptp_send_object_info({ObjectFormat=0xb104,ObjectCompressedSize=3,"
        "Filename='A.FI2'}, 0x10001, 7)"
    ) == (0x10001, 7, 13)
    operation, params, dataset = store.asked.pop()
    assert (operation, params) == (OperationCode.SEND_OBJECT_INFO, (0x10001, 7))
    assert dataset[4:6] == b"\x04\xb1"
    assert pack_string("A.FI2") in dataset
    connected("con:ptp_send_object('abc')")
    connected("con:ptp_send_object(lbuf.new('de'))")
    assert [sent for _, _, sent in store.asked] == [b"abc", b"de"]
    with pytest.raises(HostLuaError, match="missing string field 'Filename'"):
        connected("con:ptp_send_object_info{ObjectFormat=1,ObjectCompressedSize=1}")
