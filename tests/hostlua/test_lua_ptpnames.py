"""PTP's codes by name, transactions of any kind, and files as strings."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from support.host_lua import LuaDesk

from chdkshell.hostlua.state import HostLuaError


def test_codes_by_name(lua: LuaDesk) -> None:
    lua(
        "std, canon, mtp = chdk.get_ptp_codes(), chdk.get_ptp_codes'CANON', chdk.get_ptp_codes'MTP'"
    )
    assert lua("return std.OC.GetDeviceInfo, std.RC.OK, std.RC.ERROR_NOT_CONNECTED") == (
        *(0x1001, 0x2001, 0x02FA),
    )
    assert lua("return std.OFC.EXIF_JPEG, std.EC.ObjectAdded ~= nil, std.OPC") == (
        *(0x3801, True, None),
    )
    assert lua("return canon.OC.CHDK, std.OC.CHDK, canon.OC.ExecuteEventProc") == (
        *(0x9999, None, 0x9052),
    )
    assert lua("return mtp.OC.GetObjectPropsSupported, mtp.OPC.ObjectFileName") == (0x9801, 0xDC07)
    groups = lua("return chdk.get_ptp_code_groups()")
    assert groups["CANON"]["usb_vendor_id"] == 0x4A9
    for group in groups:
        assert lua(f"return type(chdk.get_ptp_codes('{group}').DPC)") == "table"
    with pytest.raises(HostLuaError, match="unknown code groups") as caught:
        lua("chdk.get_ptp_codes'NONE'")
    assert caught.value.etype == "bad_arg"


def test_transactions(connected: LuaDesk) -> None:
    version = "con:ptp_txn_nodata(0x9999, 0)"
    assert connected(f"return {version}") == (2, 9)
    assert connected("return #con:ptp_txn_getdata_str(0x1001) > 50") is True
    connected("info = con:ptp_txn_getdata_lbuf(0x1001)")
    assert connected("return lbuf.is_lbuf(info), lbuf.is_lbuf('x'), info:get_u16()") == (
        *(True, False, 100),
    )
    with pytest.raises(HostLuaError) as caught:
        connected("con:ptp_txn_nodata(0x9FFF)")
    assert caught.value.etype == "ptp"
    with pytest.raises(HostLuaError) as caught:
        connected("con:ptp_txn_senddata(0x9999, {})")
    assert caught.value.etype == "bad_arg"


def test_data_is_sent(connected: LuaDesk) -> None:
    """ExecuteScript takes the script as data, and returns its id and how it started."""
    connected("con:ptp_txn_senddata(0x9999, 'return 1\\0', 7, 0)")
    connected("con:ptp_txn_senddata(0x9999, lbuf.new('x = 1\\0'), 7, 0)")
    camera = connected.camera
    assert camera.protocol.script_status() is not None


def test_files_as_strings(connected: LuaDesk) -> None:
    connected("con:upload_str('A/S.BIN', 'a\\0\\255')")
    assert connected("return con:download_str('A/S.BIN'):byte(1, 3)") == (97, 0, 255)
    with pytest.raises(HostLuaError) as caught:
        connected("con:download_str('A/NONE')")
    assert caught.value.etype == "ptp"


def test_names_for_temporary_files(lua: LuaDesk, tmp_path: Path) -> None:
    name = lua(f"return sys.mkstemp('{tmp_path.as_posix()}/tXXXXXX')")
    assert Path(name).parent == tmp_path
    assert Path(name).name.startswith("t")
    assert Path(name).read_bytes() == b""
    with pytest.raises(HostLuaError, match="mkstemp failed"):
        lua("sys.mkstemp('noletters')")
    codes = lua("return sys.get_errno_codes()")
    assert codes["ENOENT"] == errno.ENOENT
