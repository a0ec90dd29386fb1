"""Codes of apertures, times and sensitivities of EOS cameras, against values from the cameras."""

from __future__ import annotations

import math

import pytest

from chdkshell.errors import UsageError
from chdkshell.ptp.eos import EosProperty
from chdkshell.ptp.eosvalues import SCALES, words_of
from chdkshell.ptp.values import UINT32
from chdkshell.standard.eos import EosSetting

APERTURE, TIME, ISO = EosProperty.APERTURE, EosProperty.SHUTTER_SPEED, EosProperty.ISO


@pytest.mark.parametrize(
    ("setting", "code", "words"),
    [
        *((APERTURE, 0x08, "f/1"), (APERTURE, 0x1D, "f/2.5"), (APERTURE, 0x30, "f/5.6")),
        *((APERTURE, 0x34, "f/6.7"), (APERTURE, 0x35, "f/7.1"), (APERTURE, 0x50, "f/22")),
        *((TIME, 0x0C, "bulb"), (TIME, 0x10, "30"), (TIME, 0x38, "1"), (TIME, 0x3D, "0.6")),
        *(
            (TIME, 0x48, "1/4"),
            (TIME, 0x6D, "1/100"),
            (TIME, 0x70, "1/125"),
            (TIME, 0xA0, "1/8000"),
        ),
        *((ISO, 0, "auto"), (ISO, 0x48, "ISO 100"), (ISO, 0x58, "ISO 400")),
        *((ISO, 0x5D, "ISO 640"), (ISO, 0x40, "ISO 50"), (ISO, 0x70, "ISO 3200")),
        *((ISO, 0x6B, "ISO 2000"), (ISO, 0x78, "ISO 6400"), (ISO, 0xA8, "ISO 409600")),
        *((ISO, 0x07, "0x07"), (0xD106, 18, "18")),
    ],
)
def test_words(setting: int, code: int, words: str) -> None:
    assert words_of(setting, UINT32, code) == words


@pytest.mark.parametrize("setting", SCALES)
def test_each_code_is_read_back_from_its_words_where_it_is_allowed(setting: int) -> None:
    for code, words in SCALES[setting].words.items():
        assert EosSetting(setting, "X", UINT32, 0, (code,)).parse(words) == code
        assert EosSetting(setting, "X", UINT32, 0).parse(f"0x{code:x}") == code


@pytest.mark.parametrize(
    ("setting", "unit", "stops"), [(APERTURE, 0x08, 2.0), (TIME, 0x38, -1.0), (ISO, 0x48, 1.0)]
)
def test_eight_codes_are_a_stop(setting: int, unit: int, stops: float) -> None:
    """The rounded values lie near what they stand for."""
    for code, words in SCALES[setting].words.items():
        if words in ("auto", "bulb"):
            continue
        number = words.removeprefix("f/").removeprefix("ISO ")
        above, _, below = number.partition("/")
        value = float(above) / float(below or 1) / (100 if setting == ISO else 1)
        assert abs(stops * math.log2(value) - (code - unit) / 8) < 0.26, (code, words)


def test_a_third_is_meant_where_nothing_is_listed() -> None:
    assert EosSetting(APERTURE, "Aperture", UINT32, 0).parse("1.8") == 0x15
    assert EosSetting(APERTURE, "Aperture", UINT32, 0, (0x10, 0x14)).parse("1.8") == 0x14


@pytest.mark.parametrize("text", ["", "f/", "fast", "1e9", "1/0", "0x", "0xzz", "-1", "99"])
def test_what_is_no_value(text: str) -> None:
    with pytest.raises(UsageError, match="is no value of Aperture"):
        EosSetting(APERTURE, "Aperture", UINT32, 0).parse(text)
