"""Pictures: which ones are meant, in which order, under which names, and what is deleted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cut_link import Bench, content
from support.exif_pictures import jpeg, with_thumbnail

from chdkshell.camera import connect
from chdkshell.chdk.card.access import ImageList
from chdkshell.chdk.card.images import last_shots, sort_images
from chdkshell.chdk.card.listing import list_images
from chdkshell.chdk.card.selection import ImageRange, Selection
from chdkshell.chdk.card.thumbnails import read_thumbnail, thumbnail
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.errors import UsageError

DAY = 86400
FIRST = 1748779200  # 2025-06-01 12:00:00 UTC


def write(root: Path, names: list[str]) -> None:
    for number, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
        os.utime(path, (FIRST + number * DAY, FIRST + number * DAY))


NAMES = [
    "DCIM/100CANON/IMG_0007.JPG",
    "DCIM/100CANON/CRW_0007.CR2",
    "DCIM/100CANON/IMG_0008.JPG",
    "DCIM/101_0602/IMG_0009.JPG",
    "DCIM/101_0602/MVI_0010.MOV",
    "DCIM/101_0602/NOTES.TXT",
    "DCIM/CANONMSC/M0100.CTG",
    "CHDK/IMG_0001.JPG",
]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, lambda card, here: write(card, NAMES))
    made.camera.state.exposure_count = 10
    made.camera.state.image_dir = "A/DCIM/101_0602"
    yield made
    made.camera.close()


def listed(bench: Bench, switches: str) -> list[str]:
    outcome, _ = bench.run(f"imls {switches}")
    assert outcome.ok, outcome.stderr
    return [line.rpartition("/")[2] for line in outcome.stdout.splitlines()]


@pytest.mark.parametrize(
    ("switches", "names"),
    [
        ("-imin=8", ["IMG_0008.JPG", "IMG_0009.JPG", "MVI_0010.MOV"]),
        ("-imin=8 -imax=9", ["IMG_0008.JPG", "IMG_0009.JPG"]),
        ("-dmax=100", ["IMG_0007.JPG", "CRW_0007.CR2", "IMG_0008.JPG"]),
        ("-dmin=101", ["IMG_0009.JPG", "MVI_0010.MOV"]),
        ("-glob=*.jpg -r", ["IMG_0009.JPG", "IMG_0008.JPG", "IMG_0007.JPG"]),
        ("-last", ["MVI_0010.MOV"]),
        ("-last=3", ["IMG_0008.JPG", "IMG_0009.JPG", "MVI_0010.MOV"]),
        ("-last=4 -sort=name", ["CRW_0007.CR2", "IMG_0007.JPG", "IMG_0008.JPG", "IMG_0009.JPG",
                                "MVI_0010.MOV"]),
        ("-sort=shot -imax=8", ["CRW_0007.CR2", "IMG_0007.JPG", "IMG_0008.JPG"]),
        ("-sort=${ext}${name} -dmax=100", ["CRW_0007.CR2", "IMG_0007.JPG", "IMG_0008.JPG"]),
        ("-fmatch=%.TXT$", ["NOTES.TXT"]),
        ("-rmatch=101", []),
        ("-rmatch=C -imin=9", []),
        ("CHDK", ["IMG_0001.JPG"]),
        ("-maxdepth=1", []),
    ],
)  # fmt: skip
def test_which_pictures(bench: Bench, switches: str, names: list[str]) -> None:
    assert listed(bench, switches) == names


def test_pictures_that_there_are_none_of(bench: Bench) -> None:
    outcome, _ = bench.run("imls -sort=nosuch")
    assert outcome.stderr.startswith("ERROR: imglist_sort: invalid sort nosuch")
    outcome, _ = bench.run("imls -last=0")
    assert not outcome.ok


def images(names: list[str], count: int, directory: str) -> ImageList:
    items = [CardEntry(f"A/DCIM/{name}", 1, top="A/DCIM", depth=2) for name in names]
    return ImageList(items, count, f"A/DCIM/{directory}")


@pytest.mark.parametrize(
    ("names", "count", "directory", "last", "expected"),
    [
        (["100CANON/IMG_0099.JPG", "101CANON/IMG_0100.JPG"], 100, "101CANON", 2, [99, 100]),
        (["100CANON/IMG_9999.JPG", "101CANON/IMG_0001.JPG"], 1, "101CANON", 2, [9999, 1]),
        (["999CANON/IMG_0009.JPG", "100CANON/IMG_0010.JPG"], 10, "100CANON", 2, [9, 10]),
        # numbers of which the card has older ones, from before the counter came round
        (["100CANON/IMG_0001.JPG", "101CANON/IMG_9999.JPG", "101CANON/IMG_0001.JPG"],
         1, "101CANON", 2, [9999, 1]),
        (["100CANON/IMG_0003.JPG", "102CANON/IMG_0001.JPG", "102CANON/IMG_0004.JPG"],
         4, "102CANON", 4, [1, 4]),
        # not taken yet
        (["100CANON/IMG_0005.JPG", "100CANON/IMG_0006.JPG"], 5, "100CANON", 1, [5]),
        (["100CANON/README.TXT", "100CANON/IMG_0005.JPG"], 5, "100CANON", 9, [5]),
    ],
)  # fmt: skip
def test_the_last_pictures(
    names: list[str], count: int, directory: str, last: int, expected: list[int]
) -> None:
    found = last_shots(images(names, count, directory), last)
    assert [int(item.name[4:8]) for item in found] == expected
    if names[0].startswith("100CANON/IMG_0001"):
        assert "A/DCIM/101CANON/IMG_0001.JPG" in [item.path for item in found]


def test_the_last_pictures_on_a_camera(tmp_path: Path) -> None:
    def fill(card: Path, here: Path) -> None:
        write(card, ["DCIM/100CANON/IMG_0001.JPG", "DCIM/101CANON/IMG_9998.JPG",
                     "DCIM/101CANON/IMG_9999.JPG", "DCIM/102CANON/IMG_0001.JPG"])  # fmt: skip

    bench = Bench(tmp_path, fill)
    bench.camera.state.exposure_count = 1
    bench.camera.state.image_dir = "A/DCIM/102CANON"
    outcome, _ = bench.run("imls -last=2 -sort=path")
    bench.camera.close()
    assert [line.split("DCIM/")[1] for line in outcome.stdout.splitlines()] == [
        "101CANON/IMG_9999.JPG", "102CANON/IMG_0001.JPG"
    ]  # fmt: skip


def test_the_camera_itself_leaves_out_what_is_not_among_the_last(tmp_path: Path) -> None:
    names = [f"DCIM/100___11/IMG_{number}.JPG" for number in (9997, 9998, 9999)]
    write(tmp_path, ["DCIM/101___11/IMG_0001.JPG", *names])
    with connect(f"sim:card={tmp_path}") as camera:
        found = list_images(camera.scripts, ["A/DCIM"], Selection(), ImageRange(last=2))
    assert found.count == 1
    assert sorted(item.name for item in found.items) == ["IMG_0001.JPG", "IMG_9999.JPG"]


def test_sorting_is_stable() -> None:
    items = images(["100CANON/IMG_0002.JPG", "100CANON/IMG_0001.JPG"], 2, "100CANON").items
    assert [i.name for i in sort_images(items, "date")] == ["IMG_0001.JPG", "IMG_0002.JPG"]
    with pytest.raises(UsageError):
        sort_images(items, "${nosuch}")


# ---- downloading ----


def test_names_of_downloads(bench: Bench) -> None:
    def names(switches: str) -> list[str]:
        bench.reset()
        outcome, _ = bench.run(f"imdl {switches}")
        assert outcome.ok, outcome.stderr
        return sorted(content(bench.folder))

    assert names("-dmax=100 -imin=8") == ["100CANON/IMG_0008.JPG"]
    assert names("-ddir=d -imin=10") == ["d/101_0602/MVI_0010.MOV"]
    assert names("-imin=9 -d='${dirmonth}-${dirday}/${imgpfx}${imgnum}'") == [
        "06-02/IMG0009", "06-02/MVI0010"
    ]  # fmt: skip
    assert names("-seq=5 -d='${dlseq}_${shotseq,%02d}${ext}' -dmax=100") == [
        "0005_05.JPG", "0006_05.CR2", "0007_06.JPG"
    ]  # fmt: skip
    assert names("-r -d='${dlseq,%d}' -dmax=100 -glob=*.JPG") == ["1", "2"]
    assert names("-imin=9 -imax=9 -d='${mdate,%Y-%m-%d}/${s_lower,${name}}'") == [
        "2025-06-04/img_0009.jpg"
    ]  # fmt: skip
    assert names("-pretend") == []
    outcome, _ = bench.run("imdl -quiet -imin=10")
    assert outcome.stdout == ""


def test_what_is_deleted_after_a_download(bench: Bench) -> None:
    write(bench.folder, ["100CANON/IMG_0007.JPG"])
    outcome, _ = bench.run("imdl -overwrite=n -rm -dmax=100")
    assert outcome.ok
    lines = outcome.stdout.splitlines()
    assert lines.count("skip existing: 100CANON/IMG_0007.JPG") == 1
    assert [line for line in lines if line.startswith("delete")] == [
        "delete A/DCIM/100CANON/CRW_0007.CR2", "delete A/DCIM/100CANON/IMG_0008.JPG"
    ]  # fmt: skip
    assert outcome.stderr == (
        "WARNING: kept A/DCIM/100CANON/IMG_0007.JPG: not transferred in this run\n"
        "copied 2 files, 52 bytes; skipped 1; deleted at the source 2\n"
    )
    assert sorted(content(bench.card / "DCIM/100CANON")) == ["IMG_0007.JPG"]


def test_pretending_deletes_nothing(bench: Bench) -> None:
    before = content(bench.card)
    for line in ("imdl -rm -pretend", "imrm -pretend", "imrm -pretend -quiet"):
        outcome, _ = bench.run(line)
        assert outcome.ok
        assert outcome.stdout.count("delete A/DCIM/") == 5
    assert content(bench.card) == before
    assert content(bench.folder) == {}


def test_imrm(bench: Bench) -> None:
    outcome, _ = bench.run("imrm -imax=8 -glob=*.JPG")
    assert outcome.stdout.splitlines() == [
        "delete A/DCIM/100CANON/IMG_0007.JPG", "delete A/DCIM/100CANON/IMG_0008.JPG"
    ]  # fmt: skip
    assert sorted(content(bench.card / "DCIM/100CANON")) == ["CRW_0007.CR2"]
    assert "IMG_0001.JPG" in content(bench.card / "CHDK")
    outcome, _ = bench.run("imrm -quiet -last=1")
    assert outcome.stdout == ""
    assert "MVI_0010.MOV" not in content(bench.card / "DCIM/101_0602")


def test_pictures_of_a_large_card_in_a_small_heap(tmp_path: Path) -> None:
    def fill(card: Path, here: Path) -> None:
        for folder in range(100, 110):
            (card / f"DCIM/{folder}CANON").mkdir(parents=True)
            for number in range(200):
                (card / f"DCIM/{folder}CANON/IMG_{number:04}.JPG").touch()

    bench = Bench(tmp_path, fill)
    bench.camera.scripts.heap_limit = 200 << 10
    outcome, _ = bench.run("imls -sort=path")
    assert outcome.ok, outcome.stderr
    assert outcome.stdout.count("\n") == 2000
    outcome, _ = bench.run("imls -imin=199 -dbgmem")
    assert outcome.stdout.count("A/DCIM") == 10
    assert outcome.stdout.startswith("dbg: count ")
    bench.camera.close()


@pytest.mark.parametrize(
    ("count", "heap"), [(2000, 200_000), pytest.param(10_000, 500_000, marks=pytest.mark.slow)]
)
def test_a_directory_of_many_files_in_a_small_heap(tmp_path: Path, count: int, heap: int) -> None:
    def fill(card: Path, here: Path) -> None:
        (card / "DCIM/100CANON").mkdir(parents=True)
        for number in range(count):
            (card / f"DCIM/100CANON/IMG_{number:04}.JPG").touch()

    bench = Bench(tmp_path, fill)
    bench.camera.scripts.heap_limit = heap
    for line in ("imls -sort=path", "ls DCIM/100CANON"):
        outcome, _ = bench.run(line)
        assert outcome.ok, outcome.stderr
        assert outcome.stdout.count("IMG_") == count
    bench.camera.close()


# ---- thumbnails ----


def test_the_thumbnail_in_a_picture(bench: Bench) -> None:
    small = jpeg("red", (16, 12))
    picture = with_thumbnail(small)
    assert thumbnail(picture) == small
    assert thumbnail(picture[: len(picture) - 20]) == small, "the file's end is not needed"
    for broken in (b"", b"not a picture", jpeg("red", (8, 8)), picture[:40]):
        assert thumbnail(broken) is None
    (bench.card / "DCIM/100CANON/IMG_0007.JPG").write_bytes(picture)
    with connect(f"sim:card={bench.card}") as camera:
        items = camera.files.images(sort="name")
        assert [i.name for i in items if read_thumbnail(camera.scripts, i)] == ["IMG_0007.JPG"]


def test_thumbs_without_a_terminal_are_names(bench: Bench) -> None:
    outcome, _ = bench.run("imls -thumbs -dmax=100")
    assert outcome.ok, outcome.stderr
    assert outcome.stdout.splitlines() == [
        "A/DCIM/100CANON/IMG_0007.JPG",
        "A/DCIM/100CANON/CRW_0007.CR2",
        "A/DCIM/100CANON/IMG_0008.JPG",
    ]
