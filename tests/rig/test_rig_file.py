"""The file of a rig: which camera has which name, by serial number or by what it hangs on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.fresh_sim import fresh_sim
from support.sim_rig import addresses

from chdkshell.errors import HostFileError, UsageError
from chdkshell.rig.rig import Rig

TWINS = ["sim:serial=X", "sim:boot=1,serial=X"]


def test_names_and_numbers_come_back_by_serial_number(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "rig.json"
    with Rig.connect(addresses(monkeypatch)) as rig:
        rig.name(rig.members[2], "left")
        rig.swap(rig.members[0], rig.members[2])
        rig.save(path)
    entries = json.loads(path.read_text())["cameras"]
    assert [(e["number"], e["name"], e["serial"], e["place"]) for e in entries] == [
        (1, "", "S3", ""),
        (2, "", "S2", ""),
        (3, "left", "S1", ""),
    ]
    with Rig.load(path) as rig:
        assert list(rig) == ["1", "2", "left"]
        assert rig["left"].serial == "S1"


def test_two_with_equal_serials_are_told_by_what_they_hang_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fresh_sim(monkeypatch)
    path = tmp_path / "rig.json"
    with Rig.connect(dict(zip(("a", "b"), TWINS, strict=True))) as rig:
        rig.save(path)
        places = {name: rig[name].place for name in rig}
    assert all(e["serial"] == "" for e in json.loads(path.read_text())["cameras"])
    with Rig.load(path) as rig:
        assert {name: rig[name].place for name in rig} == places


def test_two_that_cannot_be_told_apart_are_not_saved(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fresh_sim(monkeypatch)
    path = tmp_path / "rig.json"
    with Rig.connect(TWINS) as rig:
        monkeypatch.setattr("chdkshell.camera.Camera.place", "")
        with pytest.raises(UsageError):
            rig.save(path)
    assert not path.exists()


def test_one_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "rig.json"
    with Rig.connect(addresses(monkeypatch)) as rig:
        rig.save(path)
    text = path.read_text().replace('"serial": "S2"', '"serial": "gone"')
    path.write_text(text)
    with pytest.raises(ExceptionGroup) as raised:
        Rig.load(path)
    (error,) = raised.value.exceptions
    assert "serial gone" in str(error)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"cameras": [1]}',
        '{"cameras": [{"number": 1}]}',
        b"\xff\xfe\x00".decode("latin-1"),
        json.dumps({"cameras": [dict.fromkeys(("name", "address", "model", "serial"), 3)]}),
    ],
)
def test_what_is_no_file_of_a_rig(text: str, tmp_path: Path) -> None:
    path = tmp_path / "rig.json"
    path.write_text(text, "latin-1")
    with pytest.raises(UsageError):
        Rig.load(path)


def test_two_of_one_name_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "rig.json"
    with Rig.connect(addresses(monkeypatch, 2)) as rig:
        rig.save(path)
    path.write_text(path.read_text().replace('"name": ""', '"name": "left"'))
    with pytest.raises(UsageError):
        Rig.load(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(HostFileError):
        Rig.load(tmp_path / "none.json")
