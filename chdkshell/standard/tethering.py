"""Pictures that are taken at the camera's own button, as they come."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from chdkshell.errors import PtpError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.codes import EventCode, OperationCode
from chdkshell.standard.device import PtpDevice
from chdkshell.standard.objecttree import Node, ObjectTree

LIST_SECONDS = 2.0
"""How often the camera is asked for its objects where no event comes: some cameras tell none."""

EVENT_SECONDS = 0.2
"""How long an event is waited for before it is looked whether to go on."""

MARKS = 4
"""Objects whose names are remembered: by them it is seen whether handles mean what they did."""

_TELLING = (
    EventCode.OBJECT_ADDED,
    EventCode.CAPTURE_COMPLETE,
    EventCode.STORAGE_INFO_CHANGED,
)
"""Events after which there may be new objects. Others may come all the time."""


class Tether:
    """What is new on a camera since this was made.

    `device` gives the camera, which a reconnect may replace. An event of a new object is looked at
    at once; without any, the list of objects tells. Raises `UsageError` for a camera that gives no
    objects.

    Handles are a session's. Most cameras keep them; one that came back and numbers its objects anew
    is met by its names, and by handles of which none is listed any more. All that it has counts as
    known then.
    """

    def __init__(self, device: Callable[[], PtpDevice], cancel: CancelToken = NEVER) -> None:
        self._device = device
        self._seen = device()
        self._seen.require(OperationCode.GET_OBJECT_HANDLES)
        handles = self._seen.handles(cancel=cancel)
        self._known = set(handles)
        self._marks: dict[int, str] = {}
        for handle in handles[-MARKS:]:
            with contextlib.suppress(PtpError):  # it is gone again
                self._marks[handle] = self._seen.object_info(handle, cancel).name

    def is_numbered_anew(self, cancel: CancelToken = NEVER) -> bool:
        """Whether a camera that came back gave its objects other handles; it says so once.

        What was taken while it was away cannot be told from what was there before. Raises
        `TransportError` where it is gone again.
        """
        device = self._device()
        if device is self._seen:
            return False
        handles = device.handles(cancel=cancel)
        anew = bool(self._known) and self._known.isdisjoint(handles)
        for handle, name in self._marks.items():
            with contextlib.suppress(PtpError):  # it was deleted
                anew = anew or device.object_info(handle, cancel).name != name
        self._seen = device
        if anew:
            self._known = set(handles)
            self._marks.clear()
        return anew

    def wait(self, cancel: CancelToken = NEVER) -> list[Node]:
        """Wait a little for pictures; return those that are new, in the camera's order.

        Raises `TransportError` where the camera is gone; what came meanwhile is found after a
        reconnect, where `is_numbered_anew` was asked and it is not.
        """
        device = self._device()
        due = time.monotonic() + LIST_SECONDS
        added: tuple[int, ...] = ()
        while True:
            left = due - time.monotonic()
            event = device.session.next_event(max(0.0, min(left, EVENT_SECONDS)))
            cancel.check()
            if event is not None and event.code in _TELLING:
                added = event.params[:1] if event.code == EventCode.OBJECT_ADDED else ()
                break
            if left <= 0:
                break
        return self._new(device, added, cancel)

    def _new(self, device: PtpDevice, added: tuple[int, ...], cancel: CancelToken) -> list[Node]:
        """Return what is new among the objects that are listed, and those that an event told of.

        Some cameras list for "all" only what lies in the root.
        """
        tree = ObjectTree(device)
        handles = device.handles(cancel=cancel)
        found = []
        for handle in dict.fromkeys((*handles, *added)):
            if handle in self._known:
                continue
            try:
                node = tree.resolve(str(handle), cancel)
            except PtpError:  # it is gone again
                continue
            self._known.add(handle)
            self._mark(handle, node.name)
            if not node.is_dir:
                found.append(node)
        return found

    def _mark(self, handle: int, name: str) -> None:
        """Remember a name, in place of the oldest one."""
        self._marks[handle] = name
        if len(self._marks) > MARKS:
            del self._marks[next(iter(self._marks))]
