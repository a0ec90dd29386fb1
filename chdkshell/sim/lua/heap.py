"""The memory of one script: its limit holds while Lua code runs, and not while Python does.

Lupa moves values into Lua outside of any protected call of Lua's. An allocation that fails there
unwinds Lua's stack through Python's frames, with locks held that are never released. So whoever
goes from Lua to Python lifts the limit, and back in Lua `settle` looks whether all is within it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chdkshell.errors import UsageError

HEAP_LIMIT = 8 << 20
"""Bytes that a script's Lua values may take, by default."""

ROOM = 1 << 16
"""Bytes that a script may take beyond the limit until it has ended its want of memory."""

REFERENCES = 64
"""Lua values that Python may hold at a time without the registry, which keeps them, growing."""


class Heap:
    """The memory of an interpreter, which has no limit before `limit` sets one."""

    def __init__(self, lua: Any) -> None:
        self._lua = lua
        self._collect: Callable[[], object] = lambda: None
        self._most: int | None = None
        self._lifted = True

    def limit(self, size: int, collect: Callable[[], object]) -> None:
        """Let there be `size` bytes beside what is in use. `collect` is Lua's collectgarbage."""
        # Arguments of a call are put into the registry before Python can lift the limit: it gets
        # its places now.
        places = [self._lua.table() for _ in range(REFERENCES)]
        del places
        collect()
        self._collect = collect
        self._most = self._lua.get_memory_used(False) + size

    def lift(self) -> None:
        """Let Python put values into Lua, however many."""
        self._lifted = True
        if self._most is not None:
            self._lua.set_max_memory(0)

    def settle(self) -> bool:
        """Let the limit hold again. Returns False, and leaves it lifted, where it is exceeded."""
        if self._most is not None and self._lifted:
            if self._lua.get_memory_used(False) > self._most:
                self._collect()
            if self._lua.get_memory_used(False) > self._most:
                return False
            self._lua.set_max_memory(self._most)
        self._lifted = False
        return True

    def enforce(self) -> bool:
        """Let the limit hold again, if all is within it. Returns False where it is not.

        Then there is a little room for the error to be raised; what that makes unreachable is
        counted when the limit is to hold the next time.
        """
        if self.settle():
            return True
        self._lua.set_max_memory(self._lua.get_memory_used(False) + ROOM)
        return False


def heap_size(text: str) -> int:
    """Return the bytes that a text such as 500K, 2M or 400000 means. Raises `UsageError`."""
    digits, unit = (text[:-1], text[-1:].upper()) if text[-1:].upper() in ("K", "M") else (text, "")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise UsageError(f"'{text}' is no size of memory", "500K, or 2M")
    return int(digits) << {"": 0, "K": 10, "M": 20}[unit]
