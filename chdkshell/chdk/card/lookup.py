"""What is under one path of the card."""

from __future__ import annotations

from chdkshell.chdk.card.access import CardAccess
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.paths import without_slash
from chdkshell.errors import CardError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.reasons import Reason


def stat_if_there(card: CardAccess, path: str, cancel: CancelToken = NEVER) -> CardEntry | None:
    """Return the entry of a path, or None where nothing is there."""
    try:
        return card.stat(without_slash(path), cancel)
    except CardError:
        return None


def stat_file(card: CardAccess, path: str, cancel: CancelToken = NEVER) -> CardEntry:
    """Return the entry of a file. Raises `CardError` for anything else."""
    try:
        entry = card.stat(without_slash(path), cancel)
    except CardError as error:
        told = CardError(f"stat source {path} failed: {error}", path, reason=Reason.NOT_ON_CARD)
        told.is_vague = error.is_vague
        raise told from error
    if not entry.is_file:
        raise CardError(f"{path} is not a file", path, reason=Reason.NOT_ON_CARD)
    return entry
