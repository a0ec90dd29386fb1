"""Names and times on the card and on this computer."""

import calendar
import time

import pytest

from chdkshell.chdk.cameratime import camera_to_host, host_to_camera
from chdkshell.chdk.paths import base_name, camera_path, without_slash
from chdkshell.errors import UsageError

# ---- names ----


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (".", "A/"),
        ("./", "A/"),
        ("A/.//DCIM/.", "A/DCIM/"),
        ("A", "A/"),
        ("A/", "A/"),
        ("/", "A/"),
        ("a/DCIM", "A/DCIM"),
        ("DCIM", "A/DCIM"),
        ("DCIM/", "A/DCIM/"),
        ("/DCIM/100CANON", "A/DCIM/100CANON"),
        ("A/DCIM", "A/DCIM"),
        ("ABC", "A/ABC"),
        ("DCIM\\X", "A/DCIM/X"),
    ],
)
def test_camera_path(text: str, path: str) -> None:
    assert camera_path(text) == path


@pytest.mark.parametrize("text", ["", " ", "..", "A/../x", "DCIM/..", "a\0b"])
def test_paths_that_lead_elsewhere_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        camera_path(text)


def test_parts_of_paths() -> None:
    assert base_name("A/DCIM/100CANON/") == "100CANON"
    assert base_name("A/") == ""
    assert without_slash("DCIM//") == "A/DCIM"
    assert without_slash("A/") == "A/"


# ---- time ----

SUMMER, WINTER = 1748779200, 1735732800  # 2025-06-01 12:00:00 and 2025-01-01 12:00:00 UTC


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone of a process is fixed here")
@pytest.mark.parametrize(
    ("zone", "summer", "winter"),
    [
        ("UTC0", 0, 0),
        ("CET-1CEST,M3.5.0,M10.5.0/3", 2, 1),
        ("NST3:30NDT,M3.2.0,M11.1.0", -2.5, -3.5),
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", 10, 11),
    ],
)
def test_camera_time_is_local_time_with_the_daylight_saving_of_the_day(
    zone: str, summer: float, winter: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        for moment, hours in ((SUMMER, summer), (WINTER, winter)):
            assert host_to_camera(moment) == moment + hours * 3600
            assert camera_to_host(moment + int(hours * 3600)) == moment
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("seconds", [-5, -(2**31), -(2**63), 2**63])
def test_times_that_no_clock_has(seconds: int) -> None:
    assert camera_to_host(seconds) == 0 or seconds > 0


def test_camera_time_stays_within_the_cards_dates() -> None:
    assert host_to_camera(0) >= 0
    assert host_to_camera(2**33) == calendar.timegm((2107, 12, 31, 23, 59, 58))
