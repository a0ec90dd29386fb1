"""Fetching the pictures that a camera took for the rig and that did not come yet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from chdkshell.chdk.paths import base_name, escaped_name
from chdkshell.chdk.shooting.cardpictures import CardPicture
from chdkshell.chdk.shooting.destinations import DownloadDestination
from chdkshell.chdk.transfer import free_path
from chdkshell.flow import NEVER, CancelToken
from chdkshell.hostnames import names_folder
from chdkshell.rig.members import Member


def fetch_left(
    member: Member,
    destination: str,
    remove: bool = False,
    listener: Callable[[Member, str, Path], None] | None = None,
    cancel: CancelToken = NEVER,
) -> int:
    """Fetch what is left on a camera's card; return how many files came.

    What came is forgotten, one by one: the same call again goes on with the rest.
    """
    files, names = member.camera.files, DownloadDestination(destination, member.camera.naming)
    count = 0
    while member.left_on_card:
        left = member.left_on_card[0]
        target = free_path(Path(left.target) if left.target else _target(names, left.path))
        done = files.download(left.path, target, to_disk=remove, is_new=True, cancel=cancel)
        if remove:
            files.remove(left.path, cancel)
        member.left_on_card.pop(0)
        count += 1
        if listener is not None:
            listener(member, left.path, done.local)
    return count


def _target(names: DownloadDestination, path: str) -> Path:
    text = names.path(CardPicture(path, path.rpartition(".")[2]))
    target = Path(text)
    return target / escaped_name(base_name(path)) if names_folder(text) else target
