"""What paths mean that a user typed: with `*` and `?`, or with the escapes of a listing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chdkshell.shell.arguments import TypedPath

if TYPE_CHECKING:
    from chdkshell.chdk.cardentry import CardEntry
    from chdkshell.shell.context import Context


def meant(context: Context, paths: Sequence[str]) -> list[str | list[CardEntry]]:
    """Return each path as it is, or for one that may mean others what these are.

    As chdkptp has it, all paths mean what their letters say. Raises `CardError` where one means
    nothing.
    """
    return [_meant(context, path) for path in paths]


def meant_paths(context: Context, paths: Sequence[str]) -> list[str]:
    """Return the paths that are meant, as `meant` does."""
    found: list[str] = []
    for item in meant(context, paths):
        found += [item] if isinstance(item, str) else [entry.path for entry in item]
    return found


def meant_files(context: Context, paths: Sequence[str]) -> list[str]:
    """Return the paths that are meant, of matches those of files alone."""
    found: list[str] = []
    for path, item in zip(paths, meant(context, paths), strict=True):
        found += [item] if isinstance(item, str) else [e.path for e in files_of(path, item)]
    return found


def files_of(path: str, matches: list[CardEntry]) -> list[CardEntry]:
    """Return the files among what `path` matches. Raises `CardError` where there are none."""
    from chdkshell.errors import CardError
    from chdkshell.reasons import Reason

    files = [entry for entry in matches if entry.is_file]
    if not files:
        raise CardError(
            f"no file on the card matches {path}, only folders do", path, reason=Reason.NO_MATCH
        )
    return files


def _meant(context: Context, path: str) -> str | list[CardEntry]:
    typed = path.typed if isinstance(path, TypedPath) else path
    if context.compat or not ("*" in path or "?" in path or "\\" in typed):
        return path
    from chdkshell.chdk.card.globbing import is_special, meant_entries

    if not is_special(typed):
        return path
    return meant_entries(context.camera.files.card, typed, context.cancel)
