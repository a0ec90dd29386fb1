"""A camera that says that something failed, and not why."""

from __future__ import annotations

import pytest

from chdkshell.chdk.card import cardanswers, writer
from chdkshell.lua.values import LuaKey, LuaValue

UNKNOWN = "the camera does not say why it failed"


@pytest.mark.parametrize("message", [None, "", b"", 7])
def test_the_reason_is_never_empty(message: LuaValue) -> None:
    table: dict[LuaKey, LuaValue] = {"file": "A/X", "status": False}
    if message is not None:
        table["msg"] = message
    assert writer._written(table).message == UNKNOWN
    assert cardanswers.removed(table).message == UNKNOWN
    assert cardanswers.refusal((False, message), "A/X").args == (f"A/X: {UNKNOWN}",)


def test_what_succeeded_has_no_reason() -> None:
    table: dict[LuaKey, LuaValue] = {"file": "A/X", "status": True}
    assert writer._written(table).message == ""
    assert cardanswers.removed(table).message == ""
