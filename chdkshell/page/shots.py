"""Pictures that the page has taken: to the card, or straight to this computer."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from chdkshell.chdk.shooting.cardpictures import taken_shot
from chdkshell.chdk.shooting.exposure import Exposure, NdFilter
from chdkshell.page.problems import CallRefusedError
from chdkshell.page.shapes import ShotReport
from chdkshell.page.station import Station

Place = Literal["card", "computer"]

NO_FOLDER = "no folder of this computer was given for pictures"

ND_FILTERS = {"in": NdFilter.IN, "out": NdFilter.OUT}


def take_shot(station: Station, to: Place, exposure: Exposure | None = None) -> ShotReport:
    """Take a picture and tell all who listen. The camera's thread calls it.

    Without an `exposure` it is that of `exposure_of`. Raises `CallRefusedError` without a folder.
    """
    wanted = exposure or exposure_of(station)
    if to == "computer":
        if station.folder is None:
            raise CallRefusedError(409, NO_FOLDER)
        station.half.end()
        report = _to_folder(station, station.folder, wanted)
    else:
        report = _half_pressed(station) or _to_card(station, wanted)
    station.gallery.forget()
    station.publish("shot", report.as_json())
    return report


def exposure_of(station: Station) -> Exposure:
    """Return what the next shot is taken with, beside what the camera is set to."""
    return Exposure(nd=ND_FILTERS.get(station.nd))


def _half_pressed(station: Station) -> ShotReport | None:
    """Press the button down that is held half down. None where it is not, or nothing came."""
    if not station.half.is_held:
        return None
    info = station.half.shoot(station.cancel)
    if not isinstance(info, dict):
        return None
    shot = taken_shot(info)
    return _report(station, shot.number, [picture.path for picture in shot.pictures])


def _to_card(station: Station, exposure: Exposure) -> ShotReport:
    (shot,) = station.camera.shoot(exposure, cancel=station.cancel)
    return _report(station, shot.number, [picture.path for picture in shot.pictures])


def _to_folder(station: Station, folder: Path, exposure: Exposure) -> ShotReport:
    (shot,) = station.camera.capture(f"{folder}/", exposure, cancel=station.cancel)
    names = [file.path.name for file in shot.files]
    number = station.look.number("shots") if station.look else 0
    return ShotReport(station.number, number, names, "folder", f"picture in {names[0]}")


def _report(station: Station, number: int, paths: list[str]) -> ShotReport:
    return ShotReport(station.number, number, paths, "card", f"picture {number} taken")
