"""Logical events of the simulated camera: a few of those that DryOS cameras have (levent_table)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Levent:
    """An event: its name, its id, and the third word of the firmware's table."""

    name: str
    id: int
    param: int = 0


LEVENTS = (
    Levent("PressPowerButton", 0x100F, 0x2000004),
    Levent("UnpressPowerButton", 0x1010, 0x2000004),
    Levent("PressRecButton", 0x1002, 0x2000004),
    Levent("UnpressRecButton", 0x1003, 0x2000004),
    Levent("PressPBButton", 0x1004, 0x2000004),
    Levent("UnpressPBButton", 0x1005, 0x2000004),
    Levent("PressSw1", 0x1100, 0x2000004),
    Levent("UnpressSw1", 0x1101, 0x2000004),
    Levent("PressSw1AndMF", 0x1102, 0x2000004),
    Levent("PressSw2", 0x1103, 0x2000004),
    Levent("PressZoomTele", 0x1200, 0x2000004),
    Levent("PressZoomWide", 0x1201, 0x2000004),
    Levent("ModeDialToAuto", 0x1300, 0x2000004),
    Levent("ModeDialToP", 0x1301, 0x2000004),
    Levent("ModeDialToTv", 0x1302, 0x2000004),
    Levent("ModeDialToAv", 0x1303, 0x2000004),
    Levent("ModeDialToM", 0x1304, 0x2000004),
    Levent("DisplayBacklightOff", 0x1400, 0),
    Levent("DisplayBacklightOn", 0x1401, 0),
)
"""The firmware's table ends with entries of id 0 and -1, which levent_count counts: see LAST."""

LAST = (Levent("", 0), Levent("", -1))


def by_name(name: str) -> int | None:
    """Return the index of the event called `name`."""
    return next((i for i, event in enumerate(LEVENTS) if event.name == name), None)


def by_id(number: int) -> int | None:
    """Return the index of the event with id `number`."""
    return next((i for i, event in enumerate(LEVENTS) if event.id == number), None)
