"""The same exposure on all cameras: one of them measures it."""

from __future__ import annotations

from dataclasses import replace

from chdkshell.camera import Camera
from chdkshell.chdk.shooting.exposure import Exposure, FocusMode, NdFilter
from chdkshell.chdk.shooting.refusals import ask
from chdkshell.errors import ChdkError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.rig.syncreport import SyncRequest


def lock_exposure(camera: Camera, request: SyncRequest, cancel: CancelToken = NEVER) -> SyncRequest:
    """Return the request with what `camera` measures, where the request does not name it itself.

    That is shutter speed, aperture, sensitivity, ND filter, focus and white balance. Raises
    `ChdkError` where the camera does not measure.
    """
    settings = request.settings
    exposure = combined(settings.exposure, measured_exposure(camera, cancel))
    return replace(request, settings=replace(settings, exposure=exposure))


def measured_exposure(camera: Camera, cancel: CancelToken = NEVER) -> Exposure:
    """Half press, and return what the camera would take the shot with. Raises `ChdkError`."""
    code = "return measure_exposure()"
    found = ask(camera.scripts, code, ("measure_exposure",), cancel)
    if not isinstance(found, dict):
        raise ChdkError("the camera does not tell its exposure")

    def number(name: str) -> int | None:
        value = found.get(name)
        return value if type(value) is int else None

    nd, distance = number("nd"), number("sd")
    return Exposure(
        tv=number("tv"),
        sv=number("sv"),
        av=number("av"),
        nd=None if nd is None else NdFilter(nd),
        distance=distance,
        focus_mode=None if distance is None else FocusMode.MF,
        white_balance=number("wb"),
    )


def combined(wanted: Exposure, measured: Exposure) -> Exposure:
    """Return what is wanted, and what is measured where nothing is."""
    if wanted.svm is not None or wanted.iso_mode is not None:
        measured = replace(measured, sv=None)
    if wanted.distance is not None or wanted.focus_mode is FocusMode.NONE:
        measured = replace(measured, distance=None, focus_mode=None)
    names = ("tv", "sv", "av", "nd", "distance", "focus_mode", "white_balance")
    lacking = {name: getattr(measured, name) for name in names if getattr(wanted, name) is None}
    return replace(wanted, **lacking)
