"""Shooting from the shell: values, files, failures, and what the pictures show."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.shooting_shell import ShootingShell, shooting_shell
from support.timeouts import TIMEOUT

from chdkshell.sim.clock import Clock
from chdkshell.sim.imaging.sensor import SENSORS
from chdkshell.sim.properties import Prop
from chdkshell.sim.remotecap import SENSOR_ROWS

Peer = Callable[[str], str]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShootingShell]:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    with shooting_shell(tmp_path / "card", clock=Clock(speed=4)) as shell:
        yield shell


def files_in(folder: str | Path) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


# ---- values are checked before the camera is touched --------------------------------------------


@pytest.mark.parametrize(
    ("switches", "message"),
    [
        ("-sd=1.5mx", "invalid sd units mx"),
        ("-tv=1/100s", "invalid tv fraction"),
        ("-sv=80x", "invalid sv value 80x"),
        ("-int=fast", "invalid interval fast"),
        ("-shots=0", "0 is out of range"),
        ("-dng -raw", "dng cannot be combined with raw"),
        ("-cont -quick", "cont and quick exclude each other"),
        ("-script=missing.lua", "cannot read missing.lua"),
        ("out/${nope}", "unknown substitution function nope"),
    ],
)
def test_wrong_values_do_not_reach_the_camera(
    shell: ShootingShell, switches: str, message: str
) -> None:
    before = shell.sim.scripts.last_id
    assert message in shell.fail(f"rcapture {switches}")
    assert shell.sim.scripts.last_id == before
    assert files_in(".") == []


def test_exposure_reaches_the_camera(shell: ShootingShell) -> None:
    shell.run("rcapture -tv=1/100 -sv=80 -av=4 -nd=in -sd=10cm")
    shot = shell.sim.state.last_shot
    assert shot is not None
    assert (shot.tv96, shot.sv96, shot.av96, shot.nd, shot.focus) == (638, 449, 384, True, 100)


def test_distance_with_a_fraction_and_a_mode(shell: ShootingShell) -> None:
    shell.run("shoot -sd=1.5m -sdmode=MF")
    state = shell.sim.state
    assert (state.focus, state.manual_focus) == (1500, False)  # MF was for the shot alone


def test_what_shoot_changes_is_put_back(shell: ShootingShell) -> None:
    shell.run("shoot -dng -dl=pair${ext}")
    assert files_in(".") == ["pair.DNG", "pair.JPG"]
    assert Path("pair.DNG").stat().st_size == 24762448
    assert shell.run("luar return get_raw(),get_config_value(226)")[0].endswith("return:false")


# ---- pictures ------------------------------------------------------------------------------------


def brightness(path: str) -> float:
    with Image.open(path) as image:
        return float(np.asarray(image.convert("L"), np.float64).mean())


def test_exposure_changes_the_brightness(shell: ShootingShell) -> None:
    for name, switches in (("normal", ""), ("dark", "-tv=1/500"), ("bright", "-tv=1/16")):
        shell.run(f"rcapture {switches} {name}")
    assert brightness("dark.jpg") < 0.7 * brightness("normal.jpg")
    assert brightness("bright.jpg") > 1.2 * brightness("normal.jpg")


def test_exiftool_reads_the_tags_of_a_jpeg(shell: ShootingShell, peer: Peer) -> None:
    exiftool = peer("exiftool")
    shell.run("rcapture -tv=1/250 -sv=100 -av=4 a")
    command = [exiftool, "-json", "-validate", "-all", "a.jpg"]
    shown = subprocess.run(command, capture_output=True, check=True, timeout=TIMEOUT).stdout
    tags = json.loads(shown)[0]
    assert tags["Model"] == "Canon PowerShot SIM1"
    assert tags["ExposureTime"] == "1/251"  # the camera counts in 1/96 of a step
    assert tags["FNumber"] == 4
    assert tags["ISO"] == 165  # as marketed: 0.72 EV above the real one
    assert tags["ImageWidth"] == 640
    assert tags["DateTimeOriginal"][:3] == "202"
    with Image.open("a.jpg") as image:
        image.load()
        assert image.getexif()[0x0110] == "Canon PowerShot SIM1"


def test_canon_raw_where_the_camera_makes_it(tmp_path: Path, peer: Peer) -> None:
    exiftool = peer("exiftool")
    with shooting_shell(tmp_path / "card", craw=True) as shell:
        shell.run(f"rcapture -craw -jpg {tmp_path}/pair")
        shell.run(f"shoot -cfmt=both -dl={tmp_path}/card_${{basename}}${{ext}}")
        assert shell.sim.state.image_format == 1
    assert (tmp_path / "pair.cr2").read_bytes()[8:10] == b"CR"
    assert (tmp_path / "card_IMG_0002.CR2").exists()
    assert (tmp_path / "card_IMG_0002.JPG").exists()
    command = [exiftool, "-s3", "-FileType", str(tmp_path / "pair.cr2")]
    assert subprocess.run(command, capture_output=True, check=True).stdout == b"CR2\n"


def test_the_rows_of_every_sensor_are_known() -> None:
    assert {bits: sensor.mosaic.height for bits, sensor in SENSORS.items()} == SENSOR_ROWS


# ---- several shots, and failures ----------------------------------------------------------------


def test_shots_of_one_name_do_not_overwrite_each_other(shell: ShootingShell) -> None:
    shell.run("rcapture -shots=3 fixed")
    assert files_in(".") == ["fixed.jpg", "fixed_1.jpg", "fixed_2.jpg"]
    shell.run("shoot -dl=fixed.jpg")
    assert "fixed_3.jpg" in files_in(".")


@pytest.mark.parametrize(
    "switches", ["-cont=4", "-quick=4", "-cont=3 -int=0.2", "-quick=2 -int=0.2"]
)
def test_modes_that_the_camera_times_take_exactly_their_shots(
    shell: ShootingShell, switches: str
) -> None:
    shell.sim.state.set_prop(Prop.DRIVE_MODE, 1)
    shell.run(f"rcapture {switches} out/")
    count = int(switches[switches.index("=") + 1])
    assert len(files_in("out")) == count
    assert shell.sim.state.shots == count


def test_continuous_needs_the_camera_s_own_mode(shell: ShootingShell) -> None:
    assert "not in continuous mode" in shell.fail("rcapture -cont=2")


def test_a_shot_that_fails_keeps_what_is_complete_and_names_the_rest(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture = shell.sim.state.capture
    offer = capture.offer

    def fail_at_jpeg(bit: int, *args: object) -> None:
        if bit == 1:
            capture.reset()
        else:
            offer(bit, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(capture, "offer", fail_at_jpeg)
    ok, _, said = shell.try_("rcapture -dng -jpg pair")
    assert not ok
    assert files_in(".") == ["pair.dng"]
    assert Path("pair.dng").stat().st_size == 24762448
    assert any("jpg: the camera timed out or cancelled" in line for line in said)
    assert any("complete files" in line and "pair.dng" in line for line in said)
    monkeypatch.undo()


def test_after_a_failure_the_camera_can_shoot_again(shell: ShootingShell) -> None:
    shell.sim.state.shutter.close()
    assert "nothing came" in shell.fail("rcapture -shotwait=200 a")
    assert shell.run("luar return get_usb_capture_target()")[0].endswith(":return:0")


def test_a_script_of_one_s_own(shell: ShootingShell) -> None:
    Path("mine.lua").write_text("for i=1,rs_opts.shots do shoot() end")
    shell.run("rcapture -script=mine.lua -shots=2 out/")
    assert files_in("out") == ["IMG_0001.jpg", "IMG_0002.jpg"]
    Path("bad.lua").write_text("shoot() error('mine')")
    assert "mine" in shell.fail("rcapture -script=bad.lua -shots=2 out/")


def test_filedummy_leaves_an_empty_picture_on_the_card(shell: ShootingShell) -> None:
    shell.run("rcapture -filedummy")
    assert (shell.sim.card.root / "DCIM/100___11/IMG_0001.JPG").stat().st_size == 0


def test_shotseq_goes_on_from_one_command_to_the_next(shell: ShootingShell) -> None:
    shell.run("rcapture -seq=7 -shots=2 ${shotseq}${ext}")
    shell.run("shoot -dl=${shotseq}${ext} -rm")
    assert files_in(".") == ["0007.jpg", "0008.jpg", "0009.JPG"]
    assert shell.run("set cli_shotseq") == ["cli_shotseq=10"]
    shell.run("shoot -rm")
    shell.run("shoot")  # with files that stay on the card nothing is named by the counter
    assert shell.run("set cli_shotseq") == ["cli_shotseq=11"]
    assert len(list(shell.sim.card.root.glob("DCIM/*/*.JPG"))) == 1


def test_pretending_shows_what_the_camera_would_be_told(shell: ShootingShell) -> None:
    before = shell.sim.scripts.last_id
    assert shell.run("shoot -pretend") == ["rlib_shoot({", "})"]
    assert shell.run("shoot -pretend -sd=1.5m -dng -rm") == [
        "rlib_shoot({", " sd=1500,", " dng=1,", " raw=1,", " info=true", "})",
    ]  # fmt: skip
    assert shell.sim.scripts.last_id == before


def test_json_tells_the_files(tmp_path: Path) -> None:
    from chdkshell.shell.prefs import OutputKind

    with shooting_shell(tmp_path / "card", output=OutputKind.JSON, record=False) as shell:
        shell.try_("rec")
        _, (event, line), _ = shell.try_(f"rcapture -jpg {tmp_path}/a")
    (shot,) = json.loads(line)["result"]
    assert json.loads(event) == {"command": "rcapture", "event": "shot", "result": shot}
    assert shot["image_number"] == 1
    assert shot["files"][0]["path"] == f"{tmp_path}/a.jpg"


# ---- rsint ---------------------------------------------------------------------------------------


def test_rsint_takes_commands_from_a_program(shell: ShootingShell) -> None:
    Path("commands").write_text("s\nbogus\nexec return 6*7\npath=moved/\ns\nl\ns\n")
    ok, out, said = shell.try_("rsint -pipe='cat commands' -seq=200 ${imgfmt}_${shotseq}${ext}")
    assert ok
    assert files_in(".") == ["JPG_0200.jpg", "commands", "moved"]
    assert files_in("moved") == ["IMG_0002.jpg", "IMG_0003.jpg"]
    assert said == ["ERROR: unknown command bogus; there are s, l, q, exec, pcall, path"]
    assert out == ["script msg 42"]
    assert shell.sim.state.shots == 3


def test_rsint_in_continuous_mode(shell: ShootingShell) -> None:
    shell.sim.state.set_prop(Prop.DRIVE_MODE, 1)
    Path("commands").write_text("s\ns\nl\n")
    shell.run("rsint -cont -pipe='cat commands' out/")
    assert len(files_in("out")) == 3
    assert shell.sim.state.shots == 3


# ---- the camera's own ways -----------------------------------------------------------------------


def test_numbers_and_folders_roll_over(shell: ShootingShell) -> None:
    root = shell.sim.card.root
    shell.sim.state.exposure_count = 9998
    shell.run("shoot")
    shell.run("shoot")
    assert (root / "DCIM/100___11/IMG_9999.JPG").exists()
    assert (root / "DCIM/101___11/IMG_0001.JPG").exists()


def test_hooks_hold_a_shot_up(shell: ShootingShell) -> None:
    code = (
        "hook_shoot.set(600000) hook_raw.set(600000) press('shoot_full') local c=get_exp_count() "
        "local n=0 while not hook_shoot.is_ready() do sleep(10) end local a=get_exp_count()-c "
        "hook_shoot.continue() while not hook_raw.is_ready() do sleep(10) end "
        "local b=get_exp_count()-c hook_raw.continue() release('shoot_full') "
        "return a,b,hook_shoot.count(),hook_raw.count(),hook_preshoot.count()"
    )
    values = [line.rpartition(":")[2] for line in shell.run(f"luar {code}")]
    assert values == ["0", "1", "1", "1", "1"]


def test_mode_shows_and_sets_the_shooting_mode(shell: ShootingShell) -> None:
    shell.run("mode tv")
    assert shell.run("mode") == ["rec TV"]
    assert "this camera has no such mode" in shell.fail("mode FISHEYE")
    assert "no mode is called" in shell.fail("mode NOPE")


# ---- small commands ------------------------------------------------------------------------------


def test_clock(shell: ShootingShell) -> None:
    out = shell.run("clock -set 2026/03/29 12:00:00PM")
    assert out[0].startswith("old ")
    assert out[1:] == ["new 2026/03/29 12:00:00"]
    assert shell.run("clock")[0].startswith("2026/03/29 12:0")
    assert "there is no such time" in shell.fail("clock -set 2026/02/30 1:00:00")
    assert "invalid time" in shell.fail("clock -set 2026/02/20 1:00:00x")
    assert "expected YYYY/MM/DD HH:MM:SS" in shell.fail("clock -set")


def test_clock_is_set_at_the_start_of_a_second(shell: ShootingShell) -> None:
    import time

    shell.run("clock -set 2020/01/01 00:00:00 -quiet")
    shell.run("clock -sync -quiet")
    before = time.time()
    camera = shell.sim.state.clock.now() + time.timezone
    assert before - 3 < camera < time.time() + 3


def test_zoom_focus_and_keys(shell: ShootingShell) -> None:
    shell.run("zoom 3")
    assert shell.run("zoom") == ["3 of 0-7"]
    assert "allowed are 0 to 7" in shell.fail("zoom 8")
    shell.run("focus 2ft")
    assert shell.run("focus") == ["610 mm"]
    shell.run("press shoot_half -t=50")
    shell.run("click menu")
    assert shell.sim.state.shots == 0
    assert "unknown key nokey" in shell.fail("release nokey")


def test_shutdown_switches_the_camera_off(shell: ShootingShell) -> None:
    import time

    shell.run("shutdown")
    deadline = time.monotonic() + 60
    while not shell.sim.times_off:
        assert time.monotonic() < deadline
        shell.sim.scripts.wait_ended(0.1)
