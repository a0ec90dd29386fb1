"""How a listing that shows nothing yet tells how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chdkshell.errors import printable

if TYPE_CHECKING:
    from chdkshell.chdk.card.access import CountListener
    from chdkshell.shell.context import Context


@contextmanager
def counting(context: Context, noun: str) -> Iterator[CountListener]:
    """Give what shows at a terminal how many files or pictures there are so far, and where."""
    with context.progress(f"no {noun} yet") as progress:

        def show(count: int, place: str) -> None:
            progress.describe(f"{count:,} {noun} so far, reading {printable(place)}")

        yield show
