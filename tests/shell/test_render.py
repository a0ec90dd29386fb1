"""Results as text: the layouts are those of chdkptp."""

from __future__ import annotations

import dataclasses
import io
import json
import threading
from pathlib import Path

import pytest
from support.shell_process import run

from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.constants import ErrorType, MessageType, ValueType
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.errors import ChdkShellError, ScriptError
from chdkshell.shell.output.errortext import error_text
from chdkshell.shell.output.progress import Bar
from chdkshell.shell.output.render import Renderer, default_output
from chdkshell.shell.prefs import OutputKind, Prefs
from chdkshell.shell.results.devices import DeviceList, DeviceRow, DeviceStatus
from chdkshell.shell.results.files import CopiedFile, Deletion, Entries, Names
from chdkshell.shell.results.jsonvalues import to_json
from chdkshell.shell.results.luasession import ScriptFailure
from chdkshell.shell.results.memory import MemoryDump
from chdkshell.shell.results.scripts import Message


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def __init__(self) -> None:
        super().__init__()
        self._written = threading.Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        count = super().write(text)
        self._written.set()
        return count

    def clear(self) -> None:
        self.seek(0)
        self.truncate()

    def wait_for(self, *texts: str) -> None:
        """Wait until all of `texts` were written, in this order or another."""
        while not all(text in self.getvalue() for text in texts):
            assert self._written.wait(60), self.getvalue()
            self._written.clear()


def entry(name: str, size: int, mtime: int, is_dir: bool = False) -> CardEntry:
    return CardEntry(f"A/{name}", size, mtime, 0x10 if is_dir else 0x20, is_dir, "A/", 1)


NOON = 1761998400
"""2025-11-01 12:00:00 as the camera counts, whatever the host's time zone."""


def test_long_listing(monkeypatch: pytest.MonkeyPatch) -> None:
    listing = Entries("A/", (entry("DCIM", 0, NOON, True), entry("A.JPG", 65536, NOON + 2)))
    assert listing.text() == (
        "Sat Nov  1 12:00:00 2025      <dir> DCIM/\nSat Nov  1 12:00:02 2025      65536 A.JPG"
    )


def test_names_stay_on_their_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line feed in a name of the card's makes no line that looks like another file."""
    monkeypatch.setenv("TERM", "xterm")
    listing = Entries("A/", (entry("a\nSat Nov\t1\x1b", 5, NOON),))
    names = Names("A/", listing.entries)
    for text in (listing.text(), names.text(), listing.screen(Terminal())):
        assert "a\\nSat Nov\\t1\\x1b" in text
        assert "\na" not in text


def test_hexdump() -> None:
    data = b"\x00 Az~\x7f\xff0123456789ab"
    assert MemoryDump(0x1FF0, data, None).text() == (
        "0x00001ff0 19\n"
        "    1ff0: 00 20 41 7a 7e 7f ff 30 31 32 33 34 35 36 37 38 | ..Az~..012345678\n"
        "    2000: 39 61 62 -- -- -- -- -- -- -- -- -- -- -- -- -- | 9ab"
    )


def test_hexdump_of_words() -> None:
    data = b"\x78\x56\x34\x12" + b"\xff\xff\xff\xff" * 4
    assert MemoryDump(0x1000, data, "0x%08x").text() == (
        "0x00001000 20\n"
        "0x00001000: 0x12345678 0xffffffff 0xffffffff 0xffffffff\n"
        "0x00001010: 0xffffffff"
    )
    assert MemoryDump(0, b"\xff\xff\xff\xff", "%d").text().endswith(": 4294967295")


def test_messages() -> None:
    def message(kind: ValueType, data: bytes) -> Message:
        return Message(ScriptMessage(MessageType.USER, kind, 7, data))

    assert message(ValueType.STRING, b"a\tb").text() == "7:user:'a\tb'"
    assert message(ValueType.INTEGER, b"\xfe\xff\xff\xff").text() == "7:user:-2"
    assert message(ValueType.TABLE, b"{1}").text() == "7:user:table:{1}"
    assert message(ValueType.STRING, b"\x1b[31m").text() == "7:user:'\\x1b[31m'"
    failure = ScriptFailure(7, "runtime", ":1: ", "later", 1)
    assert failure.text() == "7:error:runtime::1: later"


def test_transfer_and_deletion_escape_what_the_camera_says() -> None:
    assert CopiedFile("A/\x1bX", "here/X", 3).text() == "A/\\x1bX->here/X"
    assert Deletion("A/X", True, "").text() == "A/X: OK"
    assert Deletion("A/X", False, "errno\x07").text() == "A/X: FAILED: errno\\x07"


def row(status: DeviceStatus, error: str = "", number: int = 1) -> DeviceRow:
    serial = None if error else "A1B2"
    model = None if error else "Canon PowerShot A540"
    place = ("usb:001:004", "001", "004", 0x4A9, 0x311B)
    return DeviceRow(number, status, *place, model, serial, error=error)


def test_device_list() -> None:
    rows = (
        row(DeviceStatus.CURRENT),
        row(DeviceStatus.FREE, number=2),
        row(DeviceStatus.IN_USE, "the camera is busy", 3),
    )
    assert DeviceList(rows).text() == (
        "*1:Canon PowerShot A540 b=001 d=004 v=0x4a9 p=0x311b s=A1B2\n"
        "-2:Canon PowerShot A540 b=001 d=004 v=0x4a9 p=0x311b s=A1B2\n"
        "!3: b=001 d=004 ERROR: the camera is busy"
    )
    assert DeviceList(()).text() == ""


