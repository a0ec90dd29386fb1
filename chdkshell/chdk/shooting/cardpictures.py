"""Pictures that go to the card: what they are taken with, and which files they leave.

What runs on the camera stands in `lua/shoot.lua`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntFlag

from chdkshell.chdk.changes import PutBack
from chdkshell.chdk.marks import Mark
from chdkshell.chdk.scripts import Scripts
from chdkshell.chdk.shooting.exposure import UNKNOWN_EXPOSURE, Exposure, ShotExposure
from chdkshell.chdk.shooting.refusals import ask
from chdkshell.chdk.shooting.settings import settings_before
from chdkshell.errors import ChdkError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.literals import serialize
from chdkshell.lua.values import LuaKey, LuaValue
from chdkshell.reasons import Reason

FILE_WAIT_MS = 10_000
"""How long the firmware may take to write a picture after the shot."""


class CanonFormat(IntFlag):
    """Files that Canon's firmware makes of a shot."""

    JPG = 1
    CR2 = 2
    BOTH = 3


@dataclass(frozen=True, slots=True)
class CardShotSettings:
    """How a picture is taken to the card; None leaves a setting as it is on the camera."""

    exposure: Exposure = field(default_factory=Exposure)
    raw: bool | None = None
    dng: bool | None = None
    canon_format: CanonFormat | None = None

    def options(self, info: bool = False) -> dict[str, int | str | bool]:
        """Return the options of rlib_shoot (lua/shoot.lua)."""
        options = self.exposure.options()
        if self.dng is not None:
            options["dng"] = int(self.dng)
        raw = True if self.dng else self.raw
        if raw is not None:
            options["raw"] = int(raw)
        if self.canon_format is not None:
            options["cfmt"] = int(self.canon_format)
        if info:
            options["info"] = True
        return options

    def code(self, info: bool = False) -> str:
        """Return the call that takes the picture, over several lines."""
        lines = [f" {key}={serialize(value)}" for key, value in self.options(info).items()]
        return "rlib_shoot({\n" + ",\n".join(lines) + ("\n})" if lines else "})")


@dataclass(frozen=True, slots=True)
class CardPicture:
    """A file that a shot left on the card. `image_format` is JPG, CR2, DNG or RAW."""

    path: str
    image_format: str


@dataclass(frozen=True, slots=True)
class TakenShot:
    """A shot on the card: its number, and its files in the order in which they are written."""

    number: int
    pictures: tuple[CardPicture, ...]
    exposure: ShotExposure = UNKNOWN_EXPOSURE


def shoot(
    scripts: Scripts,
    settings: CardShotSettings,
    put_back: PutBack | None = None,
    cancel: CancelToken = NEVER,
) -> TakenShot:
    """Take a picture to the card and tell which files there are. Raises `ChdkError`.

    The script puts back what it changes; where it is ended early, `put_back` does.
    """
    code = f"return {settings.code(info=True)}"
    return taken_shot(ask(scripts, code, ("shoot",), cancel, put_back))


def last_shot(
    scripts: Scripts, settings: CardShotSettings, cancel: CancelToken = NEVER
) -> TakenShot:
    """Tell which files the camera's last shot has, if it was taken with `settings`."""
    code = f"return shot_files({serialize(settings.options())})"
    return taken_shot(ask(scripts, code, ("shoot",), cancel))


def shot_count(scripts: Scripts, cancel: CancelToken = NEVER) -> int:
    """Return the camera's counter, which is the number of its last shot."""
    answer = ask(scripts, "return get_exp_count()", cancel=cancel)
    if not isinstance(answer, int):
        raise ChdkError("the camera does not tell the number of its last shot")
    return answer


def start_shoot(scripts: Scripts, settings: CardShotSettings) -> None:
    """Start a picture to the card without waiting for it."""
    put_back = before_shot(scripts, settings)
    scripts.start(settings.code(), libraries=("shoot",), put_back=put_back, mark=Mark.USERS)
    scripts.leave()


def before_shot(
    scripts: Scripts, settings: CardShotSettings, cancel: CancelToken = NEVER
) -> PutBack | None:
    """Return what puts back what a picture with these settings changes, None for nothing."""
    options = settings.options()
    return settings_before(scripts, options, cancel) if options else None


def wait_written(scripts: Scripts, path: str, cancel: CancelToken = NEVER) -> None:
    """Wait until the firmware has written a picture. Raises `ChdkError` where it does not."""
    code = f"return wait_file({serialize(path)},{FILE_WAIT_MS})"
    try:
        ask(scripts, code, ("shoot",), cancel)
    except ChdkError as error:
        error.reason = Reason.CARD_FULL_OR_LOCKED
        raise


_RAW_PREFIXES = {0: "IMG", 1: "CRW", 2: "SND"}
_RAW_SUFFIXES = {0: "JPG", 1: "CRW", 2: "CR2", 3: "THM", 4: "WAV"}
"""What CHDK's settings for the names of raw files mean (core/conf.c)."""

IN_PICTURE_FOLDER, IN_RAW_FOLDER = 1, 2


def taken_shot(info: LuaValue) -> TakenShot:
    """Return a shot from what shot_files in lua/shoot.lua tells of it. Raises `ChdkError`."""
    if not isinstance(info, dict):
        raise ChdkError("the camera does not say what it wrote")
    folder, number, bits = info.get("dir"), info.get("exp"), info.get("format")
    if isinstance(folder, bytes):
        folder = folder.decode("utf-8", "surrogateescape")
    if not isinstance(folder, str) or not isinstance(number, int) or not isinstance(bits, int):
        raise ChdkError("the camera does not say what it wrote")
    files = []
    if info.get("raw"):
        files.append(_raw_picture(info, folder, number))
    if bits & CanonFormat.CR2:
        files.append(CardPicture(f"{folder}/IMG_{number:04d}.CR2", "CR2"))
    if bits & CanonFormat.JPG:
        files.append(CardPicture(f"{folder}/IMG_{number:04d}.JPG", "JPG"))
    tv, av, sv = (_number(info.get(name)) for name in ("tv", "av", "sv"))
    return TakenShot(number, tuple(files), ShotExposure.from_apex96(tv, av, sv))


def _number(value: LuaValue) -> int | None:
    return value if type(value) is int else None


def _raw_picture(info: Mapping[LuaKey, LuaValue], folder: str, number: int) -> CardPicture:
    if info.get("raw_dir") == IN_RAW_FOLDER:
        folder = folder.replace("A/DCIM", "A/RAW", 1)
    elif info.get("raw_dir") != IN_PICTURE_FOLDER:
        # Cameras that name folders by date have no 100CANON.
        dated = folder.removeprefix("A/DCIM/")[3:4] == "_"
        folder = "A/DCIM/101___01" if dated else "A/DCIM/100CANON"
    prefix, suffix = info.get("raw_prefix"), info.get("raw_suffix")
    # RAW_ takes the place of a prefix and its underscore, which makes two: CHDK does that, too.
    start = _RAW_PREFIXES.get(prefix, "RAW") if isinstance(prefix, int) else "RAW"
    ending = _RAW_SUFFIXES.get(suffix, "RAW") if isinstance(suffix, int) else "RAW"
    is_dng = bool(info.get("dng"))
    if is_dng and info.get("dng_suffix"):
        ending = "DNG"
    return CardPicture(f"{folder}/{start}_{number:04d}.{ending}", "DNG" if is_dng else "RAW")
