"""Data of a shot that are made while they are taken: a raw frame would fill 25 MB."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chdkshell.streams import Buffer


@dataclass(frozen=True, slots=True)
class MadeData:
    """A source of `length` bytes, which `make` gives in order."""

    length: int
    make: Callable[[], Iterator[Buffer]]

    def chunks(self) -> Iterator[Buffer]:
        """Yield the bytes, made anew."""
        return self.make()
