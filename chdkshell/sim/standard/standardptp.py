"""Standard PTP of one simulated camera: its objects, properties and events, put together."""

from __future__ import annotations

from chdkshell.ptp.codes import EventCode, OperationCode
from chdkshell.sim.card import Card
from chdkshell.sim.standard.canon import CanonOperations
from chdkshell.sim.standard.deviceproperties import (
    PropertyOperations,
    eos_properties,
    powershot_properties,
)
from chdkshell.sim.standard.eos import EosOperations
from chdkshell.sim.standard.events import EventOutbox
from chdkshell.sim.standard.folderlisting import LIST_FOLDER, FolderListing
from chdkshell.sim.standard.objectoperations import ObjectOperations, Operation
from chdkshell.sim.standard.objectstore import ObjectStore
from chdkshell.sim.standard.release import ReleaseControl
from chdkshell.sim.state import CameraState


class StandardPtp:
    """All that a camera answers beside CHDK's operation. `table` has its operations by code."""

    def __init__(self, card: Card, state: CameraState, serial: str) -> None:
        identity = state.identity
        self.events = EventOutbox(identity.report.events)
        self.store = ObjectStore(card)
        self._objects = ObjectOperations(card, self.store, self.events)
        if identity.is_eos:
            properties = eos_properties(state)
        else:
            properties = powershot_properties(state, self.events)
        self.properties = PropertyOperations(properties, self.events)
        canon = CanonOperations(self._objects, self.events, serial)
        self._release = ReleaseControl(state, self.properties, self.events)
        listing = FolderListing(
            self._objects.table[OperationCode.GET_OBJECT_HANDLES], self.store.info
        )
        self.table: dict[int, Operation] = {
            **self._objects.table,
            **self.properties.table,
            **canon.table,
            **self._release.table,
            LIST_FOLDER: listing.answer,
        }
        self.eos: EosOperations | None = None
        if identity.is_eos:
            self.eos = EosOperations(state, dict(self.table), self.store.info, serial)
            self.table.update(self.eos.table)
        card.listener = self

    def end_session(self) -> None:
        """Forget what belongs to a session."""
        self._objects.end_session()
        self._release.end_session()
        if self.eos is not None:
            self.eos.end_session()
        self.events.close()

    # ---- what changes on the card ---------------------------------------------------------------

    def written(self, path: str, new: bool) -> None:
        """Tell of a file that was written."""
        if new:
            self.made(path)
        else:
            self.events.tell(EventCode.OBJECT_INFO_CHANGED, self.store.handle(path))

    def made(self, path: str) -> None:
        """Tell of a file or folder that is new."""
        handle = self.store.handle(path)
        self.events.tell(EventCode.OBJECT_ADDED, handle)
        if self.eos is not None:
            self.eos.added(handle)

    def removed(self, path: str) -> None:
        """Tell of an object that is gone."""
        handle = self.store.removed(path)
        self.events.tell(EventCode.OBJECT_REMOVED, handle)
        if self.eos is not None:
            self.eos.removed(handle)

    def renamed(self, old: str, new: str) -> None:
        """Let an object keep its handle, and tell that it has another name or folder."""
        self.store.renamed(old, new)
        self.events.tell(EventCode.OBJECT_INFO_CHANGED, self.store.handle(new))
