"""Names of files on this computer, Windows' above all."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

import pytest
from support.cut_link import content
from support.shooting_shell import ShootingShell, shooting_shell
from support.windows import windows_paths

from chdkshell import hostnames, outlets
from chdkshell.chdk.card import copyplan, targets
from chdkshell.chdk.card.copyplan import Copy, check_apart
from chdkshell.chdk.card.selection import Selection, glob_pattern
from chdkshell.chdk.card.targets import ImageTargets, TreeTargets
from chdkshell.chdk.card.uploading import _matches, _wanted
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.paths import escaped_name
from chdkshell.chdk.shooting.destinations import CaptureDestination, DownloadDestination
from chdkshell.chdk.templates.variables import NO_NAMING
from chdkshell.chdk.transfer import write_whole
from chdkshell.errors import UsageError
from chdkshell.hostnames import check_name, expanded, folds_case, is_below
from chdkshell.reasons import Reason

PICTURE = CardEntry("A/DCIM/100CANON/IMG_0001.JPG", 1, 1748779200, top="A/DCIM", depth=2)


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with windows_paths(monkeypatch, hostnames, targets, copyplan):
        yield


def test_the_home_of_a_user() -> None:
    assert expanded("~/x") == Path.home() / "x"
    assert expanded("~nobody-here/x") == Path("~nobody-here/x")


# ---- templates ----

FOLDERS = [
    "C:\\pics\\",
    "C:/pics/",
    "\\\\server\\share\\",
    "\\\\server\\share\\of\\",
    "D:",
    "D:\\",
    "\\pics\\",
    "..\\pics\\",
    "pics\\",
    "",
    "\\\\?\\C:\\pics\\",
]
RESTS = ["${name}", "${subdir}\\${name}", "${subdir}/x_${name}", "i${imgnum}\\x"]


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize(
    "rest", ["${name}", "${subdir}\\${name}", "${subdir}/x_${name}", "i${imgnum}\\x"]
)
def test_templates_with_backslashes(folder: str, rest: str) -> None:
    made = str(ImageTargets(folder + rest).target(PICTURE))
    filled = {"${name}": "IMG_0001.JPG", "${subdir}": "100CANON", "${imgnum}": "0001"}
    for name, value in filled.items():
        rest = rest.replace(name, value)
    assert PureWindowsPath(made) == PureWindowsPath(folder + rest)


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("folder", FOLDERS[:4] + FOLDERS[6:9])
def test_folders_of_templates(folder: str) -> None:
    made = str(ImageTargets("${name}", folder=folder).target(PICTURE))
    assert PureWindowsPath(made) == PureWindowsPath(folder) / "IMG_0001.JPG"
    tree = str(TreeTargets(f"{folder}${{reldir}}${{name}}").target(PICTURE))
    assert PureWindowsPath(tree) == PureWindowsPath(folder) / "100CANON/IMG_0001.JPG"


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize(
    "template",
    [
        "C:\\pics\\${s_sub,1,2,..}\\..\\${name}",
        "pics\\${name}\\..\\..\\x",
        "${s_lower,D:}\\${name}",
        "${s_lower,\\\\server\\share\\}${name}",
        "pics\\${s_lower,..}\\${name}",
    ],
)
def test_what_leads_elsewhere_is_refused(template: str) -> None:
    with pytest.raises(UsageError, match=r"outside its folder|s_sub"):
        ImageTargets(template).target(PICTURE)


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("template", ["C:\\pics\\${name}\\", "C:\\pics\\${name}/", "${dirday}"])
def test_folders_are_no_file_names(template: str) -> None:
    with pytest.raises(UsageError, match="makes no file name"):
        ImageTargets(template).target(PICTURE)


@pytest.mark.usefixtures("windows")
def test_what_lies_in_a_folder() -> None:
    assert is_below("C:\\a\\b", "c:\\A")
    assert is_below("C:\\a", "C:\\")
    assert is_below("\\\\s\\sh\\x", "\\\\S\\sh\\")
    for path in ("C:\\a", "D:\\a\\b", "C:\\ab", "\\\\s\\sh\\a\\b"):
        assert not is_below(path, "C:\\a")


# ---- names that Windows has for something else ----

BAD = [
    "a:b",
    "x\\12:30.jpg",
    "C:\\pics\\12:30.jpg",
    "C:\\pics:x\\a",
    "what?.jpg",
    "*",
    "a<b",
    "a>b",
    'say "x"',
    "a|b",
    "a\nb",
    "pics\\x.",
    "pics\\x ",
    "pics.\\x",
    "con",
    "x\\CON.jpg",
    "x/Lpt1 .txt",
    "COM\N{SUPERSCRIPT ONE}.jpg",
    "LPT\N{SUPERSCRIPT THREE}",
    "CONIN$",
    "conout$.log",
    "aux.d\\x",
    "pics\\nul",
]
GOOD = [
    "C:\\pics\\a b.jpg",
    "C:a.jpg",
    "\\\\server\\share\\a.jpg",
    "\\\\?\\C:\\a.jpg",
    "..\\.\\a",
    "./a",
    "COM",
    "COM0.jpg",
    "console.txt",
    "é%&^!.jpg",
    "NUL",
    "\\\\.\\pipe\\frames",
    "C:\\",
    ".",
]


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("path", BAD[1:])
def test_names_that_windows_does_not_have(path: str) -> None:
    with pytest.raises(UsageError, match="Windows has no file called") as raised:
        check_name(path)
    assert raised.value.reason is Reason.BAD_FILE_NAME
    assert str(raised.value).isprintable()


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("path", GOOD)
def test_names_that_windows_has(path: str) -> None:
    check_name(path)


@pytest.mark.parametrize("path", BAD + GOOD)
def test_elsewhere_names_are_for_the_disk_to_judge(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    check_name(path)


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize(
    "template", ["${mdate,%H:%M}_${name}", "pics\\${basename}.", "aux.${imgnum}"]
)
def test_templates_that_make_none(template: str) -> None:
    with pytest.raises(UsageError, match="Windows has no file called"):
        ImageTargets(template).target(PICTURE)


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("text", ["${ldate,%H:%M}", "x\\a:b", "${name}?", "con"])
def test_shots_are_not_taken_for_files_that_cannot_be(text: str) -> None:
    for made in (CaptureDestination, DownloadDestination):
        with pytest.raises(UsageError, match="Windows has no file called"):
            made(text, NO_NAMING)


def test_no_file_is_written_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever gave the name: this is the last place before the disk."""
    monkeypatch.setattr(sys, "platform", "win32")
    for name in ("a:b", "aux.txt", "x."):
        with pytest.raises(UsageError, match="Windows has no file called"):
            write_whole(tmp_path / name, b"")
        with pytest.raises(UsageError, match="Windows has no file called"):
            outlets.is_outlet(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("COM\N{SUPERSCRIPT TWO}.TXT", "%43OM\N{SUPERSCRIPT TWO}.TXT"),
        ("CONIN$", "%43ONIN$"),
        ("conout$.x", "%63onout$.x"),
        ("COM0", "COM0"),
        ("LPT10", "LPT10"),
    ],
)
def test_names_of_devices_from_the_card(name: str, escaped: str) -> None:
    assert escaped_name(name) == escaped


