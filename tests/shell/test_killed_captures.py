"""What a program that was killed has left of a capture goes with the next row of captures."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.shooting_shell import shooting_shell

from chdkshell.chdk.transfer import PartFile


def begin(folder: Path, name: str) -> PartFile:
    """Begin a file of a capture, and leave it as a program does that is killed."""
    part = PartFile(folder / name, is_shot=True, seeks=True)
    part.__enter__()
    part.file.write(b"\xff\xd8 half of it")
    part.file.flush()
    return part


@pytest.mark.parametrize("line", ["rcapture", "rcapture -raw -s=8 -c=16", "rcapture -quick=2"])
def test_it_is_removed(tmp_path: Path, line: str) -> None:
    folder = tmp_path / "lapse"
    folder.mkdir()
    for name in ("IMG_0411.jpg", "IMG_0412.dng"):
        begin(folder, name).file.close()
    (folder / "other.part").write_bytes(b"not ours")
    with shooting_shell(tmp_path / "card") as shell:
        shell.run(f"{line} {folder}/")
    left = {path.name for path in folder.iterdir() if path.suffix not in (".jpg", ".raw")}
    assert left == {"other.part"}


def test_what_another_program_is_writing_stays(tmp_path: Path) -> None:
    with begin(tmp_path, "IMG_0411.jpg").file as file, shooting_shell(tmp_path / "card") as shell:
        shell.run(f"rcapture {tmp_path}/")
        assert {"IMG_0411.jpg.part", "IMG_0411.jpg.part.note"} <= {
            path.name for path in tmp_path.iterdir()
        }
        assert not file.closed


def test_nothing_is_left_of_a_capture_that_succeeds(tmp_path: Path) -> None:
    with shooting_shell(tmp_path / "card") as shell:
        shell.run(f"rcapture -jpg -raw -s=8 -c=16 {tmp_path}/out/")
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".jpg", ".raw"]
