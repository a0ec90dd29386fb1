"""An empty word is no path, and the whole card is nothing to delete: for every command there is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.cut_link import content
from support.shell_process import run

from chdkshell.camera import Camera, connect
from chdkshell.chdk.card.files import Files
from chdkshell.chdk.card.targets import ImageTargets, TreeTargets
from chdkshell.chdk.shooting.destinations import CaptureDestination, DownloadDestination
from chdkshell.chdk.templates.variables import NO_NAMING
from chdkshell.errors import UsageError
from chdkshell.shell import commands  # noqa: F401 - importing them declares them
from chdkshell.shell.arguments import CameraPathType, PathType, PatternType
from chdkshell.shell.command import REGISTRY, Command
from chdkshell.shell.parameters import Param, ParameterKind
from chdkshell.shell.shots.dngbatch import _BATCH

NO_PATH, NO_PATTERN = "an empty word is no path", "a pattern is empty"

TAKES_EMPTY: dict[str, str] = {
    "help": "cmd",
    "#": "text",
    "quit": "",
    "set": "option",
    "source": "",
    "exec": "code",
    "watch": "",
    "tee": "",
    "sh": "line",
    "history": "",
    "alias": "text",
    "version": "",
    "list": "",
    "connect": "camera p h",
    "reconnect": "",
    "reboot": "",
    "disconnect": "",
    "use": "camera",
    "doctor": "",
    "selftest": "",
    "lua": "code",
    "luar": "code",
    "getm": "",
    "putm": "message",
    "killscript": "",
    "camscript": "load",
    "run": "",
    "lint": "chdk",
    "repl": "code",
    "ls": "",
    "upload": "",
    "download": "",
    "mkdir": "",
    "delete": "",
    "mdownload": "",
    "mupload": "",
    "sync": "",
    "cat": "",
    "edit": "",
    "mv": "",
    "cp": "",
    "df": "",
    "du": "",
    "tree": "",
    "find": "",
    "cd": "",
    "pwd": "",
    "lcd": "",
    "lls": "",
    "imdl": "sort",
    "imls": "sort",
    "imrm": "",
    "rmem": "",
    "lvdump": "",
    "lvdumpimg": "",
    "live": "",
    "serve": "host",
    "lvserve": "host",
    "rec": "",
    "play": "",
    "mode": "name",
    "shoot": "tv sv svm av lock",
    "rcapture": "tv sv svm av menuopts lock",
    "rsint": "tv sv svm av",
    "clock": "date time",
    "zoom": "",
    "focus": "",
    "press": "key",
    "release": "key",
    "click": "key",
    "shutdown": "",
    "dngload": "",
    "dngsave": "",
    "dngunload": "",
    "dnglist": "",
    "dngsel": "",
    "dnginfo": "ifd",
    "dnghist": "",
    "dnglistpixels": "",
    "dngmod": "",
    "dngdump": "",
    "dngbatch": "line",
    "ptp info": "",
    "ptp ops": "",
    "ptp formats": "",
    "ptp events": "",
    "ptp storages": "",
    "ptp props": "pattern",
    "ptp prop": "property value",
    "ptp propreset": "property",
    "ptp raw": "operation out",
    "ptp power": "",
    "ptp reset": "",
    "ptp capture": "",
    "ptp objects": "format",
    "ptp object": "",
    "ptp get": "",
    "ptp thumb": "",
    "ptp send": "",
    "ptp rm": "",
    "ptp mv": "",
    "ptp protect": "",
    "ptp mkdir": "",
    "ptp format": "",
    "tether": "",
    "@": "",
    "rig list": "",
    "rig connect": "what",
    "rig save": "",
    "rig load": "",
    "rig name": "camera name",
    "rig swap": "first second",
    "rig drop": "cameras",
    "rig sync": "cameras",
    "rig clock": "cameras",
    "rig collect": "",
    "rig trigger": "cameras key",
    "rig scan": "left right",
    "eos on": "",
    "eos off": "",
    "eos props": "pattern",
    "eos prop": "property value",
    "eos events": "",
    "eos release": "",
    "eos liveview": "",
    "eos firmware": "",
}
"""Every command, and its parameters that are no paths and whose types leave an empty text to the
command: values of a camera, names, code. A parameter that is not here refuses it by its type."""

ROOT: dict[str, str] = {
    "delete A/": "is the whole card, which is not deleted; name a folder on it, such as",
    "delete -pretend /": "is the whole card, which is not deleted",
    "delete .": "is the whole card, which is not deleted",
    "delete ./": "is the whole card, which is not deleted",
    "delete \\": "is the whole card, which is not deleted",
    "delete DCIM A/./": "is the whole card, which is not deleted",
    "delete -nodirs -fmatch=JPG a": "is the whole card, which is not deleted",
    "delete ' . '": "is the whole card, which is not deleted",
    "cp A/ X": "is the whole card, which is not copied",
    "mv A/ X": "is the whole card, which is not moved",
    "mv NOTE.TXT . CHDK": "is the whole card, which is not moved",
    "sync -delete A/ here": "is the whole card, which is not moved",
    "sync -delete . here": "is the whole card, which is not moved",
    "sync -up -delete up .": "is the whole card, which is not replaced",
    "sync -delete up A/": "is the whole card, which is not replaced",
    "sync -up -delete . A/X": "is the working folder",
    "sync -up -delete ./ A/X": "is the working folder",
    "sync -up -delete .. A/X": "the working folder",
    "sync -up -delete up/.. A/X": "is the working folder",
    "sync -up -delete / A/X": "the working folder",
    "imrm A/": "is the whole card, which is not deleted",
    "imrm -last .": "is the whole card, which is not deleted",
    "imdl -rm /": "is the whole card, which is not deleted",
}
"""Lines that would delete, move or replace all, and what is said."""

READS: tuple[str, ...] = (
    "ls .",
    "du /",
    "tree A",
    "find .",
    "cd A/",
    "imls A/",
    "mdl A/ all",
    "mdl DCIM .",
    "mup up A/",
)
READS += ("mup . A/X", "d NOTE.TXT .", "sync A/ copy", "sync -delete DCIM .", "mv CHDK/X.LUA .")
READS += ("u up/a.lua .", "mkdir .", "imdl /", "rm -all -pretend .", "sync . A/Y")
"""Lines that read all, or put something into it."""

CARD = {"DCIM/100CANON/IMG_0001.JPG": b"one", "NOTE.TXT": b"a note", "CHDK/X.LUA": b"x"}
HERE = {"up/a.lua": b"return 1", "mine.txt": b"mine"}


def fill(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def run_lines(card: Path, here: Path, lines: list[str]) -> list[dict[str, str]]:
    """Run lines in one process of the program; return what came of each."""
    arguments = [word for line in lines for word in ("-e", line)]
    done = run("-r", "--json", "--device", f"sim:card={card}", *arguments, cwd=here)
    assert "Traceback" not in done.stderr
    answers: list[dict[str, str]] = list(map(json.loads, done.stdout.splitlines()))
    assert len(answers) == len(lines), (done.stdout, done.stderr)
    return answers


def accepts_empty(param: Param) -> bool:
    try:
        param.type.parse("")
    except UsageError:
        return False
    return True


def valued(command: Command) -> list[Param]:
    return [param for param in command.params if param.kind is not ParameterKind.FLAG]


def line_with_empty(command: Command, param: Param) -> str:
    """Return a line of `command` with an empty text for `param`, and all that comes before it."""
    if param.kind not in (ParameterKind.WORD, ParameterKind.WORDS):
        return f'{command.name} -{param.name}=""'
    before = command.words[: command.words.index(param)]
    words = " ".join(p.type.choices[0] if p.type.choices else _word(p) for p in before)
    return f'{command.name} {words} ""'


def _word(param: Param) -> str:
    return "1" if isinstance(param.type.parse("1"), int) else "x"


def test_every_command_has_its_place() -> None:
    assert list(TAKES_EMPTY) == [command.name for command in REGISTRY]
    for command in (*REGISTRY, _BATCH):
        allowed = "ext" if command is _BATCH else TAKES_EMPTY[command.name]
        assert [p.name for p in valued(command) if accepts_empty(p)] == allowed.split()


def test_every_command_refuses_an_empty_path(tmp_path: Path) -> None:
    card, here = fill(tmp_path / "card", CARD), fill(tmp_path / "here", HERE)
    places = [
        (line_with_empty(command, param), NO_PATH if is_path else NO_PATTERN)
        for command in REGISTRY
        for param in valued(command)
        if (is_path := isinstance(param.type, PathType)) or isinstance(param.type, PatternType)
    ]
    assert len(places) > 70
    raw = [(f'{name} < ""', NO_PATH) for name in ("exec", "lua", "luar")]
    others = [('rm DCIM ""', NO_PATH), ('mdl DCIM CHDK ""', NO_PATH), ("rm ' '", NO_PATH)]
    others += [('dngbatch "" { info }', NO_PATH), ("shoot -rm -dl=", NO_PATH)]
    lines = [*places, *raw, *others]
    for (line, text), answer in zip(
        lines, run_lines(card, here, [line for line, _ in lines]), strict=True
    ):
        assert answer.get("error") == text, line
    assert (content(card), content(here)) == (CARD, HERE)


def test_nothing_deletes_all_by_a_path(tmp_path: Path) -> None:
    card, here = fill(tmp_path / "card", CARD), fill(tmp_path / "here", HERE)
    for line, answer in zip(ROOT, run_lines(card, here, list(ROOT)), strict=True):
        said = f"{answer.get('error')}; {answer.get('hint')}"
        assert ROOT[line] in said, line
    assert (content(card), content(here)) == (CARD, HERE)


def test_commands_whose_card_paths_were_not_thought_of() -> None:
    """A command that gets paths of the card stands above, as one that deletes or one that reads."""
    known = {line.split()[0] for line in (*ROOT, *READS)}
    names = {command.name for command in REGISTRY for name in command.names if name in known}
    of_files = {"cat", "edit", "reboot"}
    """They take files alone."""
    on_card = {c.name for c in REGISTRY if any(isinstance(p.type, CameraPathType) for p in c.words)}
    assert on_card - names == of_files


@pytest.mark.parametrize("line", READS)
def test_all_may_be_read_and_be_put_into(tmp_path: Path, line: str) -> None:
    card, here = fill(tmp_path / "card", CARD), fill(tmp_path / "here", HERE)
    (answer,) = run_lines(card, here, [line])
    assert answer.get("ok"), answer
    after = content(card), content(here)
    found = {*after[0].values(), *after[1].values()}
    assert {*CARD.values(), *HERE.values()} <= found


def test_all_deletes_the_whole_card(tmp_path: Path) -> None:
    card, here = fill(tmp_path / "card", CARD), fill(tmp_path / "here", HERE)
    (answer,) = run_lines(card, here, ["rm -all A/"])
    assert answer.get("ok")
    assert (content(card), content(here)) == ({}, HERE)


# ---- the library ----


@pytest.fixture
def cam(tmp_path: Path) -> Camera:
    return connect(f"sim:card={fill(tmp_path / 'card', CARD)}")


FILES: dict[str, list[Callable[[Files], object]]] = {
    "stat": [lambda f: f.stat("")],
    "exists": [lambda f: f.exists("")],
    "listdir": [lambda f: f.listdir("")],
    "scandir": [lambda f: f.scandir("")],
    "walk": [lambda f: f.walk(""), lambda f: f.walk([""]), lambda f: f.walk(["DCIM", ""])],
    "find": [lambda f: f.find("*.JPG", "")],
    "images": [lambda f: f.images([""])],
    "space": [],
    "read": [lambda f: f.read("")],
    "write": [lambda f: f.write("", b"x")],
    "mkdir": [lambda f: f.mkdir("")],
    "move": [
        lambda f: f.move("", "X"),
        lambda f: f.move("NOTE.TXT", ""),
        lambda f: f.move("A/", "X"),
        lambda f: f.move(".", "X"),
    ],
    "copy": [
        lambda f: f.copy("", "X"),
        lambda f: f.copy("NOTE.TXT", ""),
        lambda f: f.copy("A/", "X"),
    ],
    "remove": [lambda f: f.remove(""), lambda f: f.remove("A/"), lambda f: f.remove(".")],
    "remove_tree": [
        lambda f: f.remove_tree(""),
        lambda f: f.remove_tree(["DCIM", ""]),
        lambda f: f.remove_tree("/"),
        lambda f: f.remove_tree(["DCIM", "."]),
    ],
    "remove_entries": [],
    "download": [lambda f: f.download("", "x"), lambda f: f.download("NOTE.TXT", "")],
    "upload": [lambda f: f.upload("", "X"), lambda f: f.upload(__file__, "")],
    "download_copies": [],
    "download_tree": [lambda f: f.download_tree("", "x"), lambda f: f.download_tree("DCIM", "")],
    "upload_items": [],
    "upload_tree": [lambda f: f.upload_tree("", "A/X"), lambda f: f.upload_tree(".", "")],
    "sync": [
        lambda f: f.sync("", "x"),
        lambda f: f.sync("DCIM", ""),
        lambda f: f.sync("", ".", up=True),
        lambda f: f.sync("A/X", "", up=True),
    ],
}
"""Every method, and calls of it with an empty word, or for the whole card."""


def test_the_library_refuses_too(cam: Camera) -> None:
    assert [name for name in vars(Files) if not name.startswith("_")] == list(FILES)
    before = cam.session.bytes_read
    for name, tries in FILES.items():
        for call in tries:
            with pytest.raises(UsageError, match=r"is no path|is the whole card"):
                call(cam.files)
                raise AssertionError(name)
    assert cam.session.bytes_read == before, "the camera was not asked"
    assert cam.files.listdir() != []
    cam.close()


@pytest.mark.parametrize(
    "make",
    [
        lambda: TreeTargets(""),
        lambda: ImageTargets(folder=""),
        lambda: CaptureDestination("", NO_NAMING),
        lambda: DownloadDestination("", NO_NAMING),
    ],
)
def test_no_place_for_pictures(make: Callable[[], object]) -> None:
    with pytest.raises(UsageError, match=NO_PATH):
        make()


def test_the_camera_takes_no_empty_path(cam: Camera) -> None:
    for call in (
        lambda: cam.shoot(download="", remove=True),
        lambda: cam.capture(""),
        lambda: cam.reboot(""),
    ):
        with pytest.raises(UsageError, match=NO_PATH):
            call()
    cam.close()