# ---- patterns ----


def test_globs_and_patterns_mean_names_with_slashes_on_both_sides() -> None:
    picture = PureWindowsPath("C:\\Users\\x y\\IMG_0001.JPG")
    for glob in ("IMG_*.JPG", "img_*.jpg", "x y/*.JPG", "Users/**/IMG*"):
        assert _wanted(picture, Selection(glob=glob_pattern(glob))), glob
    for glob in ("MG_*.JPG", "y/IMG*"):
        assert not _wanted(picture, Selection(glob=glob_pattern(glob))), glob
    assert _wanted(PureWindowsPath("IMG_0001.JPG"), Selection(glob=glob_pattern("IMG*")))
    assert _wanted(picture, Selection(fmatch="y/IMG_%d+%.JPG$"))
    assert _matches(PureWindowsPath("up\\sub"), "up/sub$")


# ---- upper and lower case ----


def entry(path: str, is_dir: bool = False) -> CardEntry:
    return CardEntry(f"A/{path}", 3, 1748779200, is_dir=is_dir)


CLASHES = [
    (Copy(entry("a/x.jpg"), Path("x.jpg")), Copy(entry("b/X.JPG"), Path("X.JPG"))),
    (Copy(entry("a/x.jpg"), Path("d/x.jpg")), Copy(entry("b/x.jpg"), Path("D/x.jpg"))),
    (Copy(entry("a"), Path("a")), Copy(entry("b"), Path("A/b"))),
    (
        Copy(entry("a"), Path("\N{LATIN SMALL LETTER E WITH ACUTE}")),
        Copy(entry("b"), Path("E\u0301")),
    ),
]


