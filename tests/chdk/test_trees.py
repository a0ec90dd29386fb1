"""Whole trees both ways: what is selected, where it goes, and hostile names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chdk_replay import Answer, playing
from support.cut_link import Bench, content

from chdkshell.chdk.card.copying import CopyOptions
from chdkshell.chdk.card.copyplan import Copy, check_apart, plan
from chdkshell.chdk.card.listing import list_tree
from chdkshell.chdk.card.selection import Selection, glob_pattern
from chdkshell.chdk.card.targets import TreeTargets
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import CardError, ChdkShellError, IncompleteError, UsageError

SUMMER = 1748779200  # 2025-06-01 12:00:00 UTC

CARD = {
    "A1.TXT": b"one",
    "DIR/B.LUA": b"return 1",
    "DIR/C.txt": b"see",
    "DIR/SUB/D.LUA": b"return 2",
    "OTHER/E.LUA": b"return 3",
}


def write(root: Path, tree: dict[str, bytes]) -> None:
    for name, data in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (SUMMER, SUMMER))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    def fill(card: Path, here: Path) -> None:
        write(card, CARD)
        write(here, {"src/a.lua": b"a", "src/b.txt": b"b", "src/deep/c.lua": b"c"})

    made = Bench(tmp_path, fill)
    yield made
    made.camera.close()


def ran(bench: Bench, line: str) -> list[str]:
    outcome, _ = bench.run(line)
    assert outcome.ok, outcome.stderr
    return outcome.stdout.splitlines()


def refused(bench: Bench, line: str) -> str:
    before = content(bench.card), content(bench.folder)
    outcome, _ = bench.run(line)
    assert not outcome.ok
    assert (content(bench.card), content(bench.folder)) == before
    return outcome.stderr


@pytest.mark.parametrize(
    ("switches", "names"),
    [
        ("", ["B.LUA", "C.txt", "SUB/D.LUA"]),
        ("-fmatch=%.LUA$", ["B.LUA", "SUB/D.LUA"]),
        ("-fmatch=/SUB/", ["SUB/D.LUA"]),
        ("-glob=*.lua", ["B.LUA", "SUB/D.LUA"]),
        ("-glob=?.TXT", ["C.txt"]),
        ("-glob=[a-c].*", ["B.LUA", "C.txt"]),
        ("-glob=[!b]*", ["C.txt", "SUB/D.LUA"]),
        ("-glob=sub/*", ["SUB/D.LUA"]),
        ("-rmatch=^DIR$", ["B.LUA", "C.txt"]),
        ("-maxdepth=1", ["B.LUA", "C.txt"]),
        ("-batchsize=1", ["B.LUA", "C.txt", "SUB/D.LUA"]),
    ],
)
def test_what_mdl_selects(bench: Bench, switches: str, names: list[str]) -> None:
    ran(bench, f"mdl {switches} DIR out")
    assert sorted(content(bench.folder / "out")) == names


def test_folders_of_mdl(bench: Bench) -> None:
    assert "mkdir out/SUB" in ran(bench, "mdl -fmatch=nothing DIR out")
    assert (bench.folder / "out/SUB").is_dir()
    bench.reset()
    outcome, _ = bench.run("mdl -nodirs -fmatch=nothing DIR out")
    assert outcome.ok
    assert "WARNING: no matching files" in outcome.stderr
    assert not (bench.folder / "out").exists()
    ran(bench, "mdl -dmatch=SUBx -fmatch=C DIR out")
    assert sorted(path.name for path in (bench.folder / "out").iterdir()) == ["C.txt"]


def test_several_sources_and_the_time(bench: Bench) -> None:
    ran(bench, "mdl A1.TXT DIR out")
    assert sorted(content(bench.folder / "out")) == ["A1.TXT", "B.LUA", "C.txt", "SUB/D.LUA"]
    assert (bench.folder / "out/SUB/D.LUA").stat().st_mtime == SUMMER
    ran(bench, "mdl -nomtime A1.TXT new")
    assert (bench.folder / "new/A1.TXT").stat().st_mtime > SUMMER + 1000


def test_templates(bench: Bench) -> None:
    lines = ran(bench, "mdl -nodirs DIR 'out/${reldir}${s_upper,${basename}}_${mdate,%Y}${ext}'")
    assert "A/DIR/SUB/D.LUA->out/SUB/D_2025.LUA" in lines
    ran(bench, "mdl -nodirs DIR 'all/${dir}${name}'")
    assert sorted(content(bench.folder / "all")) == [
        "DIR/B.LUA", "DIR/C.txt", "DIR/SUB/D.LUA"
    ]  # fmt: skip
    ran(bench, "mdl -nosubst -nodirs A1.TXT '${x'")
    assert (bench.folder / "${x/A1.TXT").exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("mdl DIR 'out/${nosuch}'", "unknown substitution function nosuch"),
        ("mdl DIR 'out/${s_sub,x}'", "s_sub"),
        ("mdl DIR 'out/${mdate,%Q}'", "bad date format"),
        ("mdl DIR 'out/${name'", "unclosed"),
        ("mdl DIR 'out/${subdir}'", "unknown substitution function subdir"),
        ("mdl -fmatch=%f DIR out", "malformed pattern"),
        ("mdl -fmatch=( DIR out", "malformed pattern"),
        ("mdl -glob=[a DIR out", "unclosed ["),
        (
            "mdl -nodirs DIR 'out/${s_sub,same,1}'",
            "A/DIR/B.LUA and A/DIR/C.txt would both be out/same",
        ),
        ("mdl DIR A1.TXT", ""),
        ("mdl NOPE out", "A/NOPE: errno 0x"),
        ("mup nosuch UP", "no such file or folder: nosuch"),
        ("mup src A1.TXT", "not a directory: A/A1.TXT"),
        ("mup src/a.lua/x UP", "no such file"),
        ("imdl -d='${nosuch}'", "unknown substitution"),
        ("imdl -d=one -fmatch=%. DIR", "would both be one"),
        ("rm -fmatch=[ DIR", "malformed pattern"),
    ],
)
def test_what_is_refused_before_anything_is_transferred(
    bench: Bench, line: str, words: str
) -> None:
    if line.endswith("A1.TXT") and line.startswith("mdl"):
        (bench.folder / "A1.TXT").write_bytes(b"a file where a folder is needed")
        words = "dest must be a directory: A1.TXT"
    assert words in refused(bench, line)


def test_mup(bench: Bench) -> None:
    lines = ran(bench, "mup src src/b.txt UP")
    assert sorted(lines) == [
        "src/a.lua->A/UP/a.lua", "src/b.txt->A/UP/b.txt", "src/deep/c.lua->A/UP/deep/c.lua"
    ]  # fmt: skip
    assert (bench.card / "UP/deep/c.lua").stat().st_mtime == SUMMER
    bench.reset()
    ran(bench, "mup -glob=*.LUA -maxdepth=1 -nomtime src UP")
    assert sorted(content(bench.card / "UP")) == ["a.lua"]
    assert (bench.card / "UP/a.lua").stat().st_mtime > SUMMER + 1000
    bench.reset()
    # what chdkptp says, in our order: files before the folders beside them
    assert ran(bench, "mup -pretend src UP") == [
        "remote mkdir_m(A/UP)", "src/a.lua->A/UP/a.lua", "src/b.txt->A/UP/b.txt",
        "remote mkdir_m(A/UP/deep)", "src/deep/c.lua->A/UP/deep/c.lua"
    ]  # fmt: skip
    assert ran(bench, "mup -pretend src/b.txt DIR") == ["src/b.txt->A/DIR/b.txt"]
    assert not (bench.card / "UP").exists()


def test_mup_and_what_is_there(bench: Bench) -> None:
    ran(bench, "mup src UP")
    (bench.folder / "src/a.lua").write_bytes(b"newer")
    lines = ran(bench, "mup -overwrite=old src UP")
    assert lines.count("skip existing: A/UP/b.txt") == 1
    assert (bench.card / "UP/a.lua").read_bytes() == b"newer"
    (bench.folder / "src/a.lua").write_bytes(b"newest!")
    assert "would be overwritten" in refused(bench, "mup -overwrite=ask src UP")
    ran(bench, "mup -overwrite=n src UP")
    assert (bench.card / "UP/a.lua").read_bytes() == b"newer"


def test_names_that_the_card_cannot_hold_apart(bench: Bench) -> None:
    (bench.folder / "src/A.LUA").write_bytes(b"another")
    assert "would both be" in refused(bench, "mup src UP")
    (bench.folder / "src/A.LUA").unlink()
    (bench.folder / "src/a:b").write_bytes(b"")
    error = refused(bench, "mup src UP")
    assert "the card cannot hold 'src/a:b'" in error


def test_uploads_that_broke_off_are_cleared_away(bench: Bench) -> None:
    write(bench.card, {"UP/CHSH0007.TMP": b"half", "UP/CHSHOTHER.TMP": b"not ours"})
    ran(bench, "mup src UP")
    assert "CHSH0007.TMP" not in content(bench.card / "UP")
    assert "CHSHOTHER.TMP" in content(bench.card / "UP")


# ---- questions ----


def test_questions_about_what_is_there(bench: Bench) -> None:
    here = {"out/B.LUA": b"mine", "out/C.txt": b"mine too", "out/SUB/D.LUA": b"return 2"}
    asked: list[str] = []

    def answering(*answers: str) -> list[str]:
        """Run mdl with these answers; return the names that were overwritten."""
        asked.clear()
        left = list(answers)
        write(bench.folder, here)

        def ask(question: str) -> str:
            asked.append(question)
            return left.pop(0)

        bench.run("mdl DIR out", ask=ask)
        assert not left
        now = content(bench.folder)
        return sorted(name for name, data in here.items() if now[name] != data)

    assert answering("y", "n") == ["out/B.LUA"]
    assert "existing: out/B.LUA 4 bytes modified" in asked[0]
    assert "new: A/DIR/B.LUA 8 bytes modified" in asked[0]
    assert "(other size)" in asked[0]
    assert len(asked) == 2, "what is the same is not asked about"
    assert answering("what?", "all") == ["out/B.LUA", "out/C.txt"]
    assert answering("none") == []
    assert answering("n", "abort") == []
    assert answering("") == [], "who says nothing has not agreed"


def test_nobody_to_ask(bench: Bench) -> None:
    write(bench.folder, {"out/B.LUA": b"mine", "out/C.txt": b"mine too"})
    error = refused(bench, "mdl DIR out")
    assert "out/B.LUA and 1 more would be overwritten" in error
    assert "-overwrite=y" in error
    write(bench.folder, {"out/B.LUA": CARD["DIR/B.LUA"], "out/C.txt": CARD["DIR/C.txt"]})
    lines = ran(bench, "mdl DIR out")
    assert lines.count("skip existing: out/B.LUA") == 1
    assert (bench.folder / "out/SUB/D.LUA").exists()


def test_a_part_file_takes_nobody_s_name(bench: Bench) -> None:
    write(bench.card, {"P/X": b"the first", "P/X.part": b"another file"})
    ran(bench, "mdl P out")
    assert content(bench.folder / "out") == {"X": b"the first", "X.part": b"another file"}


# ---- listings that lie ----


def listing(*records: bytes) -> list[CardEntry]:
    sent = [Answer((3, 4, 1, len(r)), r) for r in (*records, b"={{true}}")]
    session, _ = playing(
        Answer((2, 9)),
        Answer((1, 0)),
        Answer((2,)),
        *sent,
        Answer((0, 0, 0, 0), b"\0"),
        Answer((0,)),
    )
    return list_tree(Scripts(ChdkProtocol(session)), ["DIR"], Selection())


def test_a_listing() -> None:
    items = listing(
        b'{"A/DIR",315532805,0,2,"A/DIR",0,1,1,"X.TXT",7,0,0,}', b'{"A/DIR/S",1,1,1,"Y",-1,-2,0,}'
    )
    assert [(i.path, i.depth, i.size, i.mtime, i.is_dir) for i in items] == [
        ("A/DIR", 0, 0, 315532805, True),
        ("A/DIR/X.TXT", 1, 7, 0, False),
        ("A/DIR/S/Y", 2, 0xFFFFFFFF, 0xFFFFFFFE, False),
    ]


@pytest.mark.parametrize(
    "record",
    [
        b'{"A/DIR",0,1,1,"../X",7,9,0}',
        b'{"A/DIR",0,1,1,"..",7,9,0}',
        b'{"A/DIR",0,1,1,"",7,9,0}',
        b'{"A/OTHER",1,1,1}',
        b'{"A/DIR/../X",1,1,1}',
        b'{"A/DIR/../X",2,1,1}',
        b'{"A/DIR/X",5,1,1}',
        b'{"A/DIR",0,2,1}',
        b'{"A/DIR",0,0,1}',
        b'{"A/DIR","x",1,1}',
        b'{5,1,1,0}',
        b'{"X",1,1,9}',
        b'{"X",1,1}',
        b"5",
        b"{",
    ],
)  # fmt: skip
def test_listings_that_lie(record: bytes) -> None:
    with pytest.raises(ChdkShellError):
        listing(record)


# ---- pieces ----


def test_globs() -> None:
    assert glob_pattern("*.JPG") == "/[^/]*%.[Jj][Pp][Gg]$"
    assert glob_pattern("a/**/b?") == "/[Aa]/.-/[Bb][^/]$"
    assert glob_pattern("[a-c]1%") == "/[a-cA-C]1%%$"
    for bad in ("[a", "{a,b}"):
        with pytest.raises(UsageError):
            glob_pattern(bad)


def test_two_files_of_one_name() -> None:
    def copy(path: str, target: str) -> Copy:
        return Copy(CardEntry(path, 1, top="A/", depth=1), Path(target))

    check_apart([copy("A/X", "x"), copy("A/X", "x"), copy("A/Y", "y")])
    with pytest.raises(UsageError, match="A/X and A/Y would both be x"):
        check_apart([copy("A/X", "x"), copy("A/Y", "./x")])
    with pytest.raises(UsageError, match="needs a folder where A/X would be a file"):
        check_apart([copy("A/X", "x"), copy("A/Y", "x/y")])


def test_a_file_that_fails_does_not_stop_the_others(bench: Bench) -> None:
    import chdkshell

    with chdkshell.connect(f"sim:card={bench.card}") as cam:
        copies = plan(cam.files.walk("DIR"), TreeTargets(str(bench.folder / "out")))
        (bench.card / "DIR/B.LUA").unlink()
        (bench.card / "DIR/C.txt").write_bytes(b"grown since it was listed")
        with pytest.raises(
            IncompleteError, match=r"2 of 3 files did not arrive: A/DIR/B\.LUA"
        ) as e:
            cam.files.download_copies(copies, options=CopyOptions(remove=True))
        assert e.value.missing == ("A/DIR/B.LUA", "A/DIR/C.txt")
    assert content(bench.folder / "out") == {"SUB/D.LUA": b"return 2"}
    assert "C.txt" in content(bench.card / "DIR")
    assert "SUB/D.LUA" not in content(bench.card / "DIR")


def test_a_file_that_changed_is_not_deleted(bench: Bench) -> None:
    import chdkshell

    with chdkshell.connect(f"sim:card={bench.card}") as cam:
        items = cam.files.walk(["A1.TXT"])
        (bench.card / "A1.TXT").write_bytes(b"written after the listing")
        with pytest.raises(IncompleteError, match="changed since it was listed"):
            cam.files.remove_entries(items)
        with pytest.raises(CardError):
            cam.files.walk(["NOPE"])
    assert (bench.card / "A1.TXT").exists()
