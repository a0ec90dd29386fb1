"""What the doctor says on each system, read once as a user and recorded in data/doctor.txt."""

# needs: POSIX

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.doctor_cases import FREE, OTHERS, TASKLIST, elsewhere, findings, linux, refused, table
from support.shell_process import PROJECT
from support.usb_refusals import MAC_PROGRAMS

from chdkshell.shell.doctor import Finding
from chdkshell.transport import usb_system

MEND_5120 = "close it; if it does not end: taskkill /f /pid 5120"
RECORDED = PROJECT / "tests" / "data" / "doctor.txt"
"""CHDKSHELL_WRITE_DOCTOR=1 writes it: read each line as a user then."""


@pytest.fixture(autouse=True)
def mac_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usb_system, "command_output", lambda command: MAC_PROGRAMS)


def only(found: list[Finding], check: str) -> Finding:
    (finding,) = [f for f in found if f.check == check]
    return finding


def test_what_users_read(tmp_path: Path) -> None:
    lines = [line.replace(str(tmp_path), "") for line in table(tmp_path)]
    if os.environ.get("CHDKSHELL_WRITE_DOCTOR") == "1":
        RECORDED.write_text("\n".join(lines) + "\n", "utf-8")
    assert lines == RECORDED.read_text("utf-8").splitlines()


def test_no_line_contradicts_another(tmp_path: Path) -> None:
    for title, found in (*linux(tmp_path), *elsewhere()):
        wrong = {f.check for f in found if f.ok is False}
        right = {f.check for f in found if f.ok}
        assert not wrong & right, title
        assert [f for f in found if f.ok is False and not f.mend] == [], title
        for finding in found:
            assert "administrator" not in finding.mend, title
            if not title.startswith("linux"):
                assert "udev" not in finding.check + finding.mend, title
                assert "gvfs" not in finding.mend, title
        if any("in use" in f.seen for f in found):
            assert "programs" not in right, title


def test_the_first_line_names_the_system_and_what_it_does_not_tell() -> None:
    for platform, name in (("darwin", "macOS 15.1"), ("win32", "Windows 11")):
        first = findings(platform, [], "")[0]
        assert first.seen.startswith(f"{name}, Python 3.13.5")
        assert "cannot be seen here: " in first.seen


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_programs_are_looked_at_or_it_is_said_that_they_are_not(platform: str) -> None:
    assert only(findings(platform, [FREE], ""), "programs").ok is None
    looked = only(findings(platform, [FREE], OTHERS), "programs")
    assert (looked.ok, looked.seen) == (
        True,
        "none of the programs that are known to take cameras runs",
    )


def test_windows_names_the_driver_and_the_program() -> None:
    found = findings("win32", [refused("win32", "ACCESS")], TASKLIST)
    assert "WinUSB" in only(found, "access").mend
    assert only(found, "programs").mend == MEND_5120
    assert only(found, "PTP").ok is None, "it was connected, though it cannot be opened"


def test_macos_names_the_programs_that_take_cameras() -> None:
    found = findings("darwin", [refused("darwin", "ACCESS")], MAC_PROGRAMS)
    programs = [f for f in found if f.check == "programs"]
    assert [(f.ok, f.mend) for f in programs] == [
        (False, "killall ptpcamerad, while `connect` tries in another window"),
        (False, "quit Photos"),
    ]
