"""Copies from one place of the card to another, made by the camera itself."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from chdkshell.chdk.card.access import CardAccess
from chdkshell.chdk.card.cardanswers import refusal
from chdkshell.chdk.card.lookup import stat_if_there
from chdkshell.chdk.card.scriptcalls import call_with_messages
from chdkshell.chdk.card.writer import CLEANUP_SECONDS, check_not_temporary, temporary_name
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.paths import ROOT, base_name, below_root, decode_name, join_path, without_slash
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import ChdkShellError, TransportError, UsageError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.lua.literals import serialize

TEMPORARY = temporary_name(0)
"""What a copy is called until it is whole; an upload takes away what was left of one."""

PART = 1 << 20
"""Bytes after which the camera tells how far it is."""

CopiedListener = Callable[[str, str], None]
"""Is told of each file that was copied: its path and the new one."""


def copy_on_card(
    card: CardAccess,
    source: str,
    target: str,
    on_copied: CopiedListener | None = None,
    progress: Progress = SILENT,
    cancel: CancelToken = NEVER,
) -> str:
    """Copy a file, or a directory with all that is in it; return its new path (`Files.copy`)."""
    old, new = below_root(source, "copied"), without_slash(target)
    entry = card.stat(old, cancel)
    there = stat_if_there(card, new, cancel)
    if there is not None and there.is_dir:
        new = join_path(new, base_name(old))
    if f"{new}/".upper().startswith(f"{old}/".upper()):
        raise UsageError(f"{old} cannot be copied to {new}", "a copy has to be somewhere else")
    items = [entry] if entry.is_file else card.list_tree([old], cancel=cancel)
    progress.start(sum(item.size for item in items if item.is_file))
    for item in items:
        path = new + item.path[len(old) :]
        if item.is_file:
            card.copy_file(item.path, path, item.size, progress, cancel)
            if on_copied is not None:
                on_copied(item.path, path)
        else:
            card.make_folder(path, cancel)
    return new


def copy_file(
    scripts: Scripts,
    source: str,
    target: str,
    size: int,
    progress: Progress,
    cancel: CancelToken,
) -> None:
    """Have the camera copy a file, which has its name when the copy is whole."""
    check_not_temporary(target)
    told = 0

    def tell(done: int) -> None:
        nonlocal told
        progress.advance(done - told)
        told = done

    def receive(message: ScriptMessage) -> None:
        if message.data.isdigit():
            tell(int(message.data))

    temporary = join_path(target.rpartition("/")[0] or ROOT, TEMPORARY)
    arguments = ",".join(map(serialize, (source, target, temporary, PART)))
    try:
        answer = call_with_messages(
            scripts, f"copy_file({arguments})", "copy_file", receive, cancel
        )
    except TransportError:
        raise
    except ChdkShellError:
        name = serialize(temporary)
        with contextlib.suppress(ChdkShellError):
            scripts.call(f"if os.stat({name}) then os.remove({name}) end", timeout=CLEANUP_SECONDS)
        raise
    match answer:
        case (True, str() | bytes() as path) if decode_name(path) == target:
            tell(size)
            return
    raise refusal(answer, source)
