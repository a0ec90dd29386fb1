"""The commands of the rig: which cameras there are, their names, and where these are kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.rig_shell import RigShell, rig_shell
from support.shell_process import run

from chdkshell.shell.dispatch import Status
from chdkshell.shell.prefs import OutputKind


def looking_for_ever(shell: RigShell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a camera that drops off never be found by itself."""
    monkeypatch.setattr(
        shell.rig._seeker, "look_for", lambda member, why: setattr(member, "gone", why)
    )


def test_list(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch) as shell:
        shell.run("rig name 2 left")
        shell.run("use left")
        lines = shell.run("rig list")
        assert [re.sub(r" \(.*", "", line) for line in lines] == [
            "-1: Canon PowerShot SIM1 s=S1",
            "*2:left Canon PowerShot SIM1 s=S2",
            "-3: Canon PowerShot SIM1 s=S3",
        ]
        assert re.fullmatch(
            r".*\(connected, battery \d\.\d\d V, free [\d.]+ GiB, shot \d+\)", lines[0]
        )
        shell.sims[0].times_off += 1
        looking_for_ever(shell, monkeypatch)
        assert shell.run("rig list")[0].endswith("(gone, it is looked for)")
        shell.rig.members[0].gone = ""


def test_a_script_that_runs_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch, 2) as shell:
        shell.run("@2 lua while true do sleep(50) end")
        first, second = shell.run("rig list")
        assert "battery" in first
        assert second.endswith("(connected)")
        shell.run("@2 killscript")


def test_list_as_a_table_and_in_json(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch, 2, OutputKind.JSON) as shell:
        (answer,) = shell.objects("rig list")
        rows = answer["result"]
        assert [(r["number"], r["name"], r["serial"], r["state"]) for r in rows] == [
            (1, "", "S1", "connected"),
            (2, "", "S2", "connected"),
        ]
        assert all(r["battery"] > 1000 and r["free"] > 0 and r["clock"] is None for r in rows)
    with rig_shell(monkeypatch, 2, OutputKind.RICH) as shell:
        shell.run("rig name 1 left")
        head, *rows = shell.run("rig list")
        assert head.split()[:4] == ["#", "name", "model", "serial"]
        (first,) = (row for row in rows if "S1" in row)
        (second,) = (row for row in rows if "S2" in row)
        assert first.split()[:2] == ["1", "left"]
        assert second.split()[:2] == ["*", "2"]


def test_names_stay_with_the_camera_and_are_kept_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with rig_shell(monkeypatch) as shell:
        shell.run("rig name 1 left ; rig name 3 right")
        shell.run("rig save my.rig")
        shell.run("rig swap left right")
        assert [m.camera.serial for m in shell.rig.select("left")] == ["S3"]
        shell.run("rig drop left")
        assert [m.label for m in shell.rig.members] == ["2", "right"]
        assert shell.fail("@left df") == ["ERROR: no camera is called left; there are: 2, 3 right"]
        assert len(shell.run("rig load my.rig")) == 3
        assert [m.camera.serial for m in shell.rig.select("left,right")] == ["S1", "S3"]
        assert [m.number for m in shell.rig.members] == [1, 2, 3]
        shell.run("rig name left")
        assert [m.label for m in shell.rig.members] == ["1", "2", "right"]
        err = shell.fail("rig name 1 right")
        assert err == ["ERROR: another camera is called right; names are there once"]
        assert shell.fail("rig name 1 all")[0].startswith("ERROR: 'all' is no name")
        assert shell.fail("rig name 1-3 x")[0].startswith("ERROR: 1-3 means 3 cameras")
        assert shell.fail("rig load none.rig")[0].startswith("ERROR: ")


def test_a_file_gives_numbers_to_those_that_are_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with rig_shell(monkeypatch, 2) as shell:
        shell.run(f"rig name 1 left ; rig name 2 right ; rig save {tmp_path}/my.rig")
        shell.run("disconnect")
        shell.run("connect sim:serial=OTHER -nodis")
        shell.run("rig name 3 right")
        shell.run(f"rig connect {tmp_path}/my.rig")
        labels = {m.camera.serial: (m.number, m.name) for m in shell.rig.members}
        assert labels == {"S1": (1, "left"), "S2": (2, "right"), "OTHER": (3, "")}


def test_connect_takes_what_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch, 1) as shell:
        out, err = shell.try_("rig connect ip:127.0.0.1:1 sim:serial=NEW sim:serial=S1")
        assert out == []
        assert shell.shell.status is Status.FAILED
        (line,) = err
        assert line.startswith("ERROR: 1 of 2 connected; ip:127.0.0.1:1 refused")
        assert [m.camera.serial for m in shell.rig.members] == ["S1", "NEW"]
        assert shell.fail("rig connect zzz")[0].startswith("ERROR: no camera is like 'zzz'")


def test_what_drops_off_is_not_connected_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch, 2) as shell:
        looking_for_ever(shell, monkeypatch)
        shell.sims[0].times_off += 1
        shell.fail("@all df")
        shell.run("rig connect sim:serial=S1")
        assert [(m.number, m.gone) for m in shell.rig.members] == [(1, ""), (2, "")]
        assert len(shell.run("@all pwd")) == 2


def test_a_camera_that_the_user_left_is_none_of_the_rig(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch, 2) as shell:
        shell.run("disconnect")
        assert shell.run("@all pwd") == ["1: A/"]


def test_clocks_are_measured_and_set(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch, 2, OutputKind.JSON) as shell:
        (answer,) = shell.objects("rig sync")
        assert all(0 < r["clock_bound"] < 10_000 and r["clock"] for r in answer["result"])
        (answer,) = shell.objects("rig list")
        assert all(r["clock"] is not None for r in answer["result"])
        assert shell.objects("rig clock")[0]["ok"]
        shell.sims[0].times_off += 1
        (answer,) = shell.objects("rig sync")
        assert answer["error"].startswith("1 of 2 ok; 1: ")


def test_of_the_rig_itself_and_as_a_group() -> None:
    done = run("--sim", "-e", "@all rig list", "-e", "rig", "-e", "rig nothing")
    errors = done.stderr.splitlines()
    assert errors[0].startswith("ERROR: rig list is not for several cameras: ")
    assert errors[1].startswith("ERROR: 'rig' is the first word of several commands; ")
    done = run("--chdkptp", "--sim", "-e", "rig list")
    assert "unknown command 'rig" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("rig trigger -key=foo", "'foo' is no key; space, enter, or a letter"),
        ("rig trigger -key=q", "the key q ends it; another letter, space or enter"),
        ("rig load missing", "cannot read missing: No such file or directory; the working folder"),
        (
            "rig scan book/",
            "no camera is called left; there are: 1; name one as in `rig name 1 left`, "
            "or give -left and -right",
        ),
        ("rig scan book/ -left=1 -right=r", "no camera is called r; there are: 1"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_done(line: str, error: str) -> None:
    done = run("-r", "--sim", "-e", line, stdin="x\n")
    assert done.stderr.removeprefix("ERROR: ").startswith(error)
    assert (done.returncode, done.stdout) == (1, "")
