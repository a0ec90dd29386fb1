"""Which of several cameras `connect` means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chdkshell.errors import UsageError
from chdkshell.shell.arguments import Integer

if TYPE_CHECKING:
    from chdkshell.transport.base import Device


class DeviceMatch:
    """What a camera must be like. Each of the texts is a Lua pattern, or None for any.

    With `plain`, texts are searched for as they are. `model` may also be a part of the model or of
    the serial number as it is, in any case. Raises `UsageError` for a product id that is
    not a number.
    """

    def __init__(
        self,
        bus: str | None = None,
        device: str | None = None,
        product_id: str | None = None,
        serial: str | None = None,
        model: str | None = None,
        plain: bool = False,
    ) -> None:
        self._bus = bus
        self._device = device
        self._product_id = None if product_id is None else Integer(0, 0xFFFF).parse(product_id)
        self._serial = serial
        self._model = model
        self._plain = plain

    @property
    def names_one(self) -> bool:
        """Whether a name alone says which camera is meant, not where it is on USB."""
        places = (self._bus, self._device, self._product_id)
        return (self._model, self._serial) != (None, None) and places == (None, None, None)

    def fits_device(self, device: Device) -> bool:
        """Whether what can be seen on USB fits."""
        if self._product_id not in (None, device.product_id):
            return False
        return self._finds(self._bus, device.bus) and self._fits_number(device.device)

    def _fits_number(self, device: str) -> bool:
        """Whether the device's number fits, which has four digits on Windows (`-d=0001`)."""
        wanted = self._device or ""
        if wanted.isdecimal() and device.isdecimal() and int(wanted) == int(device):
            return True
        return self._finds(self._device, device)

    def fits_camera(self, model: str, serial: str) -> bool:
        """Whether what the camera says of itself fits."""
        word = self._model
        names = (word or "").lower() in f"{model}\n{serial}".lower()
        return (names or self._finds(word, model)) and self._finds(self._serial, serial)

    def _finds(self, pattern: str | None, text: str) -> bool:
        if pattern is None:
            return True
        return pattern in text if self._plain else lua_finds(text, pattern)


def lua_finds(text: str, pattern: str) -> bool:
    """Whether a Lua pattern occurs in `text`. Raises `UsageError` for one that is malformed."""
    from chdkshell.lua.patterns import PatternError, finds

    try:
        return finds(text, pattern)
    except PatternError as error:
        reason = f"bad pattern '{pattern}': {error.problem}"
        raise UsageError(reason, "-nopat takes it as it is") from None
