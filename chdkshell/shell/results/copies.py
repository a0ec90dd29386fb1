"""What happens while many files are copied."""

from __future__ import annotations

from typing import Any, TextIO

from chdkshell.chdk.card.copying import (
    CopyEvent,
    FileCopied,
    FileFailed,
    FileKept,
    FolderMade,
    SourceRemoved,
)
from chdkshell.errors import printable, printable_name
from chdkshell.shell.results import Result

NOT_COPIED = "not transferred in this run"


EVENT_NAMES = {
    FolderMade: "folder",
    FileCopied: "copied",
    FileKept: "skipped",
    FileFailed: "failed",
    SourceRemoved: "removed",
}


class Copied(Result):
    """An event of copying. `pretended`: the command only shows what it would do.

    `tells_replaced`: its text says that a file was replaced. It is no dataclass, which takes as
    long to make as a file to copy.
    """

    def __init__(
        self, event: CopyEvent, pretended: bool = False, tells_replaced: bool = True
    ) -> None:
        self.event = event
        self.pretended = pretended
        self._tells_replaced = tells_replaced

    def text(self) -> str:
        match self.event:
            case FolderMade(path, on_card):
                return printable_name(f"remote mkdir_m({path})" if on_card else f"mkdir {path}")
            case FileCopied(source, target, _, replaced):
                text = printable_name(f"{source}->{target}")
                is_told = replaced and self._tells_replaced
                return f"{text}\noverwrite: {printable_name(target)}" if is_told else text
            case FileKept(source, target):
                text = printable_name(f"{source}->{target}")
                return f"{text}\nskip existing: {printable_name(target)}"
            case FileFailed(source, _, message):
                return f"{printable_name(source)}: {printable(message)}"
            case SourceRemoved(path, ok, message):
                name = printable_name(path)
                return (
                    f"delete {name}" if ok else f"kept {name}: {printable(message or NOT_COPIED)}"
                )

    def screen(self, terminal: TextIO) -> str:
        if isinstance(self.event, FileKept):
            return f"skip existing: {printable_name(self.event.target)}"
        if self.pretended and isinstance(self.event, SourceRemoved) and self.event.ok:
            return f"would delete {printable_name(self.event.path)}"
        return self.text()

    def json(self) -> Any:
        from chdkshell.shell.results.jsonvalues import to_json

        about = {"event": EVENT_NAMES[type(self.event)], **to_json(self.event)}
        return {**about, "pretended": self.pretended}
