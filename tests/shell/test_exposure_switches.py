"""Exposure values as they are written in switches: units, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chdkshell.chdk.shooting.exposure import (
    Exposure,
    FocusMode,
    NdFilter,
)
from chdkshell.errors import UsageError
from chdkshell.shell.binding import bind
from chdkshell.shell.command import REGISTRY
from chdkshell.shell.commands import shooting
from chdkshell.shell.shots.exposuretext import Units, parse_distance, parse_tv
from chdkshell.shell.shots.switches import EXPOSURE, ExposureSwitches


def exposure(**options: str) -> Exposure:
    """Return what `shoot` makes of switches. Raises `UsageError`."""
    command = REGISTRY.find(shooting.shoot.__name__)
    _, given_ = bind(command, " ".join(f"-{name}={text}" for name, text in options.items()))
    switches = given_.get("exposure", EXPOSURE)
    assert isinstance(switches, ExposureSwitches)
    return switches.exposure()


def test_the_recorded_values() -> None:
    assert exposure(tv="1/100", sv="80").options() == {"tv": 638, "sv": 449}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"tv": "1"}, {"tv": 0}),
        ({"tv": "4"}, {"tv": -192}),
        ({"tv": "0.5"}, {"tv": 96}),
        ({"tv": ".25"}, {"tv": 192}),
        ({"tv": "1/2.5"}, {"tv": 127}),
        ({"tv": "3/2"}, {"tv": -56}),
        ({"av": "2.8"}, {"av": 285}),
        ({"av": "1"}, {"av": 0}),
        ({"svm": "100"}, {"svm": 480}),
        ({"u": "a", "tv": "6.5", "av": "-1", "sv": "5"}, {"tv": 624, "sv": 480, "av": -96}),
        ({"u": "96", "tv": "-12", "svm": "411"}, {"tv": -12, "svm": 411}),
        ({"isomode": "200"}, {"isomode": 200}),
        ({"nd": "in"}, {"nd": 1}),
        ({"nd": "out"}, {"nd": 2}),
        ({"sd": "2"}, {"sd": 2000}),
        ({"sd": "1m", "sdmode": "mf"}, {"sd": 1000, "sdprefmode": "MF"}),
        ({"sd": "1m", "sdmode": "NONE"}, {"sd": 1000, "sdnoenable": True}),
        ({}, {}),
    ],
)
def test_options(options: dict[str, str], expected: dict[str, object]) -> None:
    assert exposure(**options).options() == expected


def test_fields_have_types() -> None:
    assert exposure(nd="in", sd="1ft", sdmode="afl") == Exposure(
        nd=NdFilter.IN, distance=305, focus_mode=FocusMode.AFL
    )


@pytest.mark.parametrize(
    ("text", "millimetres"),
    [
        ("1.5m", 1500),
        ("0.5m", 500),
        ("10cm", 100),
        ("7mm", 7),
        ("2ft", 610),
        ("10in", 254),
        ("1 m", 1000),
        (".5m", 500),
        ("3.", 3000),
        ("0.0005m", 1),
        ("12.5cm", 125),
        ("0", 0),
    ],
)
def test_distances(text: str, millimetres: int) -> None:
    assert parse_distance(text) == millimetres


@pytest.mark.parametrize(
    ("options", "first_words"),
    [
        ({"tv": "1/0"}, "invalid tv fraction"),
        ({"tv": "0/5"}, "invalid tv fraction"),
        ({"tv": "1/x"}, "invalid tv fraction"),
        ({"tv": "1/100s"}, "invalid tv fraction"),
        ({"tv": "-1/100"}, "invalid tv fraction"),
        ({"tv": "0"}, "invalid tv value 0"),
        ({"tv": "-1"}, "invalid tv value -1"),
        ({"tv": "1s"}, "invalid tv value 1s"),
        ({"tv": ""}, "invalid tv value"),
        ({"tv": "nan"}, "invalid tv value"),
        ({"tv": "inf"}, "invalid tv value"),
        ({"tv": "1e-200"}, "invalid tv value"),
        ({"tv": "1e-999"}, "invalid tv value"),
        ({"tv": "1_0"}, "invalid tv value"),
        ({"tv": "\u0661"}, "invalid tv value"),
        ({"sv": "high"}, "invalid sv value high"),
        ({"svm": "0"}, "invalid svm value 0"),
        ({"av": "f2.8"}, "invalid av value f2.8"),
        ({"av": "1e400"}, "invalid av value 1e400"),
        ({"u": "a", "tv": "1/100"}, "invalid tv value 1/100"),
        ({"u": "96", "tv": "1.5"}, "invalid tv value 1.5"),
        ({"u": "96", "tv": "40000"}, "invalid tv value 40000"),
        ({"u": "96", "tv": "9" * 400}, "invalid tv value 999"),
        ({"u": "x"}, "invalid units"),
        ({"sv": "100", "svm": "100"}, "both sv and svm given"),
        ({"sv": "100", "isomode": "100"}, "set only one of sv, svm or isomode!"),
        ({"isomode": "auto"}, "invalid isomode value auto"),
        ({"nd": "up"}, "invalid ND state up"),
        ({"sd": "1ly"}, "invalid sd units ly"),
        ({"sd": "1.5mm5"}, "invalid sd units mm5"),
        ({"sd": "-1m"}, "invalid sd value -1m"),
        ({"sd": "m"}, "invalid sd value m"),
        ({"sd": "1.2.3m"}, "invalid sd value 1.2.3m"),
        ({"sd": "9999999999m"}, "invalid sd value 9999999999m"),
        ({"sdmode": "MF"}, "sdmode requires sd"),
        ({"sd": "1m", "sdmode": "XF"}, "invalid sd mode XF"),
    ],
)
def test_refusals(options: dict[str, str], first_words: str) -> None:
    with pytest.raises(UsageError) as caught:
        exposure(**options)
    assert str(caught.value).startswith(first_words)


@given(st.text(max_size=12), st.sampled_from(Units))
def test_any_text_is_understood_or_refused(text: str, units: Units) -> None:
    parsers: list[Callable[[], object]] = [
        lambda: parse_tv(text, units),
        lambda: parse_distance(text),
    ]
    for parse in parsers:
        try:
            value = parse()
        except UsageError:
            continue
        assert isinstance(value, int)
