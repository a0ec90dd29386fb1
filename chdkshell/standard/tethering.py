"""Pictures that are taken at the camera's own button, as they come."""

from __future__ import annotations

from collections.abc import Callable

from chdkshell.errors import PtpError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.codes import EventCode, OperationCode
from chdkshell.standard.device import PtpDevice
from chdkshell.standard.objecttree import Node, ObjectTree

LIST_SECONDS = 2.0
"""How often the camera is asked for its objects where no event comes: some cameras tell none."""


class Tether:
    """What is new on a camera since this was made.

    `device` gives the camera, which a reconnect may replace. An event of a new object is looked at
    at once; without any, the list of objects tells. Raises `UsageError` for a camera that gives no
    objects.
    """

    def __init__(self, device: Callable[[], PtpDevice], cancel: CancelToken = NEVER) -> None:
        self._device = device
        device().require(OperationCode.GET_OBJECT_HANDLES)
        self._known = set(device().handles(cancel=cancel))

    def wait(self, cancel: CancelToken = NEVER) -> list[Node]:
        """Wait a little for pictures; return those that are new, in the camera's order.

        Raises `TransportError` where the camera is gone; what came meanwhile is found after a
        reconnect.
        """
        device = self._device()
        event = device.session.next_event(LIST_SECONDS)
        cancel.check()
        if event is not None and event.code not in (
            EventCode.OBJECT_ADDED,
            EventCode.CAPTURE_COMPLETE,
            EventCode.STORAGE_INFO_CHANGED,
        ):
            return []
        return self._new(device, cancel)

    def _new(self, device: PtpDevice, cancel: CancelToken) -> list[Node]:
        tree = ObjectTree(device)
        handles = device.handles(cancel=cancel)
        if self._known and self._known.isdisjoint(handles):  # it numbers its objects anew
            self._known = set(handles)
            return []
        found = []
        for handle in handles:
            if handle in self._known:
                continue
            try:
                node = tree.resolve(str(handle), cancel)
            except PtpError:  # it is gone again
                continue
            self._known.add(handle)
            if not node.is_dir:
                found.append(node)
        return found
