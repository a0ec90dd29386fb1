"""What was typed at the prompt, as it is kept in a file of the settings."""

from __future__ import annotations

import os
from typing import NamedTuple

HISTORY_FILE = "history"


class TypedLine(NamedTuple):
    """A line that was typed, and when, as "2026-11-28 09:30:00.12"; "" where that is not known."""

    line: str
    time: str


def typed_lines(folder: str) -> list[TypedLine]:
    """Return what is kept in a folder, from the first. What cannot be read is nothing.

    The file is that of prompt_toolkit: a line `# TIME`, and the lines that were entered, each after
    a `+`.
    """
    found: list[TypedLine] = []
    lines: list[str] = []
    time = ""
    try:
        path = os.path.join(folder, HISTORY_FILE)  # noqa: PTH118 - quick to import
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in (*file, ""):
                if line.startswith("+"):
                    lines.append(line[1:].rstrip("\n"))
                    continue
                if lines:
                    found.append(TypedLine("\n".join(lines), time))
                    lines = []
                if line.startswith("# "):
                    time = line[2:].rstrip("\n")
    except OSError:
        return []
    return found
