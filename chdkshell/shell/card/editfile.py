"""A file of the card in the user's editor."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell.chdk.card.lookup import stat_if_there
from chdkshell.chdk.paths import base_name, escaped_name
from chdkshell.errors import ChdkShellError, HostFileError, UsageError
from chdkshell.shell.signals import EndedBySignal
from chdkshell.shell.userprograms import call_with_file, is_batch, named_program, safe_name

if TYPE_CHECKING:
    from chdkshell.shell.context import Context

_OWN_EDITOR = "set $EDITOR to the one you use"


def edit_file(context: Context, path: str) -> bool:
    """Download a file, have it edited, upload it if it was changed; return whether it was.

    What was written is kept where it is not uploaded for any reason, and the error says where.
    Raises `UsageError` where there is no editor, and `ChdkShellError` where it failed.
    """
    editor = _editor()
    files = context.camera.files
    there = stat_if_there(context.camera.files.card, path, context.cancel)
    if there is not None and not there.is_file:
        raise UsageError(f"{path} is not a file")
    folder = Path(tempfile.mkdtemp(prefix="chdkshell-edit-"))
    name = escaped_name(base_name(path))
    local = folder / (safe_name(name) if is_batch(editor[0]) else name)
    before: bytes | None = None
    try:
        if there is not None:
            files.download(path, local, cancel=context.cancel)
            before = local.read_bytes()
        if context.renderer.for_people:
            context.notice(f"{path} in {editor[0]}")
        with context.signals.waiting(has_interrupts=True):
            _run(editor, local)
        is_changed = _is_changed(local, before)
        if is_changed:
            _require_sound(context, local)
            files.upload(local, path, cancel=context.cancel)
    except (ChdkShellError, KeyboardInterrupt, EndedBySignal) as error:
        kept = f"what you wrote is in {local}"
        if not _is_changed(local, before):
            shutil.rmtree(folder, ignore_errors=True)
        elif isinstance(error, ChdkShellError):
            error.add_note(kept)
        else:
            context.warn(kept)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    return is_changed


def _require_sound(context: Context, path: Path) -> None:
    """Raise `LuaSyntaxError` for Lua that does not compile: the camera would refuse to run it."""
    if path.suffix.lower() != ".lua" or not context.prefs.flag("syntaxcheck"):
        return
    from chdkshell.shell.luacheck import require_sound

    text = path.read_bytes().decode("utf-8-sig", "surrogateescape")
    try:
        require_sound(text, path.name)
    except ChdkShellError as error:
        error.add_note("it was not uploaded")
        raise


def _is_changed(path: Path, before: bytes | None) -> bool:
    return path.exists() and path.read_bytes() != before


def _editor() -> list[str]:
    default = "notepad" if sys.platform == "win32" else "vi"
    text = os.environ.get("VISUAL") or os.environ.get("EDITOR") or default
    editor = named_program(text)
    if not editor:
        raise UsageError(f"there is no editor '{text}'", _OWN_EDITOR)
    return editor


def _run(editor: list[str], path: Path) -> None:
    try:
        status = call_with_file(editor, path)
    except OSError as error:
        raise HostFileError(f"cannot run {editor[0]}: {error.strerror}", _OWN_EDITOR) from error
    if status:
        name = Path(editor[0]).name
        raise ChdkShellError(f"{name} ended with status {status}; nothing was uploaded")
