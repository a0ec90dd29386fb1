"""CHDK's settings on the simulated camera, and the files that keep them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sim_camera import CameraRunner, power_on
from support.sim_scripts import Runner, simulated


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[Runner]:
    (tmp_path / "CHDK").mkdir()
    with simulated(tmp_path) as runner:
        yield runner


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return get_config_value(2135)", [""]),
        ("return get_config_value(2100),get_config_value(2101)", [4100, 3200]),
        ("return get_config_value(1020),get_config_value(1036)", [0, 0]),
        ("return get_config_value(1200),get_config_value(1201)", [0, 0]),
        ("return get_config_value(2020)", [45, 150]),
        ("return get_config_value(1000),get_config_value(2000)", [999, 298]),
        ("return get_config_value(2),get_config_value(64)", [0, ""]),
        ("return get_config_value(1004),get_config_value(0),get_config_value(9999)", [None] * 3),
        ("return get_config_value(1004,1,'b')", [1, "b"]),
        ("return get_config_value()", [None]),
        ("return set_config_value(1050,7),get_config_value(3)", [True, 7]),
        ("return set_config_value(64,'A/X.LNG'),get_config_value(2135)", [True, "A/X.LNG"]),
        ("return set_config_value(2020,1,2),get_config_value(2020)", [True, 1, 2]),
        ("return set_config_value(1050,'x'),get_config_value(1050)", [False, 0]),
        ("return set_config_value(2135,5),get_config_value(2135)", [False, ""]),
        ("return set_config_value(2135,('x'):rep(100)),get_config_value(2135)", [True, ""]),
        ("return set_config_value(1004,5),set_config_value(1004)", [False, False]),
        ("return set_config_value(1999,1),get_config_value(1999)", [False, 0]),
    ],
)
def test_settings(camera: Runner, code: str, expected: list[object]) -> None:
    assert camera.values(code) == expected


@pytest.mark.parametrize(
    "code",
    [
        "set_raw(1) return get_config_value(1020)",
        "set_raw_nr(1) return get_config_value(1039)",
        "set_autostart(1) return get_config_value(1053)",
        "set_config_value(1020,1) return get_raw() and 1",
        "set_config_value(1039,1) return get_raw_nr()",
        "set_config_value(1181,1) return get_curve_state()",
    ],
)
def test_functions_and_settings_agree(camera: Runner, code: str) -> None:
    assert camera.values(code) == [1]


def test_settings_are_saved_and_loaded(camera: Runner) -> None:
    change = "set_config_value(1050,{n}) set_config_value(1180,'{t}') set_config_value(2020,{n},9) "
    code = (
        "set_config_autosave(false) "
        + change.format(n=3, t="A/C.CVF")
        + "local a,b=save_config_file(1000),save_config_file(2000,'A/MINE.CFG') "
        + change.format(n=4, t="")
        + "load_config_file(1000) load_config_file(2000,'A/MINE.CFG') "
        + "return a,b,get_config_value(1050),get_config_value(1180),get_config_value(2020)"
    )
    assert camera.values(code) == [True, True, 3, "A/C.CVF", 3, 9]
    data = (camera.root / "CHDK/CCHDK4.CFG").read_bytes()
    assert data[:8] == bytes.fromhex("41472033 e8030000")
    assert b"\x32\x00\x04\x00\x03\x00\x00\x00" in data


def test_what_is_changed_is_saved_at_once(camera: Runner) -> None:
    count = "local function saved() return os.stat('A/CHDK/CCHDK4.CFG')~=nil end "
    assert camera.values(f"{count}set_config_value(1050,0) return saved()") == [False]
    code = f"{count}set_config_autosave(false) set_config_value(1050,5) return saved()"
    assert camera.values(code) == [False]
    assert camera.values(f"{count}set_config_value(3,6) return saved()") == [True]
    assert camera.values("load_config_file(1000) return get_config_value(1050)") == [6]
    assert not (camera.root / "CHDK/OSD__4.CFG").exists()


def test_other_files_of_settings(camera: Runner) -> None:
    (camera.root / "BAD.CFG").write_bytes(b"no settings")
    code = "return save_config_file(9000),load_config_file(0),load_config_file(1000,'A/NONE.CFG'),"
    assert camera.values(code + "load_config_file(1000,'A/BAD.CFG')") == [False, False, True, True]


def test_a_camera_starts_with_the_settings_of_its_card(tmp_path: Path) -> None:
    def setting(runner: CameraRunner) -> list[object]:
        try:
            return runner.values("local v=get_config_value(1050) set_config_value(1050,6) "
                                 "save_config_file(1000) return v")  # fmt: skip
        finally:
            runner.camera.close()

    (tmp_path / "CHDK").mkdir()
    assert setting(power_on(tmp_path)) == [0]
    assert setting(power_on(tmp_path)) == [6]
