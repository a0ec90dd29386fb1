"""The commands about the card and the memory, against the simulated camera in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk import Desk
from support.parity_cases import make_card


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """The folder that is the card."""
    return make_card(tmp_path / "card")


@pytest.fixture
def con(card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A shell with a camera, in a folder with nothing but the card."""
    monkeypatch.chdir(tmp_path)
    made = Desk()
    made.run(f"connect sim:card={card}")
    yield made
    made.shell.close()


# ---- memory -------------------------------------------------------------------------------------


def test_rmem(con: Desk, tmp_path: Path) -> None:
    data = con.shell.context.camera.protocol.get_memory(0x1000, 20)
    lines = con.run("rmem 0x1000 20")
    assert lines[0] == "0x00001000 20"
    assert lines[1].startswith("    1000: " + " ".join(f"{b:02x}" for b in data[:16]) + " | ")
    assert con.run("rmem 4096")[0] == "0x00001000 1"
    words = con.run("rmem -i32 -buf 0x1000 2")
    first, second = (int.from_bytes(data[i : i + 4], "little") for i in (0, 4))
    assert words == ["0x00001000 8", f"0x00001000: 0x{first:08x} 0x{second:08x}"]
    assert con.run("rmem -i32=[%d%%] 0x1000")[1] == f"0x00001000: [{first}%]"
    assert con.run("rmem -f=deep/er/m.bin 0x1000 20") == ["0x00001000 20 deep/er/m.bin"]
    assert (tmp_path / "deep/er/m.bin").read_bytes() == data
    assert [path.name for path in (tmp_path / "deep/er").iterdir()] == ["m.bin"]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("rmem", "missing address"),
        ("rmem x", "'x' is not a whole number"),
        ("rmem -1", "-1 is out of range"),
        ("rmem 0x100000000", "0x100000000 is out of range"),
        ("rmem 0 0", "0 is out of range"),
        ("rmem -i32=%s 0", "bad format '%s'"),
        ("rmem -i32=%d%d 0", "bad format '%d%d'"),
        ("rmem -i32=x 0", "bad format 'x'"),
        ("rmem -i32= 0", "bad format ''"),
        ("rmem -i32=%999d 0", "bad format '%999d'"),
        ("rmem -i32=%*d 0", "bad format '%*d'"),
        ("rmem -i32=%(a)d 0", "bad format '%(a)d'"),
        ("rmem -i32=%d% 0", "bad format '%d%'"),
        ("rmem -f= 0", "an empty word is no path"),
        ("rmem 0 0xffffffff", "cannot read 4294967295 bytes"),
    ],
)
def test_rmem_refuses(con: Desk, line: str, text: str) -> None:
    assert con.fail(line).startswith(text)


# ---- files --------------------------------------------------------------------------------------


def test_delete_takes_all_its_switches(con: Desk, card: Path) -> None:
    pictures = card / "DCIM" / "100CANON"
    assert con.run("rm -pretend DCIM/102___11") == [
        "A/DCIM/102___11/IMG_0201.JPG: OK",
        "A/DCIM/102___11: OK",
    ]
    assert sorted(con.run("rm -fmatch=IMG_000[12] -nodirs DCIM/100CANON")) == [
        "A/DCIM/100CANON/IMG_0001.JPG: OK",
        "A/DCIM/100CANON/IMG_0002.JPG: OK",
    ]
    assert sorted(path.name for path in pictures.iterdir()) == [
        "CRW_0003.DNG",
        "IMG_0003.JPG",
        "IMG_0004.JPG",
        "MVI_0005.MP4",
    ]
    con.run("rm -skip_topdirs -rmatch=C -dmatch=100 DCIM")
    assert sorted(path.name for path in (card / "DCIM").rglob("*")) == [
        "101CANON",
        "102___11",
        "IMG_0201.JPG",
    ]
    lines = con.run("rm -ignore_errors -fmatch=nothing DCIM")
    assert lines[0] == "A/DCIM/101CANON: OK"
    assert lines[1].startswith("A/DCIM/102___11: FAILED: A/DCIM/102___11: errno 0x")
    assert lines[2].startswith("A/DCIM: FAILED: ")
    assert con.run("rm -maxdepth=0 -nodirs CHDK") == []
    assert (card / "CHDK" / "CCHDK4.CFG").exists()
    assert con.fail("rm").startswith("expected at least one target")
    assert con.fail("rm -maxdepth=x A").startswith("'x' is not a whole number")


def test_a_download_keeps_what_was_there_when_it_fails(con: Desk, tmp_path: Path) -> None:
    (tmp_path / "NOPE").write_text("mine")
    con.fail("d -nolua NOPE")
    assert (tmp_path / "NOPE").read_text() == "mine"
    assert not list(tmp_path.glob("*.part"))


def test_a_download_into_a_place_that_cannot_be_written(con: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    text = con.fail("d NOTES.TXT file/x")
    assert "file/x" in text
    assert "bug" not in text


def test_an_upload_as_large_as_five_megabytes(con: Desk, card: Path, tmp_path: Path) -> None:
    data = bytes(range(256)) * (5 * 4096)
    (tmp_path / "big.bin").write_bytes(data)
    assert con.run("u big.bin BIG.BIN") == ["big.bin->A/BIG.BIN"]
    assert (card / "BIG.BIN").read_bytes() == data
    assert con.run("d BIG.BIN back/") == ["A/BIG.BIN->back/BIG.BIN"]
    assert (tmp_path / "back" / "BIG.BIN").read_bytes() == data
