"""Downloads to disks as Windows has them: NTFS, and NTFS that takes no note of case."""

# needs: POSIX

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.ntfs import ntfs
from support.shell_process import PROJECT, environment
from support.shooting_shell import ShootingShell, shooting_shell

from chdkshell.chdk.card import copyplan
from chdkshell.hostnames import folds_case

pytestmark = pytest.mark.slow

TIME = 1748779200  # 2025-06-01 12:00:00 UTC

FILES = {
    "DCIM/100CANON/IMG_0001.JPG": b"one" * 100,
    "DCIM/100CANON/MVI_0002.MOV": bytes(range(250)) * 10_000,
    "DCIM/101CANON/IMG_0003.JPG": b"",
    "D1/a.txt": b"small",
    "D2/A.TXT": b"large",
}
HOSTILE = ["a:b", "con", "Aux.jpg", "x.", "y ", "*", "what?", "<>|", '"x"', "COM\u00b2"]


class Place:
    """A shell whose folder is on the disk, with a camera whose card is elsewhere."""

    def __init__(self, shell: ShootingShell, folder: Path, card: Path) -> None:
        self.run, self.fail = shell.run, shell.fail
        self.folder = folder
        self.card = card

    def names(self) -> dict[str, bytes]:
        """Return what is there, by names in lower case: one of the disks tells no other ones."""
        return {
            path.relative_to(self.folder).as_posix().lower(): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }


MOUNTS = {"ntfs-3g": "windows_names", "lowntfs-3g": "ignore_case,windows_names"}


@pytest.fixture(scope="module", params=MOUNTS)
def disk(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    peer: Callable[[str], str],
) -> Iterator[Path]:
    program = request.param
    with ntfs(tmp_path_factory.mktemp("disk"), peer, program, MOUNTS[program]) as folder:
        yield folder


@pytest.fixture
def place(disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    folder = disk / tmp_path.name
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name, data in FILES.items():
        path = tmp_path / "card" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (TIME, TIME))
    with shooting_shell(tmp_path / "card") as shell:
        yield Place(shell, folder, tmp_path / "card")


def test_where_fuse_is_not_to_be_had_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("support.ntfs.FUSE", tmp_path / "none/fuse")
    said = r"FUSE is not to be had here: .*No such file"
    with pytest.raises(pytest.skip.Exception, match=said), ntfs(tmp_path, str, "ntfs-3g", ""):
        pytest.fail("it was mounted")


def is_blind(place: Place) -> bool:
    """Whether the disk takes names that differ in case for one."""
    return "lowntfs" in str(place.folder)


def test_the_disk_says_what_it_takes_for_one_name(place: Place) -> None:
    assert folds_case(str(place.folder)) is is_blind(place)
    assert folds_case(str(place.folder / "not/there")) is is_blind(place)
    assert list(place.folder.iterdir()) == []


def test_files_arrive_with_their_times_and_are_known_again(place: Place) -> None:
    place.run("mdl DCIM .")
    expected = {n.removeprefix("DCIM/").lower(): d for n, d in FILES.items() if "DCIM" in n}
    assert place.names() == expected
    for path in place.folder.rglob("*.*"):
        if path.is_file():
            assert path.stat().st_mtime == TIME
    assert not any("->" in line for line in place.run("sync -pretend A/DCIM ."))


def test_what_is_here_is_replaced_only_where_that_is_said(place: Place) -> None:
    Path("img_0001.jpg").write_bytes(b"mine")
    name = "DCIM/100CANON/IMG_0001.JPG"
    place.run(f"download -overwrite=n {name}")
    assert Path("img_0001.jpg").read_bytes() == b"mine"
    if is_blind(place):
        assert len(place.names()) == 1
        place.run(f"download -overwrite=y {name}")
        assert place.names() == {"img_0001.jpg": FILES[name]}


def test_two_files_that_would_be_one(place: Place) -> None:
    if is_blind(place):
        said = place.fail("mdl D1 D2 x/${name}")
        assert "A/D1/a.txt and A/D2/A.TXT would both be x/A.TXT" in said
        assert place.names() == {}
    else:
        place.run("mdl D1 D2 x/${name}")
        assert {path.name: path.read_bytes() for path in Path("x").iterdir()} == {
            "a.txt": b"small",
            "A.TXT": b"large",
        }


