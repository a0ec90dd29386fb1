"""Exposure values: there and back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chdkshell.chdk.shooting.exposure import (
    av96_to_f_number,
    f_number_to_av96,
    iso_to_sv96,
    shutter_to_tv96,
    sv96_to_iso,
    tv96_to_shutter,
)


@given(st.integers(-3000, 3000))
def test_every_value_comes_back(value: int) -> None:
    assert shutter_to_tv96(tv96_to_shutter(value)) == value
    assert iso_to_sv96(sv96_to_iso(value)) == value
    assert f_number_to_av96(av96_to_f_number(value)) == value
