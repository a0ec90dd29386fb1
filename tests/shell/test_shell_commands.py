"""The commands, against the simulated camera in this process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.desk import Desk
from support.parity_cases import make_card
from support.timeouts import TIMEOUT

from chdkshell.camera import Camera
from chdkshell.camera import connect as connect_to
from chdkshell.errors import DeviceBusyError, NoDeviceError
from chdkshell.flow import CancelToken, Progress
from chdkshell.shell import devices
from chdkshell.shell.command import REGISTRY
from chdkshell.shell.dispatch import Status
from chdkshell.shell.matching import DeviceMatch, lua_finds
from chdkshell.transport.base import Device, DeviceState


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
    assert everything[0] == "help (h)     [-v] [cmd...]: - Help on one command or on all."
    assert len(everything) == len(list(REGISTRY))
    assert desk.run("h d")[0].startswith("download (d) [-nolua] ")
    assert desk.run("h d")[0].endswith(" <source> [local]: - Download a file from the card.")
    assert "Example" not in "".join(everything)
    assert len(desk.run("help -v")) > 60
    assert desk.fail("help nosuch").startswith("unknown command 'nosuch'")


def test_set(desk: Desk) -> None:
    shown = desk.run("set")
    known = ["cli_time=false", "cli_xferstats=false", "cli_verbose=1", "cli_source_max=10"]
    assert shown[:4] == known
    assert {"cli_error_exit=false", "err_trace=never", "output=plain"} <= set(shown)
    assert desk.run("set -v cli_verbose")[0].startswith("cli_verbose=1        - number: ")
    assert desk.run("set cli_error_exit=TRUE") == []
    assert desk.run("set -c cli_error_exit") == ["set cli_error_exit=true"]
    assert desk.run("set cli_error_exit=0") == []
    assert desk.run("set cli_error_exit") == ["cli_error_exit=false"]
    assert desk.run("set silence=7") == []  # an earlier name
    assert desk.run("set timeout") == desk.run("set silence") == ["timeout=7"]


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

    busy = Device(
        "usb:001:005",
        "001",
        "005",
        0x4A9,
        0x3211,
        state=DeviceState.IN_USE,
        holder="gvfsd (pid 7)",
        problem="another program holds it",
    )
    found = [device("004", "AAA1", 0x311B), busy, device("006", "BBB2", 0x3270)]

    def connect(address: str, **options: Any) -> Camera:
        if address == busy.address:
            raise DeviceBusyError("another program holds it", "close it")
        return connect_to(address, **options)

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
        ("connect 1", "AAA1"),
        ("connect 3", "BBB2"),
        ("connect bbb", "BBB2"),
        ("connect 2$", "BBB2"),
        ("connect -d=006", "BBB2"),
        ("connect -d=0006", "BBB2"),
        ("connect -d=00[67]", "BBB2"),
        ("connect -b=001 -d=004", "AAA1"),
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


def test_chdkptp_takes_the_first_of_several(desk: Desk, bus: list[Device]) -> None:
    desk.shell.context.prefs.compat = True
    assert desk.run("connect") == ["connected: Canon PowerShot AAA1, max packet size 0"]
    assert [camera.serial for camera in desk.shell.context.connections.all()] == ["AAA1"]


BOTH = "2 cameras fit: 1 (Canon PowerShot AAA1, serial AAA1, sim:"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("connect 2", "another program holds it; close it"),
        ("connect", BOTH),
        ("connect -b=001", BOTH),
        ("connect powershot", BOTH),
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


def test_several_cameras_are_all_named(desk: Desk, bus: list[Device]) -> None:
    text = desk.fail("connect")
    assert text.startswith(BOTH)
    assert text.endswith("; name one by its number, as in `connect 1`, or by its serial or bus")
    assert ", 3 (Canon PowerShot BBB2, serial BBB2, sim:" in text
    text = desk.fail("luar return 1")
    assert text.startswith("not connected, and there are 3 cameras: 1 (unknown model, sim:")
    assert ", 2 (unknown model, usb:001:005), 3 (" in text


def test_a_command_connects_the_only_camera(desk: Desk, bus: list[Device]) -> None:
    del bus[1:]
    desk.run("set autoconnect=0")
    assert desk.fail("luar return 1").startswith("not connected; connect a camera first")
    desk.run("set autoconnect=1")
    assert desk.shell.run("luar return 1")
    assert desk.out.getvalue() == "1:return:1\n"
    assert desk.err.getvalue().startswith("connected by itself: Canon PowerShot AAA1 (sim:")


def test_a_camera_that_the_user_left_is_not_taken_again(desk: Desk, bus: list[Device]) -> None:
    del bus[1:]
    desk.run("connect")
    desk.run("disconnect")
    assert desk.fail("luar return 1") == ("not connected; `reconnect` opens the last camera again")


def test_the_simulated_camera_is_not_taken_unasked(desk: Desk) -> None:
    assert desk.fail("luar return 1").startswith("not connected; ")


def test_a_camera_that_rebooted_is_found_again(con: Desk) -> None:
    assert con.run("reboot -wait=5000") == []
    assert con.shell.context.camera.is_connected
    assert con.run("reboot -norecon") == []
    assert con.fail("luar return 1").startswith("not connected; `reconnect`")


def test_a_camera_that_went_away_is_waited_for_once(
    con: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = con.shell.context.camera
    waits: list[float] = []

    def reconnect(wait: float, cancel: CancelToken, progress: Progress) -> None:
        waits.append(wait)
        for _ in range(2):
            progress.describe("waiting for it")
        raise NoDeviceError("it is not there")

    monkeypatch.setattr(camera, "reconnect", reconnect)
    camera.close()
    for _ in range(2):
        assert not con.shell.run("ls")
    told = con.err.getvalue().splitlines()
    assert told[0] == "waiting for it ... (Ctrl-C ends that)"
    assert told[1].startswith("ERROR: it is not there; ")
    assert waits == [10, 0]


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
    con.run("lua return read_usb_msg(600000)")
    con.run('putm  it\'s  "raw" -x')
    camera = con.shell.context.camera
    camera.scripts.wait(timeout=TIMEOUT, on_message=lambda message: None)
    con.run("lua return read_usb_msg(600000)")
    con.run('putm  it\'s  "raw" -x')
    waited = camera.scripts.wait(timeout=TIMEOUT)
    assert waited.returns[0].value == 'it\'s  "raw" -x'
    assert con.fail("putm x").startswith("no script running")


def test_a_session_that_was_broken_off_is_told_and_mended(
    con: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = con.shell.context.camera.session.transport

    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(transport, "transact", interrupted)
    assert not con.shell.run("ls")
    assert con.shell.status is Status.INTERRUPTED
    assert con.err.getvalue() == "ERROR: interrupted\n"
    assert con.shell.run("ls")
    assert "\nconnected again: Canon PowerShot SIM1 (sim:" in con.err.getvalue()
    assert con.shell.run("reconnect")
    assert con.shell.run("ls")
    assert con.out.getvalue().endswith("NOTES.TXT\n")
