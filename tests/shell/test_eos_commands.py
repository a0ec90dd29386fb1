"""The commands for EOS cameras on the simulated EOS R6, through the program."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from support.shell_process import environment, program, run

R6 = "connect sim:model=EOSR6"


def said(*lines: str, cwd: Path | None = None) -> tuple[list[str], list[str], int]:
    """Run lines on the R6, and return what came on stdout and stderr, and the status."""
    words = [word for line in (R6, *lines) for word in ("-e", line)]
    done = run(*words, cwd=cwd)
    out = [line for line in done.stdout.splitlines() if not line.startswith("connected:")]
    err = [line for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
    return out, err, done.returncode


def test_settings_are_shown_and_set() -> None:
    out, err, status = said(
        "eos on",
        "eos prop iso 0x58",
        "eos prop Owner 'Ann B'",
        "eos prop WhiteBalanceAdjustBA -3",
        "eos props copyr",
        "eos off",
        "eos prop 0xD103",
    )
    assert (err, status) == ([], 0)
    values = [line for line in out if line.startswith("value")]
    assert values == [
        *("value     ISO 400", "value     Ann B", "value     -3", "value     ISO 400"),
    ]
    assert "0xD1D1\tCopyright\tSTR\t\t" in out
    assert "allowed   -9, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9" in out


def test_exposures_are_written_as_they_are_shown() -> None:
    words = (
        *("ISO 400", "ISO iso800", "ISO 'ISO 1250'", "ISO auto", "ISO 0x48"),
        *("Aperture 5.6", "Aperture f/8", "aperture F11", "Aperture f/4.0", "Aperture 0x2B"),
        *("ShutterSpeed 1/125", "ShutterSpeed 0.5", "ShutterSpeed 1/2", "ShutterSpeed 30s"),
        *("ShutterSpeed '15\"'", "ShutterSpeed 0x6D"),
    )
    out, err, status = said(*(f"eos prop {line}" for line in words))
    assert (err, status) == ([], 0)
    assert [line.removeprefix("value     ") for line in out if line.startswith("value")] == [
        *("ISO 400", "ISO 800", "ISO 1250", "auto", "ISO 100"),
        *("f/5.6", "f/8", "f/11", "f/4", "f/4.5", "1/125", "0.5", "0.5", "30", "15", "1/100"),
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("eos prop ISO 7", "'7' is no value of ISO; allowed: auto, ISO 100, ISO 125, ISO 160,"),
        ("eos prop ISO high", "'high' is no value of ISO; allowed: auto, ISO 100,"),
        ("eos prop ISO 50", "'50' is not allowed here; allowed: auto, ISO 100,"),
        ("eos prop ISO 0x07", "'0x07' is not allowed here; allowed: auto, ISO 100,"),
        ("eos prop Aperture 1.4", "'1.4' is not allowed here; allowed: f/4, f/4.5, f/5, f/5.6,"),
        ("eos prop ShutterSpeed 1/0", "'1/0' is no value of ShutterSpeed; allowed: 30, 25, 20,"),
        ("eos prop nosuch", "there is no property 'nosuch'; a name, or a number"),
        ("eos prop 0xDEAD", "the camera has no setting 0xDEAD"),
        ("eos prop ModelID 5", "EOSSetDevicePropValueEx: the camera answered InvalidDeviceProp"),
        ("eos release quarter", "'quarter' is no way to press the button; half, full or both"),
        ("eos release both x.jpg", "unexpected args; usage: eos release"),
        ("eos liveview nofolder/no/x.jpg -count=0", "0 is out of range"),
        ("eos firmware nosuch.fir -y", "cannot read nosuch.fir: No such file"),
        ("eos", "'eos' is the first word of several commands; on, off, props"),
    ],
)
def test_what_cannot_be_is_refused(line: str, problem: str) -> None:
    out, err, status = said(line)
    assert (out, status) == ([], 1)
    assert len(err) == 1
    assert err[0].startswith(f"ERROR: {problem}")


@pytest.mark.parametrize(
    "line",
    ["on", "off", "props", "prop ISO", "events", "release", "liveview", "firmware f -y"],
)
def test_a_camera_that_is_no_eos_says_so(line: str) -> None:
    done = run("--sim", "-e", f"eos {line}")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("ERROR: the camera does not list the operation EOS")
    assert done.stderr.count("\n") == 1


def test_pictures_go_to_the_card_or_come_here(tmp_path: Path) -> None:
    out, err, status = said(
        "eos release",
        "eos release full",
        "eos release half",
        "eos release both -download",
        "eos release both -download=here.jpg",
        "eos prop CaptureDestination",
        cwd=tmp_path,
    )
    assert (err, status) == ([], 0)
    assert [line.split(" ")[0] for line in out[:2]] == ["IMG_0102.JPG", "IMG_0103.JPG"]
    for line, name in zip(out[2:4], ("IMG_0104.JPG", "here.jpg"), strict=True):
        data = (tmp_path / name).read_bytes()
        assert line.endswith(f"\t{len(data)}\t{name}")
        assert data[:2] == b"\xff\xd8"
        assert b"Canon EOS R6" in data
    assert "value     1" in out
    assert {path.name for path in tmp_path.iterdir()} == {"IMG_0104.JPG", "here.jpg"}


def test_a_picture_that_is_here_stays(tmp_path: Path) -> None:
    (tmp_path / "here.jpg").write_bytes(b"mine")
    release = "eos release -download=here.jpg"
    out, err, status = said(release, release, cwd=tmp_path)
    assert (err, status) == ([], 0)
    assert [line.split("\t")[-1] for line in out] == ["here_1.jpg", "here_2.jpg"]
    assert (tmp_path / "here.jpg").read_bytes() == b"mine"


def test_the_viewfinder_as_files_and_as_a_stream(tmp_path: Path) -> None:
    out, _, status = said(
        "eos liveview",
        "eos liveview v.jpg -count=3 -fps=100",
        "eos prop EVFOutputDevice",
        cwd=tmp_path,
    )
    assert status == 0
    names = ["liveview.jpg", "v_0001.jpg", "v_0002.jpg", "v_0003.jpg"]
    assert out[:4] == names
    assert sorted(path.name for path in tmp_path.glob("*.jpg")) == names
    assert all((tmp_path / name).read_bytes()[:2] == b"\xff\xd8" for name in names)
    assert "value     1" in out
    words = [*program(), "-e", R6, "-e", "eos liveview - -count=2"]
    streamed = subprocess.run(words, env=environment(), capture_output=True, check=True).stdout
    assert streamed.startswith(b"\xff\xd8\xff")
    assert streamed.endswith(b"\xff\xd9")
    assert streamed.count(b"JFIF") == 2


def test_events_are_named() -> None:
    done = run("--json", "-e", R6, "-e", "eos events -count=70")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    told = [row["result"][0] for row in rows if row.get("event") == "event"]
    assert ["ISO", "auto"] in [[one["about"], one["value"]] for one in told]
    lists = {one["about"]: one["value"] for one in told if one["event"] == "AvailListChanged"}
    assert lists["ColorSpace"] == "1 | 2"
    assert lists["Aperture"].startswith("f/4 | f/4.5 | f/5 | f/5.6 | ")
    assert {one["event"] for one in told} == {"PropValueChanged", "AvailListChanged"}
    assert done.returncode == 0


def test_a_firmware_is_sent_whole_after_a_yes(tmp_path: Path) -> None:
    (tmp_path / "EOSR6180.FIR").write_bytes(bytes(range(256)) * 20000)
    line = "eos firmware EOSR6180.FIR"
    out, err, _ = said(line, cwd=tmp_path)
    assert out == []
    assert err == [
        "ERROR: this would write the firmware EOSR6180.FIR to the camera; give -y if that is meant"
    ]
    assert said(f"{line} -y", cwd=tmp_path) == (["5120000 bytes\tEOSR6180.FIR"], [], 0)


def test_its_card_is_there_without_chdk() -> None:
    out, err, status = said("ptp objects DCIM", "ptp info", "ptp capture")
    assert [line.split("\t")[-1] for line in out[:2]] == ["A/DCIM/100CANON/", "A/DCIM/101CANON/"]
    assert "manufacturer       Canon.Inc" in out
    assert status == 1
    assert "`eos release`" in err[0]


@pytest.mark.parametrize("line", ["shoot", "lua get_mode()", "live", "lvdump"])
def test_what_needs_chdk_names_what_an_eos_has_without_it(line: str) -> None:
    _, err, status = said(line)
    assert err[-1].startswith("ERROR: the camera does not run CHDK; `help eos` lists what works")
    assert "Firm Update" not in err[-1]
    assert status == 1
