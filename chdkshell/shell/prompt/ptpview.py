"""What the prompt knows of the camera's objects and properties by standard PTP, from memory.

What is not known yet is fetched by a job in the background, as `CameraView` does it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, cast

from chdkshell.errors import CardError, PtpError, UsageError
from chdkshell.flow import CancelToken
from chdkshell.shell.connections import Connections
from chdkshell.shell.prompt.background import Background

if TYPE_CHECKING:
    from chdkshell.camera import Camera
    from chdkshell.ptp.properties import DevicePropDesc
    from chdkshell.standard.device import PtpDevice, Storage
    from chdkshell.standard.eos import EosSetting
    from chdkshell.standard.objecttree import Node

FRESH_SECONDS = 20.0
"""How old a fact may be before it is fetched again."""

MAX_FACTS = 200
"""Facts that are kept."""

_T = TypeVar("_T")


@dataclass(slots=True)
class _Fact:
    """What a job found, and when."""

    value: object
    found: float


@dataclass(slots=True)
class _Facts:
    """What is known of one connection."""

    camera: Camera
    device: PtpDevice
    known: dict[Hashable, _Fact] = field(default_factory=dict)


class PtpView:
    """What is known of the current camera. `on_fact` is called when something has come."""

    def __init__(
        self, connections: Connections, background: Background, on_fact: Callable[[], None]
    ) -> None:
        self._connections = connections
        self._background = background
        self._on_fact = on_fact
        self._facts: _Facts | None = None

    @property
    def device(self) -> PtpDevice | None:
        """The current camera, None where none is connected."""
        facts = self._current()
        return facts.device if facts else None

    def storages(self) -> list[Storage]:
        """Return the storages."""
        return self._fact("storages", lambda device, cancel: device.storages(cancel)) or []

    def children(self, folder: str) -> list[Node]:
        """Return what is in a folder, by its path with the drive."""

        def fetch(device: PtpDevice, cancel: CancelToken) -> list[Node]:
            from chdkshell.standard.objecttree import ObjectTree

            tree = ObjectTree(device)
            return list(tree.children(tree.find(folder, cancel), cancel))

        return self._fact(("children", folder.rstrip("/").upper()), fetch) or []

    def description(self, name: str) -> DevicePropDesc | None:
        """Return what a device property is, by its name or code."""
        key = ("property", name.lower())
        return self._fact(key, lambda device, cancel: device.property(name, cancel))

    def eos_setting(self, name: str) -> EosSetting | None:
        """Return a setting of an EOS by its name or code; for that the camera is controlled."""
        facts = self._current()
        if facts is None:
            return None
        eos = facts.camera.eos
        return self._fact(("eos", name.lower()), lambda _, cancel: eos.setting(name, cancel))

    def forget(self) -> None:
        """The camera may have changed: have all fetched again when it is next asked for."""
        facts = self._facts
        for fact in list(facts.known.values()) if facts else ():
            fact.found = -FRESH_SECONDS

    def _fact(self, key: Hashable, fetch: Callable[[PtpDevice, CancelToken], _T]) -> _T | None:
        """Return what is known under `key`, and have it fetched where that is old."""
        facts = self._current()
        if facts is None:
            return None
        fact = facts.known.get(key)
        if fact is None or time.monotonic() - fact.found > FRESH_SECONDS:
            self._background.submit(
                ("ptp", key), lambda cancel: self._find(facts, key, fetch, cancel)
            )
        return cast("_T", fact.value) if fact else None

    def _find(
        self,
        facts: _Facts,
        key: Hashable,
        fetch: Callable[[PtpDevice, CancelToken], _T],
        cancel: CancelToken,
    ) -> None:
        with _aside(facts.camera) as free:
            if not free:
                return
            try:
                value = fetch(facts.device, cancel)
            except (PtpError, CardError, UsageError):
                value = None  # it has no such thing, and is not asked again at once
        if len(facts.known) >= MAX_FACTS:
            facts.known.clear()
        facts.known[key] = _Fact(value, time.monotonic())
        self._on_fact()

    def _current(self) -> _Facts | None:
        camera, facts = self._connections.current, self._facts
        if camera is None or not camera.is_connected:
            facts = None
        elif facts is None or facts.device is not camera.ptp:
            facts = _Facts(camera, camera.ptp)
        self._facts = facts  # set in one step: the prompt and the background both come here
        return facts


@contextmanager
def _aside(camera: Camera) -> Iterator[bool]:
    """Give True where the camera may be asked: nothing else uses it, and no script runs."""
    if camera.chdk_version is None:
        with camera.session.exclusive(wait=False) as free:
            yield free
    else:
        with camera.scripts.aside() as free:
            yield free
