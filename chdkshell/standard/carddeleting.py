"""Objects that are deleted: each is looked at right before, and a folder must be empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chdkshell.chdk.card.cardanswers import Removed, RemoveOptions
from chdkshell.chdk.card.copying import SourceRemoved
from chdkshell.chdk.card.selection import Selection
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.errors import CardError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.codes import OperationCode
from chdkshell.standard.cardobjects import (
    CardObjects,
    CardWalk,
    WalkPoint,
    about,
    is_same,
    no_storage,
)
from chdkshell.standard.device import PtpDevice
from chdkshell.standard.objecttree import Node


def delete(device: PtpDevice, objects: CardObjects, node: Node) -> None:
    """Delete a file, or a folder with nothing in it. Raises `CardError` for a protected one.

    DeleteObject takes a folder with all that is in it: so a folder is asked for that first.
    """
    path = no_storage(node, "deleted").path
    if node.info is not None and node.info.protection:
        raise CardError(f"{path} is protected on the camera", path)
    with about(path):
        if node.is_dir and device.handles(node.storage, 0, node.handle):
            raise CardError(f"{path} is not empty", path)
        device.delete_object(node.handle)
    objects.forget(node)


def remove_trees(
    device: PtpDevice,
    objects: CardObjects,
    targets: Sequence[str],
    options: RemoveOptions,
    on_removed: Callable[[Removed], None] | None = None,
    cancel: CancelToken = NEVER,
) -> list[Removed]:
    """Remove files and folders with all that is in them, as `Files.remove_tree` says."""
    device.require(OperationCode.DELETE_OBJECT)
    results: list[Removed] = []

    def tell(path: str, ok: bool, message: str = "") -> None:
        results.append(Removed(path, ok, message))
        if on_removed is not None:
            on_removed(results[-1])

    def remove(path: str) -> None:
        try:
            if not options.pretend:
                delete(device, objects, objects.find(path, cancel))
        except CardError as error:
            if not options.ignore_errors:
                raise
            tell(path, False, str(error))
        else:
            tell(path, True)

    wanted = Selection(
        options.fmatch, options.dmatch, options.rmatch, options.glob, options.maxdepth
    )
    tops = [objects.find(path, cancel) for path in targets]
    if not options.whole_card:
        for top in tops:
            no_storage(top, "deleted")
    for top in tops:
        for point in CardWalk(objects, wanted, cancel).steps(top):
            node = point.node
            if point.kind is WalkPoint.FILE:
                remove(node.path)
            elif point.kind is WalkPoint.LEAVE and not options.keep_dirs:
                if node.info is None or (options.keep_top and not point.depth):
                    tell(node.path, True, "skipped")
                else:
                    remove(node.path)
    return results


def remove_files(
    device: PtpDevice,
    objects: CardObjects,
    items: Sequence[CardEntry],
    on_removed: Callable[[SourceRemoved], None],
) -> None:
    """Delete files that are still what the listing said."""
    device.require(OperationCode.DELETE_OBJECT)
    for item in items:
        try:
            node = objects.find(item.path)
            if node.is_dir or not is_same(node, item):
                raise CardError(f"{item.path}: changed since it was listed", item.path)
            delete(device, objects, node)
        except CardError as error:
            on_removed(SourceRemoved(item.path, False, str(error)))
        else:
            on_removed(SourceRemoved(item.path))
