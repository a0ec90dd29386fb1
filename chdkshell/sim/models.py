"""Who the simulated camera can be: what cameras differ in, in one table.

Numbers are those of CHDK's ports (camera_info.csv, platform_camera.h, main.c of each).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from chdkshell.chdk.constants import PROTOCOL_VERSION
from chdkshell.sim.reports import EOS_R6, IXUS180, POWERSHOT, SX100IS, DeviceReport


class ErrorForm(Enum):
    """How the camera's Lua tells of failures on files: text with the name before, and a number."""

    RECORDED = "errno 0x%X, and 0"
    DRYOS = "error, and 0"
    VXWORKS = "errno 0x%X, and the number"


@dataclass(frozen=True, slots=True)
class SensorShape:
    """A sensor's frame in pixels. `active` and `jpeg` are left, top, right and bottom of the frame.

    `colours` are those of its first four pixels: R, G and B.
    """

    width: int
    height: int
    bits: int
    black: int
    active: tuple[int, int, int, int]
    jpeg: tuple[int, int]
    colours: str = "RGGB"


@dataclass(frozen=True, slots=True)
class CameraModel:
    """A camera. Focal lengths are in thousandths of a millimetre, `crop` is that of 35 mm film over
    the lens's own. Without `sensor`, the camera has that of its bits a pixel.
    """

    key: str
    name: str
    platform: str
    firmware: str
    product_id: int
    propset: int
    operating_system: str
    digic: int
    focal_lengths: tuple[int, ...]
    crop: float
    sensor: SensorShape | None = None
    canon_raw: bool = False
    protocol: tuple[int, int] = PROTOCOL_VERSION
    bulk_packet: int = 512
    battery_mv: int = 3987
    errors: ErrorForm = ErrorForm.DRYOS
    report: DeviceReport = POWERSHOT
    has_chdk: bool = True
    is_eos: bool = False

    @property
    def platform_id(self) -> int:
        """CHDK's number for the camera: that of its USB product, but for the recorded one."""
        return 0x3399 if self.errors is ErrorForm.RECORDED else self.product_id


def _zoom(widest: int, longest: int, steps: int) -> tuple[int, ...]:
    """Return the focal lengths of a lens whose steps are equal ratios."""
    ratio = (longest / widest) ** (1 / (steps - 1))
    return tuple(round(widest * ratio**step) for step in range(steps))


_A5_ZOOM = (5800, 6600, 7900, 9900, 12700, 16000, 19600, 23200)

SIM1 = CameraModel(
    *("SIM1", "Canon PowerShot SIM1", "sim1", "100a", 0x32C8, 6, "dryos", 40),
    focal_lengths=(6200, 7420, 8890, 10640, 12740, 15250, 18250, 21850),
    crop=4.65,
    errors=ErrorForm.RECORDED,
)
"""The camera of the recorded sessions, which no table of Canon's has."""

MODELS = {
    model.key: model
    for model in (
        SIM1,
        CameraModel(
            *("ELPH180", "Canon IXUS 180", "ixus175_elph180", "100a", 0x32C1, 10, "dryos", 41),
            focal_lengths=_zoom(5000, 40000, 101),
            crop=5.6,
            sensor=SensorShape(5248, 3920, 12, 127, (8, 16, 5182, 3904), (5152, 3864)),
            report=IXUS180,
        ),
        CameraModel(
            *("SX50HS", "Canon PowerShot SX50 HS", "sx50hs", "100b", 0x3259, 5, "dryos", 50),
            focal_lengths=_zoom(4300, 215000, 201),
            crop=240 / 43,
            sensor=SensorShape(4176, 3062, 12, 127, (96, 16, 4168, 3060), (4072, 3044)),
            canon_raw=True,
            battery_mv=7400,
        ),
        CameraModel(
            *("A4000IS", "Canon PowerShot A4000 IS", "a4000", "100c", 0x3243, 5, "dryos", 40),
            focal_lengths=_zoom(5000, 40000, 127),
            crop=5.6,
            sensor=SensorShape(4704, 3504, 12, 127, (16, 26, 4640, 3486), (4608, 3456), "GBRG"),
        ),
        CameraModel(
            *("G7X", "Canon PowerShot G7 X", "g7x", "100b", 0x329D, 7, "dryos", 60),
            focal_lengths=_zoom(8800, 36800, 101),
            crop=300 / 110,
            sensor=SensorShape(5632, 3710, 12, 511, (132, 40, 5604, 3688), (5472, 3648)),
            canon_raw=True,
        ),
        CameraModel(
            *("SX100IS", "Canon PowerShot SX100 IS", "sx100is", "100b", 0x315E, 2, "dryos", 31),
            focal_lengths=_zoom(6000, 60000, 23),
            crop=6.0,
            sensor=SensorShape(3336, 2480, 10, 31, (10, 8, 3302, 2474), (3264, 2448), "GBRG"),
            battery_mv=2700,
            report=SX100IS,
        ),
        CameraModel(
            *("A540", "Canon PowerShot A540", "a540", "100b", 0x311B, 1, "vxworks", 20),
            focal_lengths=_A5_ZOOM,
            crop=6.0345,
            sensor=SensorShape(2888, 2136, 10, 31, (44, 8, 2884, 2136), (2816, 2112)),
            protocol=(2, 4),
            battery_mv=2700,
            errors=ErrorForm.VXWORKS,
        ),
        CameraModel(
            *("A530", "Canon PowerShot A530", "a530", "100a", 0x3126, 1, "vxworks", 20),
            focal_lengths=_A5_ZOOM,
            crop=6.0345,
            sensor=SensorShape(2672, 1968, 10, 31, (12, 20, 2628, 1968), (2592, 1944)),
            bulk_packet=64,
            battery_mv=2500,
            errors=ErrorForm.VXWORKS,
        ),
        CameraModel(
            *("EOSR6", "Canon EOS R6", "", "1.0.0", 0x32F5, 10, "dryos", 100),
            focal_lengths=_zoom(24000, 105000, 82),
            crop=1.0,
            battery_mv=7400,
            report=EOS_R6,
            has_chdk=False,
            is_eos=True,
        ),
    )
}
"""Cameras by the short names that choose them. The A540 has an old protocol, the A530 small USB
packets, as at full speed."""


def model_named(name: str) -> CameraModel | None:
    """Return the camera of a short or whole name in any case, None where there is none."""
    wanted = name.upper().replace(" ", "")
    for model in MODELS.values():
        if wanted in (model.key, model.name.upper().replace(" ", "")):
            return model
    return None


def table_of_models() -> str:
    """Return a line for each camera: its short name, and what it is."""
    lines = []
    for model in MODELS.values():
        facts = "without CHDK, an EOS that a computer controls"
        if model.has_chdk:
            known = f"{model.operating_system}, property set {model.propset}"
            facts = f"{known}, protocol {'.'.join(map(str, model.protocol))}"
        packets = "" if model.bulk_packet == 512 else f", packets of {model.bulk_packet} bytes"
        lines.append(f"{model.key:<8} {model.name}: {facts}{packets}")
    return "\n".join(lines)