def test_two_files_that_are_found_to_be_one_on_the_way(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where only a folder below is of that kind: the second stays on the card."""
    monkeypatch.setattr(copyplan, "folds_case", lambda folder: False)
    if is_blind(place):
        said = place.fail("mdl D1 D2 x/${name}")
        assert "is where A/D1/a.txt has just arrived; it was left" in said
        assert place.names() == {"x/a.txt": b"small"}
    else:
        place.run("mdl D1 D2 x/${name}")
        assert len(list(Path("x").iterdir())) == 2


def test_names_that_no_disk_of_windows_has_arrive_under_others(place: Place) -> None:
    for number, name in enumerate(HOSTILE):
        (place.card / "H").mkdir(exist_ok=True)
        (place.card / "H" / name).write_bytes(f"file {number}".encode())
    place.run("mdl H out")
    arrived = sorted(place.names().values())
    assert arrived == sorted(f"file {number}".encode() for number in range(len(HOSTILE)))


@pytest.mark.parametrize(
    "line",
    [
        "imdl -d=${mdate,%H:%M}_${name}",
        "download DCIM/100CANON/IMG_0001.JPG a:b",
        "rs a:b",
        "rmem -f=what? 0x1000 4",
    ],
)
def test_names_that_the_disk_refuses_are_one_line_of_error(place: Place, line: str) -> None:
    said = place.fail(line)
    assert "Invalid argument" in said
    assert "Traceback" not in said
    assert place.names() == {}


def test_shots_take_names_that_are_free(place: Place) -> None:
    Path("X.JPG").write_bytes(b"mine")
    place.run("rs x")
    assert Path("X.JPG").read_bytes() == b"mine"
    assert set(place.names()) == {"x.jpg", "x_1.jpg"} if is_blind(place) else {"x.jpg"}


@pytest.mark.parametrize("line", ["imdl -rm", "sync -delete A/DCIM .", "imdl -rm -verify"])
def test_what_has_arrived_is_deleted(place: Place, line: str) -> None:
    place.run(line)
    assert len(place.names()) == (2 if "imdl" in line else 3) + ("imdl" in line)
    assert not [path for path in (place.card / "DCIM").rglob("*") if path.is_file()]


# ---- the tests of transfers, with all that they write on such a disk ----

TESTS = [
    "tests/chdk/test_transfer.py",
    "tests/chdk/test_trees.py",
    "tests/chdk/test_images.py",
    "tests/chdk/test_file_times.py",
    "tests/chdk/test_hostile_names.py",
    "tests/chdk/test_resume.py",
    "tests/chdk/test_deleting_copied.py",
    "tests/shell/test_sync.py",
]
LEFT_OUT = {
    "tests/chdk/test_hostile_names.py::test_what_only_a_hostile_card_has": "has cards with : and ?",
    "tests/chdk/test_trees.py::test_names_that_the_card_cannot_hold_apart": "makes a file a:b",
    "tests/chdk/test_images.py::test_a_directory_of_ten_thousand_files_in_a_small_heap": "a card",
    "tests/chdk/test_images.py::test_pictures_of_a_large_card_in_a_small_heap": "a card",
}


@pytest.mark.timeout(400)
def test_the_tests_of_transfers_pass_there(tmp_path: Path, peer: Callable[[str], str]) -> None:
    with ntfs(tmp_path, peer, "ntfs-3g", MOUNTS["ntfs-3g"]) as folder:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-n", "2", "-m", "not slow"),
                *("-p", "no:cacheprovider", "-o", "tmp_path_retention_policy=failed"),
                f"--basetemp={folder / 'tests'}",
                *(f"--deselect={name}" for name in LEFT_OUT),
                *TESTS,
            ],
            cwd=PROJECT,
            env=environment(),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    assert done.returncode == 0, done.stdout[-5000:]
    assert int(done.stdout.rpartition(" passed")[0].split()[-1]) > 150
