"""Calls that work a camera: pictures, settings, keys."""

from __future__ import annotations

from chdkshell.chdk.controls import click_key, set_focus
from chdkshell.chdk.shooting.exposure import (
    STEP,
    f_number_to_av96,
    shutter_to_tv96,
)
from chdkshell.chdk.shooting.modes import set_shooting_mode, switch_mode
from chdkshell.chdk.shooting.refusals import ask
from chdkshell.lua.literals import serialize
from chdkshell.page.calls import Asked, call
from chdkshell.page.cameralook import FOCUS_MODES
from chdkshell.page.jobs import run
from chdkshell.page.shapes import (
    CameraName,
    CameraReport,
    CameraSettings,
    Done,
    Half,
    Key,
    ShotReport,
    ShotRequest,
)
from chdkshell.page.shots import take_shot
from chdkshell.page.station import Station

_FOCUS_NUMBERS: dict[str, int] = {name: number for number, name in FOCUS_MODES.items()}


@call("POST", "/api/cameras/{camera}/shoot", in_picture=True)
async def shoot(asked: Asked, form: ShotRequest) -> ShotReport:
    """Take a picture to the card, or straight to this computer."""
    station = asked.station
    return await run(station, lambda: take_shot(station, form.to), keeps_half=True)


@call("POST", "/api/cameras/{camera}/settings")
async def change_settings(asked: Asked, form: CameraSettings) -> Done:
    """Set modes, exposure, lens, flash and drive. What the camera refuses is said."""
    station = asked.station

    def work() -> Done:
        for name, value in form.as_json().items():
            if value is not None:
                _set(station, name, value)
        station.look_again()
        return Done("set")

    return await run(station, work)


@call("POST", "/api/cameras/{camera}/name")
async def name_camera(asked: Asked, form: CameraName) -> CameraReport:
    """Give a camera a name that no other has, or none."""
    station = asked.station
    asked.room.roster.name(station.member, form.name)
    report = station.report()
    station.publish("state", report.as_json())
    return report


@call("POST", "/api/cameras/{camera}/key")
async def press_key(asked: Asked, form: Key) -> Done:
    """Press a key of the camera and let it go."""
    station = asked.station
    await run(station, lambda: click_key(station.camera.scripts, form.key, station.cancel))
    return Done(f"pressed {form.key}")


@call("POST", "/api/cameras/{camera}/half")
async def half_press(asked: Asked, form: Half) -> Done:
    """Hold the shutter button half down, or let it go.

    Call it again at least every second: 2 s after the last call the camera lets it go.
    """
    station = asked.station
    if form.on:
        await run(station, station.half.hold, keeps_half=True)
    else:  # also where it is not held yet: the press may still wait for its turn
        await run(station, station.half.end, keeps_half=True)
    return Done("half pressed" if form.on else "released")


def _set(station: Station, name: str, value: object) -> None:
    """Set one field of `CameraSettings` at the camera."""
    scripts, cancel = station.camera.scripts, station.cancel
    match name, value:
        case "record", bool():
            switch_mode(scripts, value, cancel)
        case "mode", str():
            set_shooting_mode(scripts, value, cancel)
        case "nd", "auto" | "in" | "out":
            station.nd = value
        case "focus", int():
            set_focus(scripts, value, cancel)
        case "shutter", float():
            _room_set(station, name, shutter_to_tv96(value))
        case "aperture", float():
            _room_set(station, name, f_number_to_av96(value))
        case "ev", float():
            _room_set(station, name, round(value * STEP))
        case "focus_mode", str():
            _room_set(station, name, _FOCUS_NUMBERS[value])
        case _, int():
            _room_set(station, name, value)


def _room_set(station: Station, name: str, value: int) -> None:
    code = f"return room_set({serialize(name)},{value})"
    ask(station.camera.scripts, code, ("controlroom",), station.cancel)
