"""The commands, against the simulated camera in this process."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from parity_cases import make_card

from chdkshell.errors import DeviceBusyError
from chdkshell.shell import devices
from chdkshell.shell.command import REGISTRY
from chdkshell.shell.context import Context
from chdkshell.shell.dispatch import Shell, Status
from chdkshell.shell.matching import DeviceMatch, lua_finds
from chdkshell.shell.prefs import Face, Prefs
from chdkshell.shell.render import Renderer
from chdkshell.transport.base import Device


class Desk:
    """A shell and what it printed since the last look."""

    def __init__(self) -> None:
        self.out = io.StringIO()
        self.err = io.StringIO()
        prefs = Prefs(Face.PLAIN)
        self.shell = Shell(Context(prefs, Renderer(prefs, self.out, self.err)))

    def run(self, line: str) -> list[str]:
        """Run a line that must succeed; return the lines it printed on stdout."""
        assert self.shell.run(line), self.err.getvalue()
        assert self.err.getvalue() == ""
        return self._take(self.out)

    def fail(self, line: str) -> str:
        """Run a line that must fail; return what it printed on stderr, without ERROR."""
        assert not self.shell.run(line)
        assert self.shell.status is Status.FAILED
        text = "\n".join(self._take(self.err))
        assert text.startswith("ERROR: ")
        return text.removeprefix("ERROR: ")

    def _take(self, stream: io.StringIO) -> list[str]:
        text = stream.getvalue()
        stream.seek(0)
        stream.truncate()
        return text.splitlines()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A shell without a camera, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    made = Desk()
    yield made
    made.shell.close()


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """The folder that is the card."""
    return make_card(tmp_path / "card")


@pytest.fixture
def con(desk: Desk, card: Path) -> Desk:
    """A shell with a camera."""
    desk.run(f"connect sim:card={card}")
    return desk


# ---- about the shell ----------------------------------------------------------------------------


def test_help(desk: Desk) -> None:
    everything = desk.run("help")
    assert everything[0] == "help (h)     [-v] [cmd]  : - Help on one command or on all."
    assert len(everything) == len(list(REGISTRY))
    assert desk.run("h d")[0].startswith("download (d) [-nolua] <source> [local]: - ")
    assert "Example" not in "".join(everything)
    assert len(desk.run("help -v")) > 60
    assert desk.fail("help nosuch").startswith("unknown command 'nosuch'")


def test_set(desk: Desk) -> None:
    shown = desk.run("set")
    assert shown[:6] == [
        "cli_time=false",
        "cli_xferstats=false",
        "cli_verbose=1",
        "cli_source_max=10",
        "cli_error_exit=false",
        "err_trace=never",
    ]
    assert "output=plain" in shown
    assert desk.run("set -v cli_verbose")[0].startswith("cli_verbose=1        - number: ")
    assert desk.run("set cli_error_exit=TRUE") == []
    assert desk.run("set -c cli_error_exit") == ["set cli_error_exit=true"]
    assert desk.run("set cli_error_exit=0") == []
    assert desk.run("set cli_error_exit") == ["cli_error_exit=false"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("set nosuch", ["invalid pref: nosuch", "`set` lists"]),
        ("set cli_tmie=1", ["invalid pref: cli_tmie", "did you mean 'cli_time'?"]),
        ("set cli_time=maybe", ["invalid value 'maybe' for cli_time", "allowed: true, false"]),
        ("set cli_verbose=-1", ["invalid value '-1'", "whole numbers from 0"]),
        ("set cli_source_max=0", ["whole numbers from 1"]),
        ("set output=html", ["allowed: plain, rich, json"]),
        ("set err_trace=", ["allowed: always, critical, never"]),
        ("set a b", ["unexpected args"]),
    ],
)
def test_set_refuses_bad_values(desk: Desk, line: str, words: list[str]) -> None:
    text = desk.fail(line)
    for word in words:
        assert word in text


def test_exec_keeps_its_names_and_shows_values(desk: Desk, tmp_path: Path) -> None:
    assert desk.run("!x = 20") == []
    assert desk.run("exec x + 1") == ["21"]
    assert desk.run("!y = x * 2; y, 'a'") == ["(40, 'a')"]
    assert desk.run("!None") == []
    assert desk.run("!") == []
    assert desk.run("!con is None") == ["True"]
    (tmp_path / "a b.py").write_text("def double(n):\n    return 2 * n\n\ndouble(y)\n")
    assert desk.run("! < 'a b.py'") == ["80"]
    assert desk.run("!double('x')") == ["'xx'"]


def test_exec_tells_errors_in_one_line(desk: Desk) -> None:
    assert desk.fail("!1/0") == "call failed: ZeroDivisionError: division by zero"
    assert desk.fail("!raise ValueError('a\\nb')") == "call failed: ValueError: a b"
    assert desk.fail("!import sys; sys.exit(3)").startswith("call failed: SystemExit: 3; `quit`")
    assert desk.fail("!(").startswith("compile failed: ")
    assert desk.fail("!import chdkshell; chdkshell.connect('x')").startswith("'x' is not an add")


def test_exec_has_the_camera(con: Desk) -> None:
    assert con.run("!con.lua('return {a=1}')") == ["{'a': 1}"]
    assert con.fail("!con.lua('foo bar')").startswith(":1: '=' expected near 'bar'")


def test_version(desk: Desk, card: Path) -> None:
    assert desk.run("ver") == ["host:2.9 cam:not connected"]
    lines = desk.run("version -p -l")
    assert re.fullmatch(r"chdkshell \d+\.\d+\.\d+", lines[0])
    assert lines[2].startswith("Python 3.")
    assert any(line.startswith("lupa ") for line in lines)
    desk.run(f"c sim:card={card}")
    assert desk.run("ver") == ["host:2.9 cam:2.9"]
    desk.run("dis")
    assert desk.run("ver") == ["host:2.9 cam:not connected"]


# ---- connections --------------------------------------------------------------------------------


@pytest.fixture
def bus(card: Path, monkeypatch: pytest.MonkeyPatch) -> list[Device]:
    """Cameras on a bus: two that work, and between them one that another program holds."""

    def device(number: str, serial: str, product_id: int) -> Device:
        address = f"sim:card={card},model=Canon PowerShot {serial},serial={serial}"
        return Device(address, "001", number, 0x4A9, product_id)

    busy = Device("usb:001:005", "001", "005", 0x4A9, 0x3211, problem="another program holds it")
    found = [device("004", "AAA1", 0x311B), busy, device("006", "BBB2", 0x3270)]
    real_connect = devices.connect

    def connect(address: str, **options: Any) -> devices.Camera:
        if address == busy.address:
            raise DeviceBusyError("another program holds it", "close it")
        return real_connect(address, **options)

    monkeypatch.setattr(devices, "list_devices", lambda *schemes: found)
    monkeypatch.setattr(devices, "connect", connect)
    return found


def test_list(desk: Desk, bus: list[Device]) -> None:
    free = [
        "-1:Canon PowerShot AAA1 b=001 d=004 v=0x4a9 p=0x311b s=AAA1",
        "!2: b=001 d=005 ERROR: another program holds it",
        "-3:Canon PowerShot BBB2 b=001 d=006 v=0x4a9 p=0x3270 s=BBB2",
    ]
    assert desk.run("list") == free
    desk.run("connect AAA1")
    desk.run("connect -nodis BBB2")
    assert [line[:2] for line in desk.run("list")] == ["+1", "!2", "*3"]
    assert desk.run("luar return 1") == ["1:return:1"]
    desk.run("connect -nodis AAA1")
    assert [line[:2] for line in desk.run("list")] == ["*1", "!2", "+3"]
    desk.run("connect BBB2")
    assert [line[:2] for line in desk.run("list")] == ["-1", "!2", "*3"]
    desk.run("connect -nodis sim:serial=CCC3")
    assert desk.run("list")[3] == ("*4:Canon PowerShot SIM1 b=sim d=serial=CCC3 v=0x0 p=0x0 s=CCC3")


@pytest.mark.parametrize(
    ("line", "serial"),
    [
        ("connect", "AAA1"),
        ("connect -d=006", "BBB2"),
        ("connect -d=00[67]", "BBB2"),
        ("connect -b=001", "AAA1"),
        ("connect -p=0x3270", "BBB2"),
        ("connect -p=12912", "BBB2"),
        ("connect -s=^BBB", "BBB2"),
        ("connect %w+2$", "BBB2"),
        ("connect 'PowerShot BBB'", "BBB2"),
        ("connect -nopat BBB", "BBB2"),
        ("connect -nopat -s=B2 Canon", "BBB2"),
    ],
)
def test_connect_finds_the_camera_that_is_meant(
    desk: Desk, bus: list[Device], line: str, serial: str
) -> None:
    assert desk.run(line) == [f"connected: Canon PowerShot {serial}, max packet size 0"]
    camera = desk.shell.context.connections.current
    assert camera is not None
    assert camera.serial == serial
    assert len(desk.shell.context.connections.all()) == 1


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("connect -d=009", "no matching devices found; "),
        ("connect -nopat ^BBB -d=006", "no matching devices found; "),
        ("connect -d=005", "another program holds it; close it"),
        ("connect -p=x", "'x' is not a whole number; "),
        ("connect -p=0x10000", "0x10000 is out of range; "),
        ("connect -s=%", "bad pattern '%': "),
        ("connect -h=localhost -p=x", "'x' is not a port; "),
        ("connect sim:nosuch=1", "'nosuch' is no option of a simulated camera; "),
    ],
)
def test_connect_refuses(desk: Desk, bus: list[Device], line: str, text: str) -> None:
    assert desk.fail(line).startswith(text)
    assert desk.shell.context.connections.all() == []


def test_connect_says_less_when_asked_to(desk: Desk) -> None:
    desk.run("set cli_verbose=0")
    assert desk.run("connect sim:") == []


def test_host_and_port_become_an_address() -> None:
    assert devices.address_of(None, "cam", None) == "ip:cam"
    assert devices.address_of("model", "cam", "1234") == "ip:cam:1234"
    assert devices.address_of(None, "fe80::1", "1234") == "ip:[fe80::1]:1234"
    assert devices.address_of("sim:", None, None) == "sim:"
    assert devices.address_of("Model: A", None, None) == ""
    assert devices.address_of(None, None, None) == ""


def test_lua_patterns() -> None:
    assert lua_finds("Canon PowerShot A540", "A%d+$")
    assert not lua_finds("Canon PowerShot A540", "^A")
    assert DeviceMatch(model="é").fits_camera("caf\u00e9", "")
    assert not DeviceMatch(serial="1").fits_camera("model1", "")


def test_reconnect_and_disconnect(desk: Desk, card: Path) -> None:
    assert desk.fail("reconnect").startswith("not connected; ")
    desk.run(f"connect sim:card={card}")
    assert desk.run("disconnect") == []
    assert desk.run("dis") == []
    assert desk.fail("ls").startswith("not connected; `reconnect`")
    assert desk.run("reconnect -wait=0") == []
    assert desk.run("luar return 1") != []
    assert desk.run("r") == []
    assert desk.run("luar return 1") != []


# ---- scripts ------------------------------------------------------------------------------------


def test_messages_are_shown_also_when_the_script_fails(con: Desk) -> None:
    assert not con.shell.run("luar write_usb_msg('before')\nerror('boom')")
    assert con.out.getvalue().endswith(":user:'before'\n")
    assert con.err.getvalue() == "ERROR: :2: boom\nuser code: 2\n"


def test_lua_from_a_file(con: Desk, tmp_path: Path) -> None:
    (tmp_path / "s.lua").write_bytes(b"local a=20\nreturn a+1,'\xff'\n")
    assert [line.partition(":")[2] for line in con.run("luar < s.lua")] == [
        "return:21",
        "return:'\\xff'",
    ]


def test_a_script_is_killed(con: Desk) -> None:
    con.run("lua while true do sleep(10) end")
    assert con.fail("luar return 1").startswith("a script is already running; ")
    con.run("killscript")
    con.run("luar return 1")


def test_putm_takes_the_line_as_it_is(con: Desk) -> None:
    con.run("lua return read_usb_msg(5000)")
    con.run('putm  it\'s  "raw" -x')
    camera = con.shell.context.camera
    camera.scripts.wait(timeout=5, on_message=lambda message: None)
    con.run("lua return read_usb_msg(5000)")
    con.run('putm  it\'s  "raw" -x')
    waited = camera.scripts.wait(timeout=5)
    assert waited.returns[0].value == 'it\'s  "raw" -x'
    assert con.fail("putm x").startswith("no script running")


# ---- memory -------------------------------------------------------------------------------------


def test_rmem(con: Desk, tmp_path: Path) -> None:
    data = con.shell.context.camera.protocol.get_memory(0x1000, 20)
    lines = con.run("rmem 0x1000 20")
    assert lines[0] == "0x00001000 20"
    assert lines[1].startswith("    1000: " + " ".join(f"{b:02x}" for b in data[:16]) + " | ")
    assert con.run("rmem 4096")[0] == "0x00001000 1"
    words = con.run("rmem -i32 -buf 0x1000 2")
    first, second = (int.from_bytes(data[i : i + 4], "little") for i in (0, 4))
    assert words == ["0x00001000 8", f"0x00001000: 0x{first:08x} 0x{second:08x}"]
    assert con.run("rmem -i32=[%d%%] 0x1000")[1] == f"0x00001000: [{first}%]"
    assert con.run("rmem -f=deep/er/m.bin 0x1000 20") == ["0x00001000 20 deep/er/m.bin"]
    assert (tmp_path / "deep/er/m.bin").read_bytes() == data
    assert [path.name for path in (tmp_path / "deep/er").iterdir()] == ["m.bin"]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("rmem", "missing address"),
        ("rmem x", "'x' is not a whole number"),
        ("rmem -1", "-1 is out of range"),
        ("rmem 0x100000000", "0x100000000 is out of range"),
        ("rmem 0 0", "0 is out of range"),
        ("rmem -i32=%s 0", "bad format '%s'"),
        ("rmem -i32=%d%d 0", "bad format '%d%d'"),
        ("rmem -i32=x 0", "bad format 'x'"),
        ("rmem -i32= 0", "bad format ''"),
        ("rmem -i32=%999d 0", "bad format '%999d'"),
        ("rmem -i32=%*d 0", "bad format '%*d'"),
        ("rmem -i32=%(a)d 0", "bad format '%(a)d'"),
        ("rmem -i32=%d% 0", "bad format '%d%'"),
        ("rmem -f= 0", "a file name is empty"),
        ("rmem 0 0xffffffff", "cannot read 4294967295 bytes"),
    ],
)
def test_rmem_refuses(con: Desk, line: str, text: str) -> None:
    assert con.fail(line).startswith(text)


# ---- files --------------------------------------------------------------------------------------


def test_delete_takes_all_its_switches(con: Desk, card: Path) -> None:
    pictures = card / "DCIM" / "100CANON"
    assert con.run("rm -pretend DCIM/102___11") == [
        "A/DCIM/102___11/IMG_0201.JPG: OK",
        "A/DCIM/102___11: OK",
    ]
    assert sorted(con.run("rm -fmatch=IMG_000[12] -nodirs DCIM/100CANON")) == [
        "A/DCIM/100CANON/IMG_0001.JPG: OK",
        "A/DCIM/100CANON/IMG_0002.JPG: OK",
    ]
    assert sorted(path.name for path in pictures.iterdir()) == [
        "CRW_0003.DNG",
        "IMG_0003.JPG",
        "IMG_0004.JPG",
        "MVI_0005.MP4",
    ]
    con.run("rm -skip_topdirs -rmatch=C -dmatch=100 DCIM")
    assert sorted(path.name for path in (card / "DCIM").rglob("*")) == [
        "101CANON",
        "102___11",
        "IMG_0201.JPG",
    ]
    lines = con.run("rm -ignore_errors -fmatch=nothing DCIM")
    assert lines[0] == "A/DCIM/101CANON: OK"
    assert lines[1].startswith("A/DCIM/102___11: FAILED: A/DCIM/102___11: errno 0x")
    assert lines[2].startswith("A/DCIM: FAILED: ")
    assert con.run("rm -maxdepth=0 -nodirs CHDK") == []
    assert (card / "CHDK" / "CCHDK4.CFG").exists()
    assert con.fail("rm").startswith("missing target; usage: delete ")
    assert con.fail("rm -maxdepth=x A").startswith("'x' is not a whole number")


def test_a_download_keeps_what_was_there_when_it_fails(con: Desk, tmp_path: Path) -> None:
    (tmp_path / "NOPE").write_text("mine")
    con.fail("d -nolua NOPE")
    assert (tmp_path / "NOPE").read_text() == "mine"
    assert not list(tmp_path.glob("*.part"))


def test_a_download_into_a_place_that_cannot_be_written(con: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    text = con.fail("d NOTES.TXT file/x")
    assert "file/x" in text
    assert "bug" not in text


def test_an_upload_as_large_as_five_megabytes(con: Desk, card: Path, tmp_path: Path) -> None:
    data = bytes(range(256)) * (5 * 4096)
    (tmp_path / "big.bin").write_bytes(data)
    assert con.run("u big.bin BIG.BIN") == ["big.bin->A/BIG.BIN"]
    assert (card / "BIG.BIN").read_bytes() == data
    assert con.run("d BIG.BIN back/") == ["A/BIG.BIN->back/BIG.BIN"]
    assert (tmp_path / "back" / "BIG.BIN").read_bytes() == data
