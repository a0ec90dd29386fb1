"""chdkshell: an interactive shell, and a Python library, for Canon cameras that run CHDK.

import chdkshell

with chdkshell.connect("sim:") as cam:
    print(cam.lua("return get_zoom()"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chdkshell.version import __version__

if TYPE_CHECKING:
    from chdkshell.api.cardpath import CardPath
    from chdkshell.api.events import (
        CameraEvent,
        CaptureComplete,
        ObjectAdded,
        ObjectRemoved,
        PropertyChanged,
        StoreFull,
    )
    from chdkshell.api.frames import LiveFrame
    from chdkshell.api.namedvalues import NamedValues
    from chdkshell.api.scripthandle import ScriptHandle
    from chdkshell.camera import Camera, connect
    from chdkshell.chdk.card.copying import CopyOptions
    from chdkshell.chdk.card.files import Files
    from chdkshell.chdk.card.selection import Selection
    from chdkshell.chdk.cardentry import CardEntry
    from chdkshell.chdk.shooting.capture import CapturedShot, CaptureRequest
    from chdkshell.chdk.shooting.cardpictures import CanonFormat, CardShotSettings
    from chdkshell.chdk.shooting.destinations import CaptureDestination, DownloadDestination
    from chdkshell.chdk.shooting.exposure import (
        Exposure,
        NdFilter,
        av96_to_f_number,
        f_number_to_av96,
        iso_to_sv96,
        shutter_to_tv96,
        sv96_to_iso,
        tv96_to_shutter,
    )
    from chdkshell.chdk.shooting.series import CardShot, ShotListener
    from chdkshell.errors import (
        AmbiguousDeviceError,
        AnswerTooLongError,
        CameraTimeoutError,
        Cancelled,
        CaptureError,
        CardError,
        ChdkError,
        ChdkShellError,
        ChdkVersionError,
        ConnectError,
        DatasetError,
        DeviceBusyError,
        DisconnectedError,
        DngError,
        FramingError,
        HostFileError,
        IncompleteError,
        LiveViewError,
        LuaDataError,
        MissingPackageError,
        NoChdkError,
        NoDeviceError,
        NoScriptError,
        NotConnectedError,
        PermissionDeniedError,
        PtpError,
        QueueFullError,
        ScriptError,
        ScriptRunningError,
        ScriptTimeoutError,
        SeriesError,
        TransferStalledError,
        TransportError,
        UsageError,
    )
    from chdkshell.flow import CancelToken, Progress
    from chdkshell.reasons import Reason
    from chdkshell.rig.results import RigResults
    from chdkshell.rig.rig import Rig
    from chdkshell.rig.syncreport import SyncReport, SyncRequest
    from chdkshell.traffic import TRAFFIC
    from chdkshell.transport.base import Device
    from chdkshell.transport.base import list_devices as list_cameras

__all__ = [
    "TRAFFIC",
    "AmbiguousDeviceError",
    "AnswerTooLongError",
    "Camera",
    "CameraEvent",
    "CameraTimeoutError",
    "CancelToken",
    "Cancelled",
    "CanonFormat",
    "CaptureComplete",
    "CaptureDestination",
    "CaptureError",
    "CaptureRequest",
    "CapturedShot",
    "CardEntry",
    "CardError",
    "CardPath",
    "CardShot",
    "CardShotSettings",
    "ChdkError",
    "ChdkShellError",
    "ChdkVersionError",
    "ConnectError",
    "CopyOptions",
    "DatasetError",
    "Device",
    "DeviceBusyError",
    "DisconnectedError",
    "DngError",
    "DownloadDestination",
    "Exposure",
    "Files",
    "FramingError",
    "HostFileError",
    "IncompleteError",
    "LiveFrame",
    "LiveViewError",
    "LuaDataError",
    "MissingPackageError",
    "NamedValues",
    "NdFilter",
    "NoChdkError",
    "NoDeviceError",
    "NoScriptError",
    "NotConnectedError",
    "ObjectAdded",
    "ObjectRemoved",
    "PermissionDeniedError",
    "Progress",
    "PropertyChanged",
    "PtpError",
    "QueueFullError",
    "Reason",
    "Rig",
    "RigResults",
    "ScriptError",
    "ScriptHandle",
    "ScriptRunningError",
    "ScriptTimeoutError",
    "Selection",
    "SeriesError",
    "ShotListener",
    "StoreFull",
    "SyncReport",
    "SyncRequest",
    "TransferStalledError",
    "TransportError",
    "UsageError",
    "__version__",
    "av96_to_f_number",
    "connect",
    "f_number_to_av96",
    "iso_to_sv96",
    "list_cameras",
    "shutter_to_tv96",
    "sv96_to_iso",
    "tv96_to_shutter",
]

_HOMES = {
    "chdkshell.api.cardpath": ("CardPath",),
    "chdkshell.api.events": (
        *("CameraEvent", "CaptureComplete", "ObjectAdded", "ObjectRemoved", "PropertyChanged"),
        "StoreFull",
    ),
    "chdkshell.api.frames": ("LiveFrame",),
    "chdkshell.api.namedvalues": ("NamedValues",),
    "chdkshell.api.scripthandle": ("ScriptHandle",),
    "chdkshell.camera": ("connect", "Camera"),
    "chdkshell.chdk.card.copying": ("CopyOptions",),
    "chdkshell.chdk.card.files": ("Files",),
    "chdkshell.chdk.card.selection": ("Selection",),
    "chdkshell.chdk.cardentry": ("CardEntry",),
    "chdkshell.chdk.shooting.capture": ("CaptureRequest", "CapturedShot"),
    "chdkshell.chdk.shooting.cardpictures": ("CanonFormat", "CardShotSettings"),
    "chdkshell.chdk.shooting.destinations": ("CaptureDestination", "DownloadDestination"),
    "chdkshell.chdk.shooting.exposure": (
        *("Exposure", "NdFilter"),
        *("shutter_to_tv96", "tv96_to_shutter", "iso_to_sv96", "sv96_to_iso"),
        *("f_number_to_av96", "av96_to_f_number"),
    ),
    "chdkshell.chdk.shooting.series": ("CardShot", "ShotListener"),
    "chdkshell.errors": (
        "ChdkShellError",
        "UsageError",
        "Cancelled",
        "NotConnectedError",
        "TransportError",
        "ConnectError",
        "NoDeviceError",
        "AmbiguousDeviceError",
        "PermissionDeniedError",
        "DeviceBusyError",
        "DisconnectedError",
        "CameraTimeoutError",
        "FramingError",
        "HostFileError",
        "MissingPackageError",
        "PtpError",
        "TransferStalledError",
        "AnswerTooLongError",
        "DatasetError",
        "ChdkError",
        "NoChdkError",
        "ChdkVersionError",
        "ScriptError",
        "ScriptRunningError",
        "NoScriptError",
        "QueueFullError",
        "ScriptTimeoutError",
        "LuaDataError",
        "LiveViewError",
        "DngError",
        "CaptureError",
        "SeriesError",
        "CardError",
        "IncompleteError",
    ),
    "chdkshell.flow": ("CancelToken", "Progress"),
    "chdkshell.reasons": ("Reason",),
    "chdkshell.rig.results": ("RigResults",),
    "chdkshell.rig.rig": ("Rig",),
    "chdkshell.rig.syncreport": ("SyncReport", "SyncRequest"),
    "chdkshell.traffic": ("TRAFFIC",),
    "chdkshell.transport.base": ("Device", "list_cameras"),
}
"""Where the public names are. They are loaded when they are first used: a start counts."""

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
_OTHER_NAME = {"list_cameras": "list_devices"}


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(home), _OTHER_NAME.get(name, name))
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
