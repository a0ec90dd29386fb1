"""Answers of scripts that send many messages: none is lost where the queue is full."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chdk_replay import Answer, playing

from chdkshell.camera import Camera, connect
from chdkshell.chdk.card.chdkcard import TARGETS_AT_ONCE
from chdkshell.chdk.card.removing import REMOVE_AT_ONCE
from chdkshell.chdk.card.scriptcalls import call_with_messages
from chdkshell.chdk.card.writer import LEFTOVER, MAX_FILES
from chdkshell.chdk.constants import ScriptStatus
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import CardError, ChdkShellError, LuaDataError
from chdkshell.lua.literals import serialize
from chdkshell.lua.values import LuaValue


@pytest.fixture(scope="module")
def camera() -> Iterator[Camera]:
    with connect("sim:") as found:
        yield found


def many(count: int, values: str) -> str:
    """A call that sends `count` messages as fast as the queue takes them, then returns `values`."""
    return f"(function() for i=1,{count} do write_usb_msg({{i}},60000) end return {values} end)()"


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ("true,101,'A/DCIM/100CANON'", (True, 101, "A/DCIM/100CANON")),
        ("false,'errno 0x2',nil", (False, "errno 0x2", None)),
        ("nil,nil,3", (None, None, 3)),
        ("true", True),
        ("nil", None),
        ("", None),
        ("{1,{a=2}},5", ([1, {"a": 2}], 5)),
        ("'a=\"b\"\\n\\0c'", 'a="b"\n\0c'),
    ],
)
@pytest.mark.parametrize("count", [0, 40])
def test_every_value_arrives(camera: Camera, count: int, values: str, answer: object) -> None:
    seen: list[ScriptMessage] = []
    call = many(count, values)
    assert call_with_messages(camera.scripts, call, "serialize", seen.append) == answer
    assert [message.value for message in seen] == [[i + 1] for i in range(count)]


def test_what_a_camera_does_with_values_while_its_queue_is_full(camera: Camera) -> None:
    camera.scripts.start("for i=1,15 do write_usb_msg(i) end return 'lost'")
    result = camera.scripts.wait()
    assert result.value in (None, "lost"), "it depends on who is faster"
    camera.scripts.start("while write_usb_msg('x') do end return 'lost'")
    while camera.protocol.script_status() & 1:
        pass
    assert camera.scripts.wait().value is None


NAMES = [f"A/N{number:03d}.TXT" for number in range(TARGETS_AT_ONCE)]


@pytest.mark.parametrize(
    ("library", "arguments"),
    [
        ("prepare_uploads", [[f"A/D{n}" for n in range(TARGETS_AT_ONCE)], [], LEFTOVER, True]),
        ("prepare_uploads", [[], NAMES, LEFTOVER, False]),
        ("finish_uploads", [[[f"{n}.TMP", n, 1, 1] for n in NAMES[:MAX_FILES]]]),
        ("remove_files", [[[n, 1, 1] for n in NAMES[:REMOVE_AT_ONCE]]]),
        ("remove_files", [[[f"A/{'X' * 200}{n}.TXT", 1, 1] for n in range(REMOVE_AT_ONCE)]]),
    ],
)
def test_what_a_script_tells_at_most_fits_the_queue(
    library: str, arguments: list[LuaValue], tmp_path: Path
) -> None:
    """Scripts that send a batch and return a value: the value is not lost if nobody reads."""
    for name in NAMES:
        (tmp_path / name[2:]).touch()
    call = f"return {library}({','.join(map(serialize, arguments))})"
    with connect(f"sim:card={tmp_path}") as camera:
        camera.scripts.start(call, libraries=(library,))
        deadline = time.monotonic() + 60
        while camera.protocol.script_status() & ScriptStatus.RUNNING:
            assert time.monotonic() < deadline, "it waits for the host to read"
        assert camera.scripts.wait().value is True


def test_an_error_is_an_error(camera: Camera) -> None:
    with pytest.raises(ChdkShellError, match="broken"):
        call_with_messages(camera.scripts, "error('broken')", "serialize", lambda message: None)


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([], "without an answer"),
        ([b"{}"], "without an answer"),
        ([b"=5"], "something else than an answer"),
        ([b"={5}"], "something else than an answer"),
        ([b"={"], "Lua"),
    ],
)
def test_a_camera_that_does_not_answer(messages: list[bytes], words: str) -> None:
    sent = [Answer((3, 4, 1, len(data)), data) for data in messages]
    ends = (Answer((0, 0, 0, 0), b"\0"), Answer((0,)))
    start = (Answer((2, 9)), Answer((1, 0)), Answer((2,)))
    session, _ = playing(*start, *sent, *ends)
    with pytest.raises((CardError, LuaDataError), match=words):
        call_with_messages(Scripts(ChdkProtocol(session)), "x()", "serialize", lambda message: None)
