"""What commands take beside the C client, against a simulated camera at the pace of a real one.

$CHDKPTP names the client, which is built elsewhere; without it, only other yardsticks are taken.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from bench_children import MIB, PYTHON, SOCKET_COPY, camera_process, run
from bench_pairs import HEADINGS, Row, Yardstick, measure, ours

BIG = 256 * MIB
HUGE = 2048 * MIB
FRAMES = 500


def _sizes(pattern: str, count: int, size: int) -> Callable[[Path], None]:
    """Return a check for `count` files of `size` bytes (0: of any)."""

    def check(root: Path) -> None:
        found = [path.stat().st_size for path in root.glob(pattern) if path.is_file()]
        if len(found) != count or (size and set(found) != {size}):
            raise SystemExit(f"{len(found)} files {pattern} of {sorted(set(found))} bytes")

    return check


def _write(path: Path, size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    block = bytes(range(256)) * 4096
    with path.open("wb") as file:
        for start in range(0, size, len(block)):
            file.write(block[: size - start])


def _remove_tree(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()


# ---- cards --------------------------------------------------------------------------------------


def _nothing(root: Path) -> None:
    (root / "card").mkdir()


def _big(root: Path) -> None:
    _write(root / "card" / "BIG.BIN", BIG)


def _huge(root: Path) -> None:
    _nothing(root)
    with (root / "card" / "HUGE.MOV").open("wb") as file:
        file.truncate(HUGE)


def _small(count: int, root: Path) -> None:
    """So many files of 20 KB on the card, and beside it."""
    for number in range(count):
        name = f"IMG_{number:04}.JPG"
        _write(root / "card" / "DCIM" / "100CANON" / name, 20 << 10)
        _write(root / "local" / name, 20 << 10)


def _full(folders: int, root: Path) -> None:
    """So many folders of 100 pictures; what is there already is left."""
    for folder in range(100, 100 + folders):
        path = root / "card" / "DCIM" / f"{folder}CANON"
        path.mkdir(parents=True, exist_ok=True)
        for number in range(100):
            picture = path / f"IMG_{number:04}.JPG"
            if not picture.exists():
                picture.write_bytes(b"0123456789")


def _empty_again(root: Path) -> None:
    if (root / "card" / "UP").exists():
        _remove_tree(root / "card" / "UP")
    (root / "card" / "UP").mkdir()


def _no_pictures(root: Path) -> None:
    _sizes("card/DCIM/*/*.JPG", 0, 0)(root)


# ---- the rows -----------------------------------------------------------------------------------


def _copy(source: str) -> tuple[str, ...]:
    return (PYTHON, "-c", SOCKET_COPY, source, "{out}/copy.bin")


START = (
    Row("luar return 1", ("luar return 1",), 3),
    Row(
        "help quit",
        ("help quit",),
        needs_camera=False,
        others=(Yardstick("bare Python", 3, (PYTHON, "-c", "pass")),),
    ),
    Row("200 x luar return 1", ("luar return 1",) * 200, 1, turns=5),
)

BIG_FILE = (
    Row(
        "download 256 MB",
        ("download A/BIG.BIN {out}/big.bin",),
        1.2,
        others=(Yardstick("socket copy", None, _copy("{root}/card/BIG.BIN")),),
        check=_sizes("out/*", 1, BIG),
    ),
    Row(
        "upload 256 MB",
        ("upload {root}/card/BIG.BIN A/UP/BIG.BIN",),
        1,
        others=(Yardstick("socket copy", None, _copy("{root}/card/BIG.BIN")),),
        prepare=_empty_again,
    ),
)

HUGE_FILE = (
    Row(
        "download 2 GB",
        ("download A/HUGE.MOV {out}/huge.mov",),
        1,
        others=(Yardstick("socket copy", None, _copy("{root}/card/HUGE.MOV")),),
        check=_sizes("out/*", 1, HUGE),
    ),
)


def _downloads(count: int) -> tuple[Row, ...]:
    arrived = _sizes("out/**/*.JPG", count, 20 << 10)
    return (
        Row(f"mdl of {count} x 20 KB", ("mdl DCIM {out}",), 0.8, check=arrived),
        Row("the same, -batchsize=200", ("mdl -batchsize=200 DCIM {out}",), 1, check=arrived),
    )


def _upload(count: int) -> Row:
    sent = _sizes("card/UP/**/*.JPG", count, 20 << 10)
    line = "mup {root}/local A/UP"
    return Row(f"mup of {count} x 20 KB", (line,), 0.15, prepare=_empty_again, check=sent)


def _full_card(folders: int, rm_aim: float) -> tuple[Row, ...]:
    again = partial(_full, folders)
    return (
        Row(f"imls of {folders * 100}", ("imls",), 0.4),
        Row(f"rm of {folders * 100}", ("rm A/DCIM",), rm_aim, prepare=again, check=_no_pictures),
    )


PICTURES = (
    Row(
        f"lvdump of {FRAMES} frames",
        (f"lvdump -count={FRAMES} -wait=0 -quiet {{out}}/frames.lvdump",),
        1.1,
        check=_sizes("out/*.lvdump", 1, 0),
    ),
    Row("rs -jpg -dng", ("rs -jpg -dng {out}/",), 1.3, check=_sizes("out/*", 2, 0)),
    Row(
        "rs -jpg -dng -quick=10",
        ("rs -jpg -dng -quick=10 {out}/",),
        1.05,
        turns=5,  # of ten shots each
        check=_sizes("out/*", 20, 0),
    ),
)


class Group(NamedTuple):
    """Rows that share a card and a camera."""

    card: Callable[[Path], None]
    rows: tuple[Row, ...]
    pace: str = "real"


GROUPS = {
    "c-start": Group(_nothing, START),
    "c-big": Group(_big, BIG_FILE),
    "c-huge": Group(_huge, HUGE_FILE),
    "c-pictures": Group(_nothing, PICTURES),
    "c-small": Group(partial(_small, 50), (*_downloads(50), _upload(50))),
    "c-full": Group(partial(_full, 1), _full_card(1, 1)),
    "c-small-fast": Group(partial(_small, 1000), _downloads(1000), "fast"),
    "c-full-fast": Group(partial(_full, 20), _full_card(20, 0.65), "fast"),
}
"""The rows by the card that they need.

Long listings and many small files are measured twice: few at the pace of a camera, at which the C
client would take minutes for many, and many with a camera that runs scripts as quick as it can.
"""


def c_client(names: Iterable[str] = GROUPS) -> None:
    """Take all rows, or those of some groups."""
    print(HEADINGS)
    for name in names:
        group = GROUPS[name]
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            group.card(root)
            if group.pace != "real":
                print("with a camera as quick as it can be:")
            with camera_process(root / "card", "--pace", group.pace) as camera:
                if name == "c-pictures":
                    run(*ours(), "-r", "--device", camera.address, "-erec")
                for row in group.rows:
                    measure(row, root, camera)


MEASURES: dict[str, Callable[[], None]] = {
    "c-client": c_client,
    **{name: partial(c_client, [name]) for name in GROUPS},
}
