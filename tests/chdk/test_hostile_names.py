"""Hostile names: whole trees round-trip, and nothing is ever written outside the target."""

# needs: POSIX

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.cut_link import Bench, content

from chdkshell.chdk.card.copyplan import Copy
from chdkshell.chdk.card.downloading import Downloader
from chdkshell.chdk.card.targets import ImageTargets, TreeTargets
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.paths import card_name_problem, escaped_name
from chdkshell.errors import ChdkShellError

SUMMER = 1748779200  # 2025-06-01 12:00:00 UTC

FREELY = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def write(root: Path, tree: dict[str, bytes]) -> None:
    for name, data in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (SUMMER, SUMMER))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, lambda card, here: None)
    yield made
    made.camera.close()


def ran(bench: Bench, line: str) -> list[str]:
    outcome, _ = bench.run(line)
    assert outcome.ok, outcome.stderr
    return outcome.stdout.splitlines()


# ---- names that both sides can hold ----

LETTERS = st.characters(
    min_codepoint=0x20, exclude_categories=("Cs", "Cc"), exclude_characters='/\\:*?"<>|\x7f'
)
NAMES = st.one_of(
    st.text(LETTERS, min_size=1, max_size=12),
    st.text(LETTERS, min_size=40, max_size=60),
    st.sampled_from(
        [
            "..x",
            "...x",
            "~",
            "-rm",
            "--",
            "-overwrite=y",
            "${name}",
            "$(id)",
            "'q'",
            "&",
            ";ls",
            "a b",
        ]
    ),
    st.sampled_from(["%00", "%2E%2E", "%s", "%", "x", "x.part", "x.part2", "x.part.note"]),
    st.sampled_from(
        [
            "\u00e9.jpg",
            "e\u0301.jpg",
            "\u202egpj.exe",
            "chsh1.tmp",
            "CHSH0000X.TMP",
            "\U0001f4f7.JPG",
        ]
    ),
).filter(lambda name: not card_name_problem(name) and escaped_name(name) == name)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, bytes]:
    """A tree of at most three levels whose names are different on a card, too."""
    paths = draw(st.lists(st.lists(NAMES, min_size=1, max_size=3), min_size=1, max_size=6))
    tree: dict[str, bytes] = {}
    files: set[str] = set()
    folders: set[str] = set()
    for parts in paths:
        keys = ["/".join(parts[: n + 1]).casefold() for n in range(len(parts))]
        spelled = ["/".join(parts[: n + 1]) for n in range(len(parts))]
        seen = {name.casefold(): name for path in tree for name in prefixes(path)}
        if keys[-1] in files | folders or set(keys[:-1]) & files:
            continue
        if any(seen.get(key, name) != name for key, name in zip(keys, spelled, strict=True)):
            continue
        files.add(keys[-1])
        folders |= set(keys[:-1])
        tree["/".join(parts)] = draw(st.binary(max_size=40))
    return tree


def prefixes(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]


@pytest.mark.slow
@given(tree=trees())
@example(tree={"0/0": b"", "00/0/0": b""})  # imdl knows the last folder of each only
@FREELY
def test_any_tree_survives_both_ways(bench: Bench, tree: dict[str, bytes]) -> None:
    bench.reset()
    write(bench.folder, {f"mine/{name}": data for name, data in tree.items()})
    ran(bench, "mup mine ROUND/TRIP")
    ran(bench, "mdl ROUND/TRIP back")
    ends = {tuple(f"TRIP/{name}".split("/")[-2:]) for name in tree}
    by_subdir = len(ends) == len(tree)
    images, _ = bench.run("imdl -fmatch=. -maxdepth=100 -d='im/${subdir}/${name}' ROUND/TRIP")
    assert images.ok if by_subdir else "nothing was transferred" in images.stderr, images.stderr
    ran(bench, "sync A/ROUND/TRIP synced")
    for folder in ("back", "synced"):
        assert content(bench.folder / folder) == tree
        assert all((bench.folder / folder / name).stat().st_mtime == SUMMER for name in tree)
    if by_subdir:
        assert sorted(content(bench.folder / "im").values()) == sorted(tree.values())
    assert content(bench.card) == {f"ROUND/TRIP/{name}": data for name, data in tree.items()}
    made = {"mine", "back", "synced"} | ({"im"} if by_subdir else set())
    assert {path.name for path in bench.folder.iterdir()} == made
    assert not [line for line in ran(bench, "sync mine A/ROUND/TRIP") if "->" in line]
    ran(bench, "sync -delete mine A/AGAIN")
    assert content(bench.card / "AGAIN") == tree
    assert not content(bench.folder / "mine")