@pytest.mark.parametrize("clash", CLASHES)
def test_names_of_one_file_where_the_disk_folds_case(
    clash: tuple[Copy, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(copyplan, "folds_case", lambda folder: False)
    check_apart(clash)
    monkeypatch.setattr(copyplan, "folds_case", lambda folder: True)
    with pytest.raises(UsageError, match=r"would both be|needs a folder"):
        check_apart(clash)


def test_a_disk_is_asked_only_where_it_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copyplan, "folds_case", lambda folder: pytest.fail("asked"))
    check_apart(
        [Copy(entry("a"), Path("a")), Copy(entry("b"), Path("b")), Copy(entry("a"), Path("a"))]
    )
    check_apart([])


def test_this_disk_tells_case_apart(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    if (tmp_path / "X").exists():
        pytest.skip("the disk of the tests does not")
    assert not folds_case(str(tmp_path))
    assert not folds_case(str(tmp_path / "not/there/yet"))
    assert {path.name for path in tmp_path.iterdir()} == {"x"}


# ---- through the program ----


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShootingShell]:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for number in (1, 2):
        path = tmp_path / f"card/DCIM/100CANON/IMG_000{number}.JPG"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"picture")
    with shooting_shell(tmp_path / "card") as made:
        yield made


@pytest.mark.parametrize(
    "line",
    [
        "imdl -d=${mdate,%H:%M}_${name}",
        "mdl DCIM ${name}:x",
        "download DCIM/100CANON/IMG_0001.JPG a/b:c",
        "rs a/b:c",
        "rs ${ldate,%H:%M}",
        "shoot -dl=${ldate,%H:%M}",
        "lvdump -count=1 con",
        "lvdumpimg -quiet -count=1 -vp=${frame}?.ppm",
        "rmem -f=aux.bin 0x1000 4",
        "tee a?b",
    ],
)
def test_commands_refuse_them(
    shell: ShootingShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    shots = shell.run("luar get_exp_count()")
    before = sorted((tmp_path / "card").rglob("*"))
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "win32")
        said = shell.fail(line)
    assert "Windows has no file called" in said
    assert "choose another name" in said
    assert list(Path().rglob("*")) == []
    assert shell.run("luar get_exp_count()") == shots, "no shot was taken"
    assert sorted((tmp_path / "card").rglob("*")) == before


def test_files_that_would_become_one_are_not_transferred(
    shell: ShootingShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("D1/a.txt", "D2/A.TXT"):
        path = tmp_path / "card" / name
        path.parent.mkdir()
        path.write_bytes(name.encode())
    monkeypatch.setattr(copyplan, "folds_case", lambda folder: True)
    said = shell.fail("mdl D1 D2 x/${name}")
    assert "A/D1/a.txt and A/D2/A.TXT would both be x/A.TXT" in said
    assert list(Path().iterdir()) == []
    if folds_case(str(tmp_path)):
        return
    monkeypatch.setattr(copyplan, "folds_case", lambda folder: False)
    shell.run("mdl D1 D2 x/${name}")
    assert content(Path("x")) == {"a.txt": b"D1/a.txt", "A.TXT": b"D2/A.TXT"}
