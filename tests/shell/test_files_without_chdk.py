"""The commands about files on a camera without CHDK: the same lines say and do the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cut_link import Bench, Outcome, content
from support.file_cases import CARD, SCRIPTS, write

from chdkshell.ptp.codes import OperationCode, ResponseCode
from chdkshell.ptp.objects import ALL_STORAGES
from chdkshell.sim.chdk_commands import Answer
from chdkshell.sim.models import MODELS

LOOKING = (
    *("ls", "ls -l", "ls -l DCIM/100CANON", "ls dcim/100canon", "ls DCIM CHDK", "ls DCIM/*/IMG*"),
    *("imls", "imls -sort=path", "imls -sort=shot -r", "imls -imin=2", "imls -dmax=100"),
    *("imls -imin=5", "tree", "tree -l DCIM", "tree -maxdepth=1", "du", "du -s DCIM", "find"),
    *("find -glob=*.JPG", "find -dmatch=DCIM", "find -fmatch=IMG -maxdepth=2", "find -nodirs"),
    *("find -rmatch=^1 DCIM", "cat KEEP.TXT", "cd DCIM", "rm -pretend DCIM", "imrm -pretend"),
    *("rm -pretend -nodirs -fmatch=IMG -maxdepth=9 DCIM", "mdl -pretend DCIM out"),
    *("imdl -pretend", "sync -pretend DCIM out", "sync -pretend -delete A/DCIM out"),
    "rm -pretend -skip_topdirs DCIM",
)
CHANGING = (
    *("mdl DCIM out", "mdl A/ all", "mdl -fmatch=JPG -nodirs DCIM out", "imdl", "imdl -rm"),
    *("d KEEP.TXT", "d DCIM/100CANON/*.JPG out/", "mup up UP", "mup -nodirs up A/", "u up/a.lua"),
    *("u up/a.lua CHDK/B.LUA", "u -mtime up/a.lua CHDK/", "mkdir X/Y/Z", "mkdir DCIM"),
    *("rm KEEP.TXT", "rm DCIM", "rm -nodirs DCIM", "rm -all A/", "rm -skip_topdirs DCIM"),
    *("rm DCIM/*/IMG_0001.JPG", "imrm -imax=1", "mv KEEP.TXT DCIM", "mv DCIM CHDK"),
    *("cp KEEP.TXT N.TXT", "cp DCIM CHDK", "sync DCIM out", "sync -delete A/DCIM out"),
    *("sync up A/UP", "sync -delete up A/UP", "mv DCIM/101CANON CHDK"),
    "imdl -d=${mdate,%Y}/${imgnum}${ext} -sort=date",
)
WRONG = (
    *("rm ''", "rm A/", "rm .", "rm DCIM ''", "ls ''", "mdl '' out", "u '' A/", "mkdir ''"),
    *("imdl -rm A/", "imrm A/", "mv A/ DCIM", "sync -delete A/ out", "sync -up -delete '' A/UP"),
    *("sync -up -delete . A/UP", "rm DCIM/../x", "u up A/X", "mup nope A/X", "mv KEEP.TXT"),
    *("cp KEEP.TXT KEEP.TXT", "cat DCIM", "cd KEEP.TXT", "rm -fmatch=%g( DCIM", "rm"),
)
"""Lines that are refused, with the same words."""

REFUSED = {
    "ls NOPE": "A/NOPE: no such file or folder",
    "d NOPE": "stat source A/NOPE failed: A/NOPE: no such file or folder",
    "mkdir KEEP.TXT/X": "path exists, not directory: A/KEEP.TXT",
    "mup up KEEP.TXT": "not a directory: A/KEEP.TXT",
    "u up/a.lua KEEP.TXT": "A/KEEP.TXT is there, and standard PTP cannot replace it; delete it",
    "mv KEEP.TXT N.TXT": "A/KEEP.TXT cannot be renamed: standard PTP can only move it",
    "mv KEEP.TXT CHDK/N.TXT": "A/KEEP.TXT cannot get another folder and another name at once",
    "mv CHDK CHDK/SCRIPTS": "A/CHDK/SCRIPTS: a directory cannot be moved into itself",
    "mv DCIM DCIM/100CANON": "A/DCIM/100CANON/DCIM: a directory cannot be moved into itself",
    "lua get_mode()": "the camera does not run CHDK; start CHDK",
    "shoot": "the camera does not run CHDK; start CHDK",
    "edit KEEP.TXT": "the camera does not run CHDK; start CHDK",
    "run HELLO": "the camera does not run CHDK; start CHDK",
}


class Benches:
    """A camera with CHDK and one without, each with a card and a folder of this computer."""

    def __init__(self, root: Path) -> None:
        self.with_chdk = bench(root / "with")
        self.without = bench(root / "without", chdk=False)

    def both(self, line: str) -> list[tuple[Outcome, object]]:
        found = []
        for one in (self.with_chdk, self.without):
            one.reset()
            outcome, _ = one.run(line)
            found.append((outcome, after(one)))
        return found

    def alone(self, line: str) -> Outcome:
        self.without.reset()
        return self.without.run(line)[0]


def bench(root: Path, chdk: bool = True) -> Bench:
    def fill(card: Path, here: Path) -> None:
        write(card, CARD)
        write(here, SCRIPTS)

    return Bench(root, fill, chdk)


def after(one: Bench) -> object:
    folders = sorted(str(p.relative_to(one.card)) for p in one.card.rglob("*") if p.is_dir())
    times = {p.name: int(p.stat().st_mtime) for p in one.folder.rglob("*") if p.is_file()}
    return content(one.card), folders, content(one.folder), times


@pytest.fixture(scope="module")
def benches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Benches]:
    made = Benches(tmp_path_factory.mktemp("cards"))
    yield made
    made.with_chdk.camera.close()
    made.without.camera.close()


@pytest.mark.parametrize("line", LOOKING)
def test_a_line_says_the_same(benches: Benches, line: str) -> None:
    (said, first), (without, second) = benches.both(line)
    assert said.ok == without.ok, without.stderr
    assert without.stdout.splitlines() == said.stdout.splitlines()
    assert without.stderr == said.stderr
    assert second == first


@pytest.mark.parametrize("line", [line for line in CHANGING if line != "mv DCIM CHDK"])
def test_a_line_does_the_same(benches: Benches, line: str) -> None:
    """The folders that are made, and what is deleted, may be told a little earlier or later."""
    (said, first), (without, second) = benches.both(line)
    assert said.ok, said.stderr
    assert without.ok, without.stderr
    assert sorted(without.stdout.splitlines()) == sorted(said.stdout.splitlines())
    assert without.stderr == said.stderr
    assert second == first


@pytest.mark.parametrize("line", WRONG)
def test_a_line_is_refused_with_the_same_words(benches: Benches, line: str) -> None:
    (said, first), (without, second) = benches.both(line)
    assert not said.ok
    assert (without.stdout, without.stderr) == (said.stdout, said.stderr)
    assert second == first
    assert content(benches.without.card) == CARD
    assert content(benches.without.folder) == SCRIPTS


@pytest.mark.parametrize("line", REFUSED)
def test_what_is_refused_is_one_line(benches: Benches, line: str) -> None:
    outcome = benches.alone(line)
    assert (outcome.ok, outcome.stdout, outcome.stderr.count("\n")) == (False, "", 1)
    assert outcome.stderr.startswith(f"ERROR: {REFUSED[line]}")
    assert content(benches.without.card) == CARD


def test_room_is_that_of_all_storages(benches: Benches) -> None:
    outcome = benches.alone("df")
    used = sum(map(len, CARD.values()))
    assert f"used {used:>14}" in outcome.stdout
    assert benches.alone("imls -last=2").stdout.count("\n") == 2


def test_the_newest_picture_stands_for_the_counter(benches: Benches) -> None:
    outcome = benches.alone("imls -last=3 -sort=path")
    assert [line.split()[-1] for line in outcome.stdout.splitlines()] == [
        *("A/DCIM/100CANON/IMG_0002.JPG", "A/DCIM/101CANON/IMG_0003.JPG"),
        "A/DCIM/101CANON/IMG_0004.JPG",
    ]


def test_a_camera_that_wants_its_storages_one_by_one(
    benches: Benches, monkeypatch: pytest.MonkeyPatch
) -> None:
    responder = benches.without.camera.responder
    real = responder._operations[OperationCode.GET_OBJECT_HANDLES]
    refused = []

    def handles(params: tuple[int, ...], source: object, sink: object) -> Answer:
        if params[0] == ALL_STORAGES:
            refused.append(params)
            return Answer(ResponseCode.INVALID_STORAGE_ID)
        return real(params, source, sink)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setitem(responder._operations, OperationCode.GET_OBJECT_HANDLES, handles)
        (said, first), (without, second) = benches.both("mdl A/ all")
        assert benches.without.run("ptp objects -tree")[0].ok
    assert (without.stdout, second) == (said.stdout, first)


@pytest.mark.parametrize("line", ["rm -nodirs DCIM", "imrm", "imdl -rm", "sync -delete A/DCIM out"])
def test_a_protected_picture_stays(benches: Benches, line: str) -> None:
    name = "DCIM/101CANON/IMG_0003.JPG"
    bench = benches.without
    bench.reset()
    bench.camera.card.set_attributes(f"A/{name}", 1)
    outcome, _ = bench.run(line)
    bench.camera.card.set_attributes(f"A/{name}", 0)
    assert not outcome.ok
    assert f"A/{name} is protected on the camera" in outcome.stderr + outcome.stdout
    assert content(bench.card)[name] == CARD[name]


@pytest.mark.parametrize("model", [key for key in MODELS if key in ("SX100IS", "ELPH180", "EOSR6")])
def test_other_models(tmp_path: Path, model: str) -> None:
    from chdkshell.camera import connect

    write(tmp_path / "card", CARD)
    with connect(f"sim:card={tmp_path}/card,model={model},chdk=0") as camera:
        assert camera.chdk_version is None
        assert {e.name for e in camera.files.scandir()} == {"DCIM", "CHDK", "KEEP.TXT"}
        camera.files.download_tree("A/DCIM", str(tmp_path / "out"))
        camera.files.write("A/NEW.TXT", b"new")
        assert camera.path("A/NEW.TXT").read_bytes() == b"new"
        camera.path("A/NEW.TXT").unlink()
        assert not camera.path("A/NEW.TXT").exists()
    assert content(tmp_path / "out") == {
        name.removeprefix("DCIM/"): data for name, data in CARD.items() if name[:4] == "DCIM"
    }
    assert content(tmp_path / "card") == CARD