# ---- names that only a hostile card has ----

RAW = st.one_of(
    st.binary(min_size=1, max_size=8),
    st.sampled_from([b"x.", b"x ", b" ", b"\n", b"\r"]),
    st.sampled_from(
        [
            b"..x",
            b"a:b",
            b"C:",
            b"CON",
            b"aux.jpg",
            b"nul.part",
            b"...",
            b"*",
            b"?",
            b"|",
            b"<>",
            b'"',
        ]
    ),
    st.sampled_from([b"a\\..\\b", b"\\", b"%2E", b"-rm", b"x.part", b"~", b"$HOME"]),
    st.sampled_from([b"\x1b[2J", b"\xff\xfe", b"\x9b31m", b"\xe2\x80\xae.jpg", b"\x7f"]),
).filter(lambda name: name not in (b".", b"..") and not set(name) & set(b"/\0"))


@given(names=st.lists(st.tuples(RAW, RAW), min_size=1, max_size=5, unique=True))
@FREELY
@pytest.mark.parametrize(
    "line",
    [
        "mdl DIR out",
        "sync A/DIR out",
        "sync -delete A/DIR out",
        "imdl -fmatch=. -d='${subdir}/${name}' -ddir=out -maxdepth=9 DIR",
        "mdl -nodirs DIR 'out/${reldir}${name}'",
        "mdl -nodirs DIR 'out/${basename}${ext}'",
    ],
)
def test_what_only_a_hostile_card_has(
    bench: Bench, line: str, names: list[tuple[bytes, bytes]]
) -> None:
    """Each file arrives below the target, whole, or is named as one that did not."""
    bench.reset()
    files: dict[Path, bytes] = {}
    for number, (folder, name) in enumerate(names):
        path = bench.card / "DIR" / os.fsdecode(folder) / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        files[path] = f"file {number}".encode()
        path.write_bytes(files[path])
    outcome, _ = bench.run(line)
    shown = outcome.stdout + outcome.stderr
    assert all(char.isprintable() or char in "\n\t" for char in shown)
    arrived = content(bench.folder)
    assert all(name.startswith("out/") for name in arrived)
    assert {entry.name for entry in bench.folder.parent.iterdir()} == {"card", "work"}
    for there in arrived:
        assert all(escaped_name(part) == part for part in there.split("/")), there
    if outcome.ok:
        assert sorted(arrived.values()) == sorted(files.values())
    elif "would both be" in shown or "nothing was transferred" in shown:
        assert not arrived
    else:
        assert "did not arrive" in shown or "ERROR: " in shown
    for path, data in files.items():
        assert path.exists() or data in arrived.values(), "deleted, and did not arrive"
    if "-delete" not in line:
        assert all(path.read_bytes() == data for path, data in files.items())


# ---- names that no card can have ----


class Liar:
    """Stands for the card of a camera: listings are what the test says, files are one byte."""

    camera = "a camera"

    def read(self, path: str, sink: object, *rest: object) -> int:
        sink.begin(1)  # type: ignore[attr-defined]
        sink.write(b"x")  # type: ignore[attr-defined]
        return 1


HOSTILE = st.text(max_size=8) | st.sampled_from(
    ["..", ".", "../x", "/etc/x", "a/../../x", "C:x", "con", "x\0y", "x\ny", "\x1b[2J", "x ", "x."]
)


