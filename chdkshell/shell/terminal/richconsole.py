"""The console of rich for a terminal that takes escape sequences."""

from __future__ import annotations

import functools
from typing import TextIO

from rich.console import Console
from rich.theme import Theme

from chdkshell.shell import themes

_PARTS = {
    "bar.complete": "folder",
    "bar.finished": "good",
    "bar.pulse": "folder",
    "progress.spinner": "good",
    "progress.elapsed": "muted",
    "progress.download": "good",
    "progress.data.speed": "muted",
    "progress.remaining": "name",
}
"""What rich colours by itself."""


def rich_console(terminal: TextIO, width: int | None = None) -> Console:
    """Return what draws for a terminal; `width` is in characters, else as wide as that is.

    It is no old console of Windows, whatever rich finds: such a one gets plain text, and never
    comes here. rich would call the system in place of writing, and leave a column free.
    """
    return Console(
        file=terminal,
        highlight=False,
        width=width,
        legacy_windows=False,
        theme=_theme(themes.current()),
        no_color=themes.current() == "none" or None,
    )


@functools.lru_cache
def _theme(name: str) -> Theme:
    colours = {role: f"color({number})" for role, number in themes.THEMES[name].items()}
    styles = {role: colours.get(role, "none") for role in themes.ROLES}
    parts = {part: styles[role] for part, role in _PARTS.items()}
    return Theme({**styles, **parts})
