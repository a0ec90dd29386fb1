"""The script steps of the firmware's recorded answers, and of the recorded sessions."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.sim_scripts import STANDING, CameraError, Runner, run_clock, simulated, value_of

from chdkshell.chdk.constants import ChdkCommand, MessageType
from chdkshell.sim.lua.host import ScriptHost

DATA = Path(__file__).parent.parent / "data"
CHDK = 0x9999

CARD = {
    "CHDK/SCRIPTS/HELLO.LUA": b'return "hello",a\n',
    "NOTES.TXT": b"n" * 40,
    "VEC.TXT": b"0123456789",
    **{f"DCIM/100CANON/IMG_000{n}.JPG": b"x" for n in range(1, 5)},
    "DCIM/100CANON/CRW_0003.DNG": b"x",
    "DCIM/100CANON/MVI_0005.MP4": b"x",
}


@pytest.fixture
def camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    monkeypatch.setitem(os.environ, "TZ", "UTC")
    time.tzset()
    for name, content in CARD.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "EMPTY").mkdir()
    with simulated(tmp_path, speed=5) as runner:
        yield runner


def comparable(answer: list[object]) -> list[object]:
    """Leave out what may differ: error numbers, the order of keys in a table's text."""
    *numbers, data = answer
    if not isinstance(data, bytes):
        return answer
    text = re.sub(rb"errno 0x[0-9A-Fa-f]+", b"errno", data)
    if len(text) != len(data):
        numbers[-1] = 0
    return [*numbers, sorted(text.splitlines()) if b"\n" in text else text]


def expected_data(recorded: object) -> object:
    if isinstance(recorded, dict):
        return recorded["len"]
    assert isinstance(recorded, str)
    return bytes.fromhex(recorded)


def let_end(host: ScriptHost) -> None:
    """Let the script end; only meanwhile does time pass."""
    run_clock(host, 5)
    assert host.wait_ended(60)
    run_clock(host, STANDING)


def answer(host: ScriptHost, step: dict[str, Any], out: bytes) -> list[object] | None:
    """Do a recorded step. None: it is no step of scripts."""
    command, *params = step["params"]
    match command:
        case ChdkCommand.EXECUTE_SCRIPT if params[0] & 0xFF == 0:
            if "kept without flush flags: second" in str(step["name"]):
                let_end(host)
            return list(host.execute(out, params[0]))
        case ChdkCommand.SCRIPT_STATUS:
            if str(step["name"]).endswith("when done"):
                let_end(host)
            return [host.status()]
        case ChdkCommand.READ_SCRIPT_MSG:
            message = host.read_message()
            data: object = message.data or b"\0"
            if isinstance(step["in"], dict):
                data = len(message.data)
            return [message.type, message.subtype, message.script_id, len(message.data), data]
        case ChdkCommand.WRITE_SCRIPT_MSG:
            return [host.write_message(out, params[0])]
    return None


def test_recorded_script_steps_give_the_recorded_answers(camera: Runner) -> None:
    compared = 0
    run_clock(camera.host, STANDING)
    for line in (DATA / "basic.jsonl").read_text().splitlines():
        step = json.loads(line)
        if step["op"] != CHDK:
            continue
        out = bytes.fromhex(step["out"]) if isinstance(step["out"], str) else b""
        got = answer(camera.host, step, out)
        if got is None:
            continue
        wanted = list(step["rparams"])
        if step["params"][0] == ChdkCommand.READ_SCRIPT_MSG:
            wanted.append(expected_data(step["in"]))
        assert comparable(got) == comparable(wanted), step["name"]
        compared += 1
    assert compared == 214


# Blocks of parity/script.txt whose answers are the script's alone: what `luar` was given, and the
# client's lines for it. Code of the client's own fills 100 lines before the script's.
SESSION = [
    ("return -2147483648", [-2147483647]),
    ("return 7/2,-7/2,2^10,10%3,-7%3", [3, -3, 1024, 1, -1]),
    ("return 2147483647+1", [-2147483648]),
    ("""return "it's","tab\\there\"""", ["it's", "tab\there"]),
    ("return pcall(sleep,10)", [False, "attempt to yield across metamethod/C-call boundary"]),
    (
        "return type(os.getenv),type(os.stat),type(io.open),_VERSION",
        ["nil", "function", "function", "Lua 5.1"],
    ),
    (
        "return os.stat('A/NOTES.TXT').size,os.stat('A/NOTES.TXT').is_dir,os.stat('A/DCIM').is_dir",
        [40, False, True],
    ),
    ("return os.stat('A/NOPE')", [None, "A/NOPE: errno 0x2", 0]),
    ("return #os.listdir('A/DCIM/100CANON')", [6]),
    ("return loadfile('A/CHDK/SCRIPTS/HELLO.LUA')()", ["hello", None]),
    ("a=3 return loadfile('A/CHDK/SCRIPTS/HELLO.LUA')()", ["hello", 3]),
    ("return bitand(12,10),bitor(12,10),bitxor(12,10),bitshl(1,4),bitnot(0)", [8, 14, 6, 16, -1]),
    ("return function() end", ["unsupported:function"]),
    ("return", []),
]

SESSION_ERRORS = [
    ("error('boom')", ":101: boom"),
    ("error({})", ""),
    ("foo bar", ":101: '=' expected near 'bar'"),
    ("return 1.5", ":101: malformed number near '1.5'"),
    ("return nil+1", ":101: attempt to perform arithmetic on a nil value"),
    ("nosuchfunction()", ":101: attempt to call global 'nosuchfunction' (a nil value)"),
    ("local t=nil; return t.x", ":101: attempt to index local 't' (a nil value)"),
    ("return ('x'):rep(3", ":101: ')' expected near '<eof>'"),
]


@pytest.mark.parametrize(("code", "values"), SESSION)
def test_recorded_session(camera: Runner, code: str, values: list[object]) -> None:
    assert camera.values("\n" * 100 + code) == values


@pytest.mark.parametrize(("code", "text"), SESSION_ERRORS)
def test_recorded_errors(camera: Runner, code: str, text: str) -> None:
    with pytest.raises(CameraError) as caught:
        camera.values("\n" * 100 + code)
    assert str(caught.value) == text


def test_user_messages_come_before_return_values(camera: Runner) -> None:
    messages = camera.messages(
        "write_usb_msg('hi') write_usb_msg(5) write_usb_msg(true) write_usb_msg({a=1}) return 9"
    )
    assert [(m.type, value_of(m)) for m in messages] == [
        (MessageType.USER, "hi"),
        (MessageType.USER, 5),
        (MessageType.USER, True),
        (MessageType.USER, "a\t1\n"),
        (MessageType.RETURN, 9),
    ]
