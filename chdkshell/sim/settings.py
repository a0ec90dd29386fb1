"""CHDK's settings on the simulated camera: their numbers and values, and the files that keep them.

Numbers are those of core/conf.c: 1000 and on for its core, 2000 for its screen, 3000 for its menu
of the user. Those of versions before 1.3 stand for them, too.
"""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path

from chdkshell.lua.numbers import wrap
from chdkshell.sim.card import Card, CardFailure

Value = int | str | tuple[int, int]
"""A setting is a number, a text, or a position on the screen."""

RAW_SAVE, RAW_FOLDER, RAW_PREFIX, RAW_SUFFIX = 1020, 1021, 1022, 1023
DNG_SUFFIX, DNG, RAW_NOISE_REDUCTION = 1035, 1036, 1039
SCRIPT_FILE, AUTOSTART, CURVE_FILE, CURVE_STATE, NATIVE_CALLS = 1054, 1053, 1180, 1181, 1999

GROUPS = {1000: "CCHDK4.CFG", 2000: "OSD__4.CFG", 3000: "UMENU4.CFG"}
"""The first number of each group, and the file in A/CHDK that keeps it."""

LAST_OLD = 999
"""The last of the numbers that older versions had."""

MAX_TEXT = 100
"""Bytes of a text with its end; a longer one is not taken."""

MAGIC = 0x33204741
_HEAD, _ENTRY = struct.Struct("<II"), struct.Struct("<HH")
_MAX_FILE = 1 << 16


@cache
def _table() -> tuple[dict[int, Value], dict[int, int]]:
    """Return the value of each setting on a fresh card, and the numbers of older versions."""
    defaults: dict[int, Value] = {}
    older: dict[int, int] = {}
    text = (Path(__file__).parent / "data/settings.txt").read_text("utf-8")
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        number, old, kind, *value = line.split()
        if old != "-":
            older[int(old)] = int(number)
        if kind == "text":
            defaults[int(number)] = value[0] if value else ""
        elif kind == "xy":
            defaults[int(number)] = (int(value[0]), int(value[1]))
        else:
            defaults[int(number)] = int(value[0])
    return defaults, older


class Settings:
    """The settings of one camera. What is looked up by an old number is found by it.

    With `autosave`, what a script changes is saved at once.
    """

    def __init__(self) -> None:
        self.autosave = True
        defaults, self._older = _table()
        self._values = dict(defaults)

    def __getitem__(self, number: int) -> Value:
        return self._values[self._current(number)]

    def __setitem__(self, number: int, value: Value) -> None:
        self._values[self._current(number)] = value

    def values(self) -> dict[int, Value]:
        """Return all settings by their numbers."""
        return dict(self._values)

    def number(self, number: int) -> int:
        """Return a setting that is a number."""
        value = self[number]
        return value if isinstance(value, int) else 0

    def get(self, number: int) -> Value | None:
        """Return what get_config_value finds; with the number of a group its last one."""
        number = self._current(number)
        if number in GROUPS:
            return max(each for each in self._values if number < each < number + 1000) - number
        return self._values.get(number)

    def set(self, number: int, numbers: list[int], text: str | None) -> bool:
        """Set what takes a number, a text or two numbers. Returns whether there was one for it.

        Scripts cannot allow themselves native calls.
        """
        number = self._current(number)
        old = self._values.get(number)
        if number == NATIVE_CALLS or old is None:
            return False
        if isinstance(old, str):
            if text is None:
                return False
            if len(text.encode("utf-8", "surrogateescape")) < MAX_TEXT:
                self._values[number] = text
        elif not numbers:
            return False
        elif isinstance(old, tuple):
            self._values[number] = (numbers[0], numbers[1] if len(numbers) > 1 else 0)
        else:
            self._values[number] = numbers[0]
        return True

    def set_and_save(self, card: Card, number: int, numbers: list[int], text: str | None) -> bool:
        """Do as `set`, and save the group of a setting that has changed, with `autosave`."""
        before = self.get(number)
        done = self.set(number, numbers, text)
        if done and self.autosave and self.get(number) != before:
            self.save(card, self._current(number), None)
        return done

    def save(self, card: Card, group: int, path: str | None) -> bool:
        """Write the settings of a group to a file of CHDK's form. False: there is no such group."""
        first = group // 1000 * 1000
        if first not in GROUPS:
            return False
        data = bytearray(_HEAD.pack(MAGIC, first))
        for number, value in sorted(self._values.items()):
            if first < number < first + 1000:
                packed = _packed(value)
                data += _ENTRY.pack(number - first, len(packed)) + packed
        try:
            with card.open(path or f"A/CHDK/{GROUPS[first]}", "w") as file:
                file.write(data)
        except OSError:  # as on a camera, where nothing looks
            pass
        return True

    def load(self, card: Card, group: int, path: str | None) -> bool:
        """Read the settings of a group from a file; a file without them changes nothing."""
        first = group // 1000 * 1000
        if first not in GROUPS:
            return False
        try:
            with card.open(path or f"A/CHDK/{GROUPS[first]}") as file:
                data = file.read(_MAX_FILE)
        except CardFailure:
            return True
        if len(data) >= _HEAD.size and _HEAD.unpack_from(data)[0] == MAGIC:
            self._read(first, data)
        return True

    def _read(self, first: int, data: bytes) -> None:
        at = _HEAD.size
        while at + _ENTRY.size <= len(data):
            number, size = _ENTRY.unpack_from(data, at)
            at += _ENTRY.size
            part = data[at : at + size]
            at += size
            old = self._values.get(first + number)
            if len(part) == size and old is not None:
                self._values[first + number] = _unpacked(old, part)

    def _current(self, number: int) -> int:
        number &= 0xFFFF
        return self._older.get(number, 0) if number <= LAST_OLD else number


def _packed(value: Value) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").ljust(MAX_TEXT, b"\0")
    if isinstance(value, tuple):
        return struct.pack("<hh", *((number + 0x8000 & 0xFFFF) - 0x8000 for number in value))
    return struct.pack("<i", wrap(value))


def _unpacked(old: Value, data: bytes) -> Value:
    """Return a value of the kind of `old`; what has another size stays as it is."""
    if isinstance(old, str):
        return data.partition(b"\0")[0].decode("utf-8", "surrogateescape")
    if isinstance(old, tuple):
        x, y = struct.unpack("<hh", data) if len(data) == 4 else old
        return x, y
    return int.from_bytes(data, "little", signed=True) if len(data) in (1, 2, 4) else old
