"""Apertures, times and sensitivities of EOS cameras: their codes, and the words for them.

A stop has eight codes. Cameras use thirds of it (3 and 5 of the eight) or halves (4), and show the
rounded values below, so that a third and a half may have the same words. The values are Canon's, as
public programs (libgphoto2) and the cameras' own displays have them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from chdkshell.ptp.eos import EosProperty
from chdkshell.ptp.values import DataType, Value, shown

_THIRDS_THEN_HALF = (0, 3, 5, 4)
"""The order of a row below: where two codes have the same words, a third is what is meant."""

_APERTURES = """
1 1.1 1.2 1.2 / 1.4 1.6 1.8 1.8 / 2 2.2 2.5 2.5 / 2.8 3.2 3.5 3.5 / 4 4.5 5 4.5 / 5.6 6.3 7.1 6.7
8 9 10 9.5 / 11 13 14 13 / 16 18 20 19 / 22 25 29 27 / 32 36 40 38 / 45 51 57 54 / 64 72 80 76
"""
_SECONDS = """
30 25 20 20 / 15 13 10 10 / 8 6 5 6 / 4 3.2 2.5 3 / 2 1.6 1.3 1.5 / 1 0.8 0.6 0.7 / 0.5 0.4 0.3 0.3
"""
_PARTS_OF_A_SECOND = """
4 5 6 6 / 8 10 13 10 / 15 20 25 20 / 30 40 50 45 / 60 80 100 90 / 125 160 200 180
250 320 400 350 / 500 640 800 750 / 1000 1250 1600 1500 / 2000 2500 3200 3000
4000 5000 6400 6000 / 8000 10000 12800 12000 / 16000
"""
_SENSITIVITIES = """
50 64 80 / 100 125 160 / 200 250 320 / 400 500 640 / 800 1000 1250 / 1600 2000 2500
3200 4000 5000 / 6400 8000 10000 / 12800 16000 20000 / 25600 32000 40000 / 51200 64000 80000
102400 128000 160000 / 204800 256000 320000 / 409600
"""


def _steps(first: int, rows: str, form: str) -> dict[int, str]:
    """Return the words of codes. `first` is the code of the first whole stop."""
    stops = re.split(r"[/\n]", rows.strip())
    return {
        first + 8 * stop + step: form.format(word)
        for stop, row in enumerate(stops)
        for step, word in zip(_THIRDS_THEN_HALF, row.split(), strict=False)
    }


@dataclass(frozen=True, slots=True)
class Scale:
    """The words of one setting's codes. `mark` is what its numbers may be written without."""

    words: dict[int, str]
    mark: str

    def word(self, code: int) -> str:
        """Return the words for a code, its number where it has none."""
        return self.words.get(code, f"0x{code:02X}")

    def codes(self, text: str) -> list[int]:
        """Return the codes that a text may mean: its words, or a code in hex."""
        if text.strip().lower().startswith("0x"):
            try:
                return [int(text, 16)]
            except ValueError:
                return []
        wanted = self._number(text)
        return [code for code, word in self.words.items() if self._number(word) == wanted]

    def _number(self, text: str) -> Fraction | str:
        plain = text.strip().lower()
        plain = re.sub(rf"^{self.mark}\s*(?=[\d.])", "", plain)
        plain = re.sub(r"\s*(s|\"|'')$", "", plain) if not self.mark else plain
        if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3}|/[1-9][0-9]{0,5})?", plain):
            return plain
        return Fraction(plain)


SCALES: dict[int, Scale] = {
    EosProperty.APERTURE: Scale(_steps(0x08, _APERTURES, "f/{}"), "f/?"),
    EosProperty.SHUTTER_SPEED: Scale(
        {
            0x0C: "bulb",
            0x04: "bulb",
            **_steps(0x10, _SECONDS, "{}"),
            **_steps(0x48, _PARTS_OF_A_SECOND, "1/{}"),
        },
        "",
    ),
    EosProperty.ISO: Scale({0: "auto", **_steps(0x40, _SENSITIVITIES, "ISO {}")}, "iso"),
}
"""The settings whose values have words. Times are in seconds."""


def words_of(setting: int, kind: DataType, value: Value) -> str:
    """Return the value of a setting for people: "f/5.6", "1/125", "ISO 400", "auto", a number."""
    scale = SCALES.get(setting)
    return scale.word(value) if scale and isinstance(value, int) else shown(value, kind)
