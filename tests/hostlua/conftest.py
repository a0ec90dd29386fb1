"""A Lua state, and one with a camera, for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.host_lua import LuaDesk


@pytest.fixture
def lua() -> Iterator[LuaDesk]:
    """A state whose one camera is not connected."""
    desk = LuaDesk()
    yield desk
    desk.close()


@pytest.fixture
def connected(lua: LuaDesk) -> LuaDesk:
    """A state whose `con` is connected to a simulated camera."""
    lua.connected()
    return lua
