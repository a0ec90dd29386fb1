"""The plain text of what happens while many files are copied."""

from __future__ import annotations

from chdkshell.chdk.card.copying import FileCopied, FileFailed, FileKept, FolderMade, SourceRemoved
from chdkshell.errors import printable


def copy_text(value: object) -> str | None:
    """Return an event as text without the last line feed, None for results of another kind."""
    match value:
        case FolderMade(path):
            return printable(f"mkdir {path}")
        case FileCopied(source, target, _, replaced):
            text = printable(f"{source}->{target}")
            return f"{text}\noverwrite: {printable(target)}" if replaced else text
        case FileKept(source, target):
            return printable(f"{source}->{target}\nskip existing: {target}")
        case FileFailed(source, _, message):
            return printable(f"{source}: {message}")
        case SourceRemoved(path, ok, message):
            return printable(f"delete {path}" if ok else f"kept {path}: {message}")
    return None
