"""The console of rich for a terminal that takes escape sequences."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console


def rich_console(terminal: TextIO, width: int | None = None) -> Console:
    """Return what draws for a terminal; `width` is in characters, else as wide as that is.

    It is no old console of Windows, whatever rich finds: such a one gets plain text, and never
    comes here. rich would call the system in place of writing, and leave a column free.
    """
    return Console(file=terminal, highlight=False, width=width, legacy_windows=False)
