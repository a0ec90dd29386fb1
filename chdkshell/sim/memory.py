"""The simulated camera's address space: a pattern to read, and what was written over it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cache

PAGE = 1 << 12
MAX_PAGES = 1024
"""Pages that can be written, 4 MiB in all: the initiator is not trusted."""

HEAP = 0x400000
"""Where memory begins that can be allocated."""

_PERIOD = 1 << 16
_ADDRESS_SPACE = 1 << 32


class Memory:
    """Every aligned word reads as 0xC0DE0000 plus the low half of its address, until written."""

    room = PAGE * MAX_PAGES
    """Bytes that can be written at once at most."""

    def __init__(self) -> None:
        self._free = HEAP
        self._pages: dict[int, bytearray] = {}

    def read(self, address: int, size: int) -> Iterator[memoryview]:
        """Yield `size` bytes from `address` on. The address space wraps around."""
        while size:
            page, offset = divmod(address % _ADDRESS_SPACE, PAGE)
            if page in self._pages:
                part = memoryview(self._pages[page])[offset : offset + size]
            else:
                part = self._unwritten(address % _PERIOD, size)
            yield part
            address += len(part)
            size -= len(part)

    def write(self, address: int, data: bytes) -> bool:
        """Keep `data` at `address`. Returns False, and keeps nothing, when no page is left."""
        first, last = address // PAGE, (address + len(data) - 1) // PAGE
        touched = {page % (_ADDRESS_SPACE // PAGE) for page in range(first, last + 1)}
        if len(touched | self._pages.keys()) > MAX_PAGES:
            return False
        for page in touched - self._pages.keys():
            start = page * PAGE % _PERIOD
            self._pages[page] = bytearray(_pattern()[start : start + PAGE])
        at = 0
        while at < len(data):
            page, offset = divmod((address + at) % _ADDRESS_SPACE, PAGE)
            part = data[at : at + PAGE - offset]
            self._pages[page][offset : offset + len(part)] = part
            at += len(part)
        return True

    def text(self, address: int) -> bytes:
        """Return the text at `address`, which ends at a NUL, or after a page without one."""
        return b"".join(self.read(address, PAGE)).partition(b"\0")[0]

    def allocate(self, size: int) -> int:
        """Return the address of memory that nobody else uses; 0 for a size that there is not."""
        if not 0 < size <= self.room:
            return 0
        address = self._free
        self._free += -(-size // PAGE) * PAGE
        return address

    def _unwritten(self, offset: int, size: int) -> memoryview:
        """Return pattern bytes from `offset` of its period on: where pages were written, to the end
        of a page at most.
        """
        whole = size if not self._pages else PAGE - offset % PAGE
        return memoryview(_pattern())[offset : offset + min(size, whole)]


@cache
def _pattern() -> bytes:
    """Return some periods of what memory holds, shared by all cameras: large pieces cost least."""
    words = (0xC0DE0000 | address for address in range(0, _PERIOD, 4))
    return struct.pack(f"<{_PERIOD // 4}I", *words) * 4
