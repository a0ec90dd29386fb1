"""What is under one path of the card, and how large the card is."""

from __future__ import annotations

from chdkshell.chdk.card.cardanswers import CardSpace, card_entry, refusal
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.paths import ROOT, decode_name, without_slash
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import CardError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.literals import serialize
from chdkshell.reasons import Reason


def stat(scripts: Scripts, path: str, cancel: CancelToken = NEVER) -> CardEntry:
    """Return the entry of a path. Raises `CardError` where nothing is there."""
    target = without_slash(path)
    answer = scripts.call(f"return os.stat({serialize(target)})", cancel=cancel)
    if isinstance(answer, dict):
        return card_entry(target, answer)
    raise refusal(answer, target, Reason.NOT_ON_CARD)


def stat_if_there(scripts: Scripts, path: str, cancel: CancelToken = NEVER) -> CardEntry | None:
    """Return the entry of a path, or None where nothing is there."""
    try:
        return stat(scripts, path, cancel)
    except CardError:
        return None


def stat_file(scripts: Scripts, path: str, cancel: CancelToken = NEVER) -> CardEntry:
    """Return the entry of a file. Raises `CardError` for anything else."""
    try:
        entry = stat(scripts, path, cancel)
    except CardError as error:
        told = CardError(f"stat source {path} failed: {error}", path, reason=Reason.NOT_ON_CARD)
        told.is_vague = error.is_vague
        raise told from error
    if not entry.is_file:
        raise CardError(f"{path} is not a file", path, reason=Reason.NOT_ON_CARD)
    return entry


_LOOK_WHY = """local function kind(path)
  local st = os.stat(path)
  return st and (st.is_dir and 'folder' or 'file')
end
return kind({path}), kind({above}), get_free_disk_space()"""


def look_why(scripts: Scripts, path: str, is_making: bool, cancel: CancelToken = NEVER) -> str:
    """Look at the card for why something on a path failed; return that, or "" where it is unknown.

    A camera with DryOS tells no reason, and the numbers of others do not mean the same everywhere.
    `is_making`: the path was to be made.
    """
    target = without_slash(path)
    above = target.rpartition("/")[0] or ROOT
    code = _LOOK_WHY.format(path=serialize(target), above=serialize(above))
    answer = scripts.call(code, cancel=cancel)
    if not isinstance(answer, tuple) or len(answer) != 3:
        return ""
    here, parent, free = (decode_name(x) if isinstance(x, bytes) else x for x in answer)
    if here is None or here is False:
        if parent == "file":
            return f"{above} is a file, and no folder"
        if not is_making:
            return "no such file or folder"
    if is_making and free == 0:
        return "the card is full"
    return ""


def space(scripts: Scripts, cancel: CancelToken = NEVER) -> CardSpace:
    """Return how large the card is and how much of it is free."""
    answer = scripts.call("return get_disk_size(), get_free_disk_space()", cancel=cancel)
    match answer:
        case (int(total), int(free)):
            return CardSpace(_kib(total), _kib(free))
    raise CardError("the camera does not tell how large its card is")


def _kib(count: int) -> int:
    """Return as bytes what the camera counts in units of 1024, in 32 bits."""
    return (count & 0xFFFFFFFF) * 1024
