"""Pictures that the page has taken: to the card, or straight to this computer."""

from __future__ import annotations

from pathlib import Path

from chdkshell.chdk.shooting.cardpictures import taken_shot
from chdkshell.chdk.shooting.exposure import Exposure, NdFilter
from chdkshell.page.problems import CallRefusedError
from chdkshell.page.shapes import ShotReport, ShotRequest
from chdkshell.page.station import Station

ND_FILTERS = {"in": NdFilter.IN, "out": NdFilter.OUT}


def take_shot(station: Station, form: ShotRequest, folder: Path | None) -> ShotReport:
    """Take a picture and tell all who listen. The camera's thread calls it."""
    if form.to == "computer":
        if folder is None:
            raise CallRefusedError(409, "no folder of this computer was given for pictures")
        station.half.end()
        report = _to_folder(station, folder)
    else:
        report = _half_pressed(station) or _to_card(station)
    station.hub.publish("shot", report.as_json())
    return report


def exposure_of(station: Station) -> Exposure:
    """Return what the next shot is taken with, beside what the camera is set to."""
    return Exposure(nd=ND_FILTERS.get(station.nd))


def _half_pressed(station: Station) -> ShotReport | None:
    """Press the button down that is held half down. None where it is not, or nothing came."""
    if not station.half.is_held:
        return None
    info = station.half.shoot()
    if not isinstance(info, dict):
        return None
    shot = taken_shot(info)
    return _report(station, shot.number, [picture.path for picture in shot.pictures])


def _to_card(station: Station) -> ShotReport:
    (shot,) = station.camera.shoot(exposure_of(station), cancel=station.cancel)
    return _report(station, shot.number, [picture.path for picture in shot.pictures])


def _to_folder(station: Station, folder: Path) -> ShotReport:
    (shot,) = station.camera.capture(f"{folder}/", exposure_of(station), cancel=station.cancel)
    names = [file.path.name for file in shot.files]
    number = station.look.number("shots") if station.look else 0
    return ShotReport(station.number, number, names, "folder", f"picture in {names[0]}")


def _report(station: Station, number: int, paths: list[str]) -> ShotReport:
    return ShotReport(station.number, number, paths, "card", f"picture {number} taken")
