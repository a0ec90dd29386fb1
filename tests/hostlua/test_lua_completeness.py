"""Every function of the C layer and of the small chdku is called by a test in this folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.host_lua import LuaDesk

HERE = Path(__file__).parent

LIBRARIES = [
    *("chdk", "chdk_connection", "sys", "readline", "corevar", "guisys", "errlib", "lbuf"),
    *("liveimg", "rawimg", "lfs", "signal", "util", "fsutil", "errutil", "ticktime"),
]

METHODS = [
    *("execwait", "execwait_pcall", "exec", "is_connected", "connect", "disconnect", "reconnect"),
    *("listdir", "stat", "download", "upload", "mdownload", "mupload", "readfile", "mkdir_m"),
    *("write_msg", "read_msg", "read_msg_strict", "wait_msg", "wait_status", "flushmsgs"),
    *("live_get_frame", "live_dump_start", "capture_ready", "capture_get_chunk", "call_remote"),
    *("read_all_msgs", "match_ptp_info", "is_ver_compatible", "update_connection_info"),
]
"""What public programs call on connections."""


def words() -> set[str]:
    tests = [
        *HERE.glob("test_*.py"),
        *(HERE.parent / "shell").glob("test_exec_lua*.py"),
    ]
    text = "".join(path.read_text("utf-8") for path in tests if path.name != Path(__file__).name)
    return set(re.findall(r"\w+", text))


@pytest.mark.parametrize("library", LIBRARIES)
def test_functions_of_a_library(lua: LuaDesk, library: str) -> None:
    names = lua(
        f"local names = {{}} for name, f in pairs({library}) do"
        " if type(f) == 'function' then names[#names + 1] = name end end return names"
    )
    names = names if isinstance(names, list) else [names]
    assert names
    assert sorted(set(names) - words()) == []


def test_methods_of_connections(lua: LuaDesk) -> None:
    for name in METHODS:
        assert lua(f"return type(con.{name})") == "function", name
        assert name in words(), name