def test_errors() -> None:
    assert error_text(ChdkShellError("what\x1b", "do\x1b")) == "what\\x1b; do\\x1b"
    script = ScriptError("runtime", ":101: boom", "boom", 1)
    assert error_text(script) == ":1: boom\nuser code: 1"
    assert error_text(ScriptError("runtime", "x", "x", 9, "batch.lua")).endswith("\nbatch.lua: 9")
    assert error_text(FileNotFoundError(2, "No such file or directory", "x")) == (
        f"x: No such file or directory; the working folder is {Path.cwd()}"
    )
    assert error_text(PermissionError(13, "Permission denied", "x")) == "x: Permission denied"


@pytest.mark.parametrize("line", ["source missing.txt", "dngload missing.txt", "lint missing.txt"])
def test_a_file_that_is_not_here_is_told_alike(line: str, tmp_path: Path) -> None:
    hint = f"the working folder is {tmp_path}"
    done = run("-r", "-e", line, cwd=tmp_path)
    assert done.stderr.endswith(f"missing.txt: No such file or directory; {hint}\n")
    answer = json.loads(run("-r", "--json", "-e", line, cwd=tmp_path).stdout)
    assert (answer["reason"], answer["hint"]) == ("host-file", hint)


def test_tables_are_for_terminals() -> None:
    terminal = Terminal()
    table = DeviceList((row(DeviceStatus.CURRENT),)).screen(terminal)
    assert "Canon PowerShot A540" in table
    assert "current" in table
    busy = row(DeviceStatus.IN_USE, "in use by gvfsd", 2)
    busy = dataclasses.replace(busy, holder="gvfsd (pid 7)")
    table = DeviceList((busy,)).screen(Terminal())
    assert "in use by gvfsd (pid 7)" in table
    listing = Entries("A/", (entry("A\x1b.JPG", 65536, NOON),)).screen(terminal)
    assert "65,536" in listing
    assert "A\\x1b.JPG" in listing
    assert Names("A/", (entry("a", 1, NOON),)).screen(terminal) == "a"
    assert DeviceList(()).screen(terminal) == ""


def test_the_face_suits_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert default_output(Terminal()) is OutputKind.RICH
    assert default_output(io.StringIO()) is OutputKind.PLAIN
    monkeypatch.setenv("TERM", "dumb")
    assert default_output(Terminal()) is OutputKind.PLAIN


def test_colour_obeys_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    out, err = Terminal(), Terminal()
    renderer = Renderer(Prefs(OutputKind.RICH), out, err)
    renderer.error(ChdkShellError("no"))
    assert err.getvalue() == "\x1b[31mERROR: \x1b[0mno\n"
    monkeypatch.setenv("NO_COLOR", "1")
    renderer.warning("careful")
    assert err.getvalue().endswith("\nWARNING: careful\n")


def test_a_bar_shows_progress_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with Bar("download", stream, delay=0) as bar, bar.step("A/X.JPG"):
        bar.start(4_000_000)
        bar.advance(2_000_000)
        bar.describe("A/Y.JPG")
        stream.wait_for("A/Y.JPG", "2.0/4.0 MB")
        bar.give_way()
        assert stream.getvalue().endswith("\r\x1b[J\x1b[?25h")
        stream.clear()
        stream.wait_for("2.0/4.0 MB")
    shown = stream.getvalue()
    assert shown.endswith("\r\x1b[J\x1b[?25h")
    assert "\n" not in shown, "one line"
    assert "\r\r\x1b[J" in shown, "the cursor waits at its beginning"


def test_what_counts_no_bytes_shows_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with Bar("imls", stream, delay=0) as bar:
        stream.wait_for("imls", "0:00:00")
        with bar.away():
            stream.clear()
            bar.describe("shot 2 of 3")
            assert stream.getvalue() == ""
        stream.wait_for("shot 2 of 3")


def test_what_is_quick_gets_no_bar() -> None:
    stream = Terminal()
    with Bar("A/X.JPG", stream, delay=60) as bar:
        bar.start(10)
        bar.advance(10)
    assert stream.getvalue() == ""


def test_json_of_messages_and_listings() -> None:
    table = ScriptMessage(MessageType.RETURN, ValueType.TABLE, 3, b"{a={1,nil},[true]=2}")
    assert Message(table).json() == {
        "script_id": 3,
        "type": "return",
        "value_type": "table",
        "value": {"table": [["a", [1]], [True, 2]]},
    }
    odd = ScriptMessage(MessageType.RETURN, ValueType.TABLE, 3, b"not a table")
    assert Message(odd).json()["value_type"] == "unsupported"
    error = ScriptMessage(MessageType.ERROR, ErrorType.RUNTIME, 3, b":1: boom")
    assert Message(error).json()["value"] == ":1: boom"
    listing = Entries("A/", (entry("A.JPG", 5, NOON),))
    assert to_json(listing)["entries"][0]["mtime"] == NOON
    assert to_json(MemoryDump(16, b"\x01\xff", None)) == {
        "address": 16,
        "size": 2,
        "hex": "01ff",
    }
    devices = to_json(DeviceList((row(DeviceStatus.FREE),)))
    assert devices[0]["status"] == "free"
    assert devices[0]["vendor_id"] == 0x4A9
