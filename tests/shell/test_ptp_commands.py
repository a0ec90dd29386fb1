"""The commands of standard PTP on the simulated camera, through the program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.shell_process import run


def said(*lines: str) -> tuple[list[str], list[str], int]:
    """Run lines, and return what came on stdout and stderr, and the status."""
    words = [word for line in lines for word in ("-e", line)]
    done = run("--sim", *words)
    return done.stdout.splitlines(), done.stderr.splitlines(), done.returncode


def data_of(line: str) -> Any:
    out, err, status = said(line)
    assert status == 0, err
    return out


def in_json(line: str) -> Any:
    done = run("--sim", "--json", "-e", line)
    return [json.loads(text) for text in done.stdout.splitlines()]


def test_what_the_camera_says_about_itself() -> None:
    out = data_of("ptp info")
    assert "model              Canon PowerShot SIM1" in out
    assert "serial number      SIM0001" in out
    (answer,) = in_json("ptp info")
    assert answer["result"]["model"] == "Canon PowerShot SIM1"
    assert "0x1001\tGetDeviceInfo" in data_of("ptp ops")
    assert "0x3801\tEXIF/JPEG" in data_of("ptp formats")


def test_storages_are_drives() -> None:
    (line,) = data_of("ptp storages")
    assert line.split("\t")[:2] == ["A/", "0x00010001"]
    assert line.endswith("read and write\tSD\tCANON_SIM")


def test_properties_are_listed_by_name_and_code() -> None:
    assert "0x5001\tBatteryLevel\tUINT8\tr\t3\t0, 1, 2, 3" in data_of("ptp props BATTERYL")
    assert data_of("ptp props 0xd033") == ["0xD033\tCameraOwner\tAUINT8\trw\tchdkshell\t"]
    (answer,) = in_json("ptp props battery")
    assert [prop["code"] for prop in answer["result"]] == [0x5001, 0xD002, 0xD003]


def test_a_property_is_set_by_its_own_type() -> None:
    out = data_of("ptp prop CameraOwner 'Ann B'")
    assert "value     Ann B" in out
    out, err, status = said("ptp prop 0xD045 7", "ptp propreset 0xD045", "ptp prop 0xD045")
    assert (status, err) == (0, [])
    assert "value     4" in out[-5:]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("ptp prop EventEmulateMode 9", "'9' is not allowed here; allowed: 1, 2, 3, 4, 5, 6, 7"),
        ("ptp prop EventEmulateMode x", "'x' is no number; decimal, or hex with 0x"),
        ("ptp prop EventEmulateMode 70000", "70000 is no UINT16; it goes from 0 to 65535"),
        ("ptp prop BatteryLevel 1", "property 0x5001 can only be read"),
        ("ptp prop 0x5FFF", "GetDevicePropDesc: the camera answered DevicePropNotSupported"),
        ("ptp prop batterylevl", "there is no property 'batterylevl'; near it: BatteryLevel"),
        ("ptp raw getdeviceinf", "there is no operation 'getdeviceinf'; near it: GetDeviceInfo"),
        (
            "ptp raw 0x1018",
            "the camera does not list the operation TerminateOpenCapture (0x1018); `ptp ops` lists"
            " what it has; -force sends it anyway\n",
        ),
        ("ptp raw 0x100F 0x10001", "this would delete all that is on a storage; give -y"),
        ("ptp raw -force 0x1013", "this would switch the camera off; give -y"),
        (
            "ptp raw 0x1016 0xD045",
            "SetDevicePropValue sends data to the camera, and there is none; write -out=0a0b0c, or"
            " -out=@FILE\n",
        ),
        ("ptp raw 0x1001 1 2 3 4 5 6", "an operation has at most 5 parameters"),
        ("ptp raw 0x1016 0xD045 -out=xyz", "'xyz' is no hex"),
        (
            "ptp power -y",
            "the camera does not list the operation PowerDown (0x1013); `ptp ops` lists what it"
            " has\n",
        ),
        ("ptp propreset all", "this would give all settings of the camera their factory values"),
        ("ptp", "'ptp' is the first word of several commands; info, ops"),
        ("ptp inf", "unknown command 'ptp inf'; did you mean 'ptp info'?"),
    ],
)
def test_what_is_refused_before_it_is_sent(line: str, error: str) -> None:
    out, err, status = said(line)
    assert not out
    assert status != 0
    assert len(err) == 1
    assert f"{err[0]}\n".startswith(f"ERROR: {error}")


def test_raw_shows_the_response_its_parameters_and_the_data(tmp_path: Path) -> None:
    assert data_of("ptp raw 0x9999 0") == ["CHDK (0x9999): OK (0x2001) 0x00000002 0x00000009"]
    out = data_of("ptp raw getmacaddress")
    assert out[0] == "GetMacAddress (0x9033): OK (0x2001)"
    assert out[1].startswith("MAC address  02:1d:b4:")
    assert data_of("ptp raw 0x1015 0x5001")[1].startswith("       0: 03 -- ")
    target = tmp_path / "info.bin"
    out, _, status = said(f"ptp raw GetDeviceInfo -in={target}")
    assert (out[0], status) == ("GetDeviceInfo (0x1001): OK (0x2001)", 0)
    assert out[1] == f"{target.stat().st_size} bytes\t{target}"
    assert target.read_bytes()[:2] == b"\x64\0"
    (answer,) = in_json("ptp raw 0x1004")
    assert answer["result"]["hex"] == "0100000001000100"
    assert answer["result"]["fields"] == {"count": "1", "0": "0x00010001"}


def test_raw_sends_bytes_and_files(tmp_path: Path) -> None:
    value = tmp_path / "value"
    value.write_bytes(b"\4\0\0\0Bob\0")
    for out in (f"@{value}", "04000000,426f6200"):
        lines = f"ptp raw 0x1016 0xD033 -out={out}", "ptp prop 0xD033"
        shown, err, status = said(*lines)
        assert (status, err) == (0, [])
        assert "value     Bob" in shown


def test_a_refusal_of_the_camera_is_shown_and_an_error() -> None:
    out, err, status = said("ptp raw 0x1008 0x7777")
    assert out == ["GetObjectInfo (0x1008): InvalidObjectHandle (0x2009)"]
    assert err == ["ERROR: GetObjectInfo: the camera answered InvalidObjectHandle (0x2009)"]
    assert status == 1


def test_events_come_as_they_happen() -> None:
    lines = ("luar os.mkdir('A/NEW')", "ptp events -count=1 -seconds=60")
    out, err, status = said(*lines)
    assert status == 0, err
    assert out[-1].split(" ", 1)[1].endswith("ObjectAdded (0x4002) 0x00000001")


def test_the_words_mean_nothing_to_chdkptp() -> None:
    done = run("--sim", "--chdkptp", "-e", "ptp info")
    assert "ERROR: unknown command 'ptp" in done.stdout + done.stderr
