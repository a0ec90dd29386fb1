"""Messages of scripts, as the firmware sent them, and the bytes of a script that is sent."""

import pytest
from support.chdk_replay import Answer, replayed

from chdkshell.chdk.constants import (
    MessageType,
)
from chdkshell.chdk.dataphase import script_payload
from chdkshell.chdk.messages import ScriptMessage, format_message
from chdkshell.lua.values import LuaUnsupported

VERSION_29 = Answer((2, 9))


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("return values: message 1", 1, "1:return:1"),
        ("return values: message 2", -1, "1:return:-1"),
        ("return values: message 3", "a", "1:return:'a'"),
        ("return values: message 4", None, "1:return:nil"),
        ("return values: message 5", True, "1:return:true"),
        ("return values: message 6", False, "1:return:false"),
        ("return values: message 7", 2147483647, "1:return:2147483647"),
        ("empty string: message 1", "", "2:return:''"),
        ("string with NUL: message 1", "x\0y", "3:return:'x\0y'"),
        ("compile error: message 1", ":1: '=' expected near 'bar'", None),
        ("run-time error: message 1", ":1: boom", "12:error:runtime::1: boom"),
    ],
)
def test_read_message(name: str, value: object, text: str | None) -> None:
    chdk, check = replayed(name, "return values: message 8")
    message = chdk.read_message()
    assert message is not None
    assert message.value == value
    assert type(message.value) is type(value)
    assert text is None or format_message(message) == text
    assert chdk.read_message() is None
    check()


def test_a_function_is_unsupported() -> None:
    chdk, _ = replayed("function value: message 1")
    message = chdk.read_message()
    assert message is not None
    assert message.value == LuaUnsupported("function")
    assert format_message(message).endswith(":return:unsupported:function")


def test_a_message_without_bytes_has_no_dummy_byte() -> None:
    chdk, _ = replayed("empty string: message 1")
    assert chdk.read_message() == ScriptMessage(MessageType.RETURN, 4, 2, b"")


def test_scripts_keep_off_sizes_that_some_cameras_cannot_take() -> None:
    for length in range(0x23F4 + 1100):
        payload = script_payload(b"x" * length)
        assert payload.rstrip(b"\0") == b"x" * length
        assert payload.endswith(b"\0")
        assert 0 < len(payload) % 512 < 500
    assert script_payload(b"return 1") == b"return 1\0"