@given(names=st.lists(HOSTILE, min_size=1, max_size=4), template=st.booleans())
@settings(max_examples=150, deadline=None)
def test_nothing_is_written_outside_the_target(names: list[str], template: bool) -> None:
    with tempfile.TemporaryDirectory() as root:
        inside, outside = Path(root) / "in/target", Path(root) / "in"
        outside.mkdir()
        path = "/".join(["A/TOP", *names])
        item = CardEntry(path, 1, 1_700_000_000, top="A/TOP", depth=path.count("/") - 1)
        before = set(outside.rglob("*"))
        try:
            if template:
                target = ImageTargets("${subdir}/${name}", str(inside)).target(item)
            else:
                target = TreeTargets(str(inside)).target(item)
            Downloader(Liar()).run([Copy(item, target)])  # type: ignore[arg-type]
        except ChdkShellError:
            pass
        for written in set(Path(root).rglob("*")) - before - {inside, outside}:
            assert inside in written.parents
            assert all(char.isprintable() or ord(char) > 0x9F for char in str(written.name))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("IMG_0001.JPG", "IMG_0001.JPG"),
        ("ü ß.txt", "ü ß.txt"),
        ("..", "%2E%2E"),
        ("a/b", "a%2Fb"),
        ("a\\b", "a%5Cb"),
        ("x\n", "x%0A"),
        ("\x9b", "%C2%9B"),
        ("\udcff", "%FF"),
        ("CON", "%43ON"),
        ("aux.txt", "%61ux.txt"),
        ("x.", "x%2E"),
        ("\u202egpj.exe", "%E2%80%AEgpj.exe"),
    ],
)
def test_names_that_the_host_cannot_hold(name: str, safe: str) -> None:
    assert escaped_name(name) == safe


@given(name=st.text(min_size=1, max_size=12))
@settings(max_examples=300, deadline=None)
def test_any_name_becomes_one_that_every_host_can_hold(name: str) -> None:
    safe = escaped_name(name)
    assert safe not in ("", ".", "..")
    assert not set(safe) & set('/\\:*?"<>|') and not safe.endswith((" ", "."))
    assert escaped_name(safe) == safe
    assert not card_name_problem(safe)
    safe.encode("utf-8")


# ---- names that meet ----


@pytest.mark.parametrize("name", ["CHSH0000.TMP", "chsh0001.tmp", "CHSH00.TMP", "CHSH000000.TMP"])
def test_the_name_of_an_unfinished_file_is_refused(bench: Bench, name: str) -> None:
    write(bench.folder, {f"src/{name}": b"mine", "src/a.txt": b"a"})
    for line in ("mup src UP", "sync src A/UP", f"upload src/{name}", f"upload src/a.txt {name}"):
        outcome, _ = bench.run(line)
        assert "is a name for files that are not whole yet" in outcome.stderr, line
        assert outcome.status == 1
    assert content(bench.card) == {}


@pytest.mark.parametrize("switches", ["-overwrite=y", "-overwrite=old", "-overwrite=ask"])
def test_names_that_meet_on_the_disk_alone(bench: Bench, switches: str) -> None:
    """As on a disk that knows no case of letters: here, two folders are one."""
    write(bench.card, {"DIR/a/X": b"the first", "DIR/b/X": b"the second"})
    (bench.folder / "out/a").mkdir(parents=True)
    (bench.folder / "out/b").symlink_to("a")
    outcome, _ = bench.run(f"mdl {switches} DIR out")
    assert outcome.status == 1
    assert "1 of 2 files did not arrive" in outcome.stderr
    assert "has just arrived; it was left" in outcome.stderr
    assert (bench.folder / "out/a/X").read_bytes() in (b"the first", b"the second")
    moved, _ = bench.run(f"sync -delete {switches} A/DIR out")
    left = content(bench.card)
    kept = (bench.folder / "out/a/X").read_bytes()
    assert {*left.values(), kept} == {b"the first", b"the second"}, moved.stderr


def test_a_name_that_is_too_long_here(bench: Bench) -> None:
    """It does not arrive, which is said; the others do."""
    write(bench.card, {"DIR/" + "x" * 252: b"long", "DIR/Y": b"short"})
    outcome, _ = bench.run("mdl DIR out")
    assert outcome.status == 1
    assert "1 of 2 files did not arrive" in outcome.stderr
    assert content(bench.folder / "out") == {"Y": b"short"}
