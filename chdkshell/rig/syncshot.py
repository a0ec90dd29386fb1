"""Shots that several cameras take at the same moment."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

from chdkshell.camera import Camera
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.rig.clock import TickClock
from chdkshell.rig.syncreport import SyncListener, SyncReport, SyncRequest


def synchronised_shoot(
    members: Mapping[str, Camera],
    request: SyncRequest,
    *,
    clocks: MutableMapping[str, TickClock] | None = None,
    listener: SyncListener | None = None,
    progress: Progress = SILENT,
    cancel: CancelToken = NEVER,
) -> SyncReport:
    """Have all cameras take the same shots at the same moments, and report what came of them.

    The cameras have to be in record mode. `clocks` are those that were measured before; what is
    missing or stale is measured, and put there. What fails is in the report, also what was
    cancelled. Raises `UsageError` before anything is sent.
    """
    raise NotImplementedError
