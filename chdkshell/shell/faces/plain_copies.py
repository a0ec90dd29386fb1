"""The plain text of what happens while many files are copied."""

from __future__ import annotations

from chdkshell.chdk.card.copying import FileCopied, FileFailed, FileKept, FolderMade, SourceRemoved
from chdkshell.errors import printable, printable_name


def copy_text(value: object) -> str | None:
    """Return an event as text without the last line feed, None for results of another kind."""
    match value:
        case FolderMade(path, on_card):
            return printable_name(f"remote mkdir_m({path})" if on_card else f"mkdir {path}")
        case FileCopied(source, target, _, replaced):
            text = printable_name(f"{source}->{target}")
            return f"{text}\noverwrite: {printable_name(target)}" if replaced else text
        case FileKept(source, target):
            text = printable_name(f"{source}->{target}")
            return f"{text}\nskip existing: {printable_name(target)}"
        case FileFailed(source, _, message):
            return f"{printable_name(source)}: {printable(message)}"
        case SourceRemoved(path, ok, message):
            name = printable_name(path)
            return f"delete {name}" if ok else f"kept {name}: {printable(message)}"
    return None
