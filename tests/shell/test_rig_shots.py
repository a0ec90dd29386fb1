"""Shots of several cameras through the shell: at the same moment, and what is fetched later."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.rig_shell import rig_shell

from chdkshell.errors import LeftOnCard
from chdkshell.rig.rig import PER_BUS, Rig
from chdkshell.shell.dispatch import Status
from chdkshell.shell.prefs import OutputKind


def test_all_shoot_together_and_it_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with rig_shell(monkeypatch) as shell:
        shell.run("rig name 1 left ; @all rec")
        lines = shell.run("@all shoot -sync -lock=left -dl=${camera}_${name} -rm")
        one = r"(left|2|3): fired [+-]\d+\.\d ms \(±\d+\.\d\), shot \d+, (\S+\.JPG)"
        found = [re.fullmatch(one, line) for line in lines[:3]]
        assert [match and match[1] for match in found] == ["left", "2", "3"], lines
        assert all(match and Path(match[2]).stat().st_size for match in found)
        assert re.match(r"shot 1: 3 of 3 fired, spread \d+\.\d ms \(at most", lines[3])
        assert all(member.clock for member in shell.rig.members)
        lines = shell.run("@2,3 rcapture -sync -shots=2 ${camera}_${imgnum}${ext}")
        assert [line[:2] for line in lines] == ["2:", "3:", "sh"] * 2


def test_files_of_a_capture_are_called_as_without_sync(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with rig_shell(monkeypatch, 2) as shell:
        shell.run("@all rec")
        for switch, folder in (("", "one"), ("-sync", "all")):
            shell.run(f"@all rcapture {switch} -jpg -dng {folder}/${{camera}}")
            shell.run(f"@all rcapture {switch} {folder}/${{id}}/")
    for top in map(Path, ("one", "all")):
        assert {path.name for path in top.glob("*.*")} == {"1.jpg", "1.dng", "2.jpg", "2.dng"}
        assert [len([*(top / number).glob("IMG_*.jpg")]) for number in "12"] == [1, 1]


def test_json_of_a_synchronised_shot(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch, 2, OutputKind.JSON) as shell:
        shell.objects("@all rec")
        event, whole = shell.objects("@all shoot -sync")
        assert event["event"] == "shot"
        (shot,) = whole["result"]
        assert shot == event["result"]
        assert [(c["camera"], c["fired"], c["problem"]) for c in shot["cameras"]] == [
            ("1", True, ""),
            ("2", True, ""),
        ]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("shoot -sync", "-sync is for the cameras of a selection"),
        ("@1 shoot -min=1", "-min is for shots of several cameras"),
        ("@all shoot -sync -trigger=x", "-trigger switches the 5 V"),
        ("@all shoot -sync -nowait", "-nowait does not go with -sync"),
        ("@all rcapture -sync -quick=3 ${camera}", "-quick does not go with -sync"),
        ("@all rcapture -sync x", "files of 1 and 2 would have the same names"),
        ("@all shoot -sync -lock=nobody", "no camera is called nobody"),
    ],
)
def test_what_is_refused(line: str, error: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch, 2) as shell:
        shell.run("@all rec")
        count = [sim.card.root for sim in shell.sims]
        assert error in "\n".join(shell.fail(line))
        assert count == [sim.card.root for sim in shell.sims]


def test_nobody_fires_where_one_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch, 2) as shell:
        shell.run("@1 rec")
        out, err = shell.try_("@all shoot -sync")
        assert shell.shell.status is Status.FAILED
        assert not any(": fired" in line for line in out)
        assert err[-1].startswith("ERROR: ")
        assert "2: " in err[-1]


def test_what_did_not_come_is_collected_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with rig_shell(monkeypatch) as shell:
        shell.run("@all rec")
        shell.run("@1 shoot ; @2 shoot -sync ; @3 shoot -dl=got_${name}")
        assert [len(member.left_on_card) for member in shell.rig.members] == [1, 1, 0]
        (tmp_path / "x").write_text("a file, and no folder")
        shell.fail("@all shoot -dl=x/${camera}.jpg")
        (tmp_path / "x").unlink()
        assert [len(member.left_on_card) for member in shell.rig.members] == [2, 2, 1]
        shell.sims[1].times_off += 1
        shell.fail("rig collect pics/${camera}_${imgnum}.jpg")
        shell.rig._seeker._threads[shell.rig.members[1]].join(60)
        shell.run("rig collect pics/${camera}_${imgnum}.jpg")
        assert not any(member.left_on_card for member in shell.rig.members)
        assert shell.run("rig collect") == []
    got = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.*"))
    assert [name for name in got if not name.startswith("got_")] == [
        *("pics/1_0102.jpg", "pics/2_0102.jpg"),
        *("x/1.jpg", "x/2.jpg", "x/3.jpg"),
    ]


def test_collecting_replaces_no_file_and_names_stay_apart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "1.jpg").write_text("mine")
    with rig_shell(monkeypatch, 2) as shell:
        for member in shell.rig.members:
            member.left_on_card.append(LeftOnCard("A/DCIM/100CANON/IMG_0001.JPG"))
        assert "the same names" in shell.fail("rig collect x.jpg")[0]
        shell.run("rig collect ${camera}.jpg")
    assert (tmp_path / "1.jpg").read_text() == "mine"
    assert len(list(tmp_path.glob("*.jpg"))) == 3


def test_some_cameras_of_a_bus_transfer_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch, 2) as shell:
        rig: Rig = shell.rig
        for member, address in zip(rig.members, ("usb:001:004", "usb:001:005"), strict=True):
            monkeypatch.setattr(member.camera.session.transport, "address", address)
        first, second = (rig.lane(member) for member in rig.members)
        assert first is second
        held = [first.__enter__() for _ in range(PER_BUS)]
        assert len(held) == PER_BUS
        assert not first.acquire(blocking=False)  # type: ignore[attr-defined]
        monkeypatch.setattr(rig.members[1].camera.session.transport, "address", "usb:002:005")
        assert rig.lane(rig.members[1]) is not first
