"""Words that fingers type: cd, pwd, lcd, lls, cp, use, sh, history, alias, exit."""

# needs: POSIX

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk import Desk
from support.fresh_sim import fresh_sim
from support.shell_process import check_bad_input, run

from chdkshell.shell.historyfile import HISTORY_FILE
from chdkshell.shell.language import NEW_WORDS
from chdkshell.shell.prompt.lines import prompt_text

JPEG = "DCIM/100CANON/IMG_0001.JPG"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A shell in an empty folder, with settings of its own and a camera."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("CHDKSHELL_HOME", str(tmp_path / "home"))
    fresh_sim(monkeypatch)
    made = Desk()
    made.run("connect sim:")
    yield made
    made.shell.close()


def test_the_words_are_commands(desk: Desk) -> None:
    assert all(desk.shell.registry.get(word) for word in NEW_WORDS)


# ---- where one is ----


def test_paths_begin_in_the_folder_of_the_card(desk: Desk) -> None:
    assert desk.run("pwd") == ["A/"]
    assert desk.run("cd DCIM") == []
    assert desk.run("pwd") == ["A/DCIM"]
    assert desk.run("ls") == ["100CANON/", "101CANON/"]
    assert desk.run("cd 100CANON ; pwd") == ["A/DCIM/100CANON"]
    assert desk.run("ls") == desk.run("ls .") == desk.run("ls A/DCIM/100CANON")
    assert desk.run("ls ..") == ["100CANON/", "101CANON/"]
    assert desk.run("ls ../101CANON") == ["IMG_0101.JPG"]
    assert desk.run("find")[0] == "A/DCIM/100CANON/"
    assert desk.run("tree")[0] == "A/DCIM/100CANON"
    assert desk.run("du -s ..")[0].endswith("A/DCIM")
    assert desk.run("cd .. ; cd .. ; pwd") == ["A/"]
    assert desk.run(f"cd A/DCIM ; cd ; ls {JPEG}") == [f"A/{JPEG}"]


def test_files_go_to_the_folder_of_the_card(desk: Desk) -> None:
    Path("one.txt").write_text("one")
    Path("up").mkdir()
    Path("up/two.txt").write_text("two")
    desk.run("mkdir A/NEW")
    desk.run("cd NEW")
    assert desk.run("upload one.txt") == ["one.txt->A/NEW/one.txt"]
    assert desk.run("mup up .") == ["up/two.txt->A/NEW/two.txt"]
    assert desk.run("cp one.txt three.txt") == ["A/NEW/one.txt->A/NEW/three.txt"]
    assert desk.run("mv three.txt ..") == ["A/NEW/three.txt->A/three.txt"]
    assert desk.run("mdl two.txt back") == ["A/NEW/two.txt->back/two.txt"]
    assert desk.run("sync . copy")
    assert {path.name for path in Path("copy").iterdir()} == {"one.txt", "two.txt"}
    assert desk.run("rm one.txt") == ["A/NEW/one.txt: OK"]
    assert desk.run("ls") == ["two.txt"]


def test_cd_changes_no_prompt_and_no_dcim(desk: Desk) -> None:
    pictures = desk.run("imls")
    before = prompt_text(desk.shell.context.connections).partition(" ")[0]
    desk.run("cd CHDK")
    assert desk.run("imls") == pictures != []
    assert prompt_text(desk.shell.context.connections).partition(" ")[0] == before == "con"


def test_cd_to_what_is_no_folder(desk: Desk) -> None:
    assert "NOPE" in desk.fail("cd NOPE")
    assert f"A/{JPEG} is not a folder" in desk.fail(f"cd {JPEG}")
    assert "is no path on the card" in desk.fail("cd ..")
    assert desk.run("pwd") == ["A/"]


def test_folders_of_this_computer(desk: Desk) -> None:
    Path("sub").mkdir()
    Path("sub/file").touch()
    assert desk.run("lls") == ["sub/"]
    assert desk.run("lcd sub ; lls") == ["file"]
    assert desk.run("pwd -l") == [str(Path.cwd())]
    assert Path.cwd().name == "sub"
    assert "is no folder of this computer" in desk.fail("lcd nope")
    assert "No such file" in desk.fail("lls nope")


# ---- cameras ----


def test_use_changes_the_camera_and_closes_none(desk: Desk) -> None:
    desk.run("cd DCIM")
    assert "SIM1" in desk.run("use sim:serial=OTHER")[0]
    assert len(desk.shell.context.connections.all()) == 2
    assert desk.run("pwd") == ["A/"], "each camera has a folder of its own"
    desk.run("use SIM0001")
    assert desk.run("pwd") == ["A/DCIM"]
    desk.run("use 2")
    assert desk.shell.context.camera.serial == "OTHER"
    assert len(desk.shell.context.connections.all()) == 2
    assert "no matching devices" in desk.fail("use nosuch")


# ---- this computer ----


def test_a_command_of_this_computer(tmp_path: Path) -> None:
    done = run("-r", "-e", "sh echo 'a ; b' > it ; echo done", cwd=tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ("done\n", "", 0)
    assert (tmp_path / "it").read_text().strip("'\n ") == "a ; b"


def test_one_that_fails() -> None:
    done = run("-r", "-e", "sh exit 3")
    assert (done.stderr, done.returncode) == (
        "ERROR: the command 'exit 3' ended with status 3\n",
        1,
    )
    check_bad_input(run("-r", "-e", "sh "), "sh needs a command of this computer")


@pytest.mark.parametrize("line", ["sh kill -INT $$", "version | kill -INT $$"])
def test_one_that_ctrl_c_ended_cancels_the_line(line: str) -> None:
    done = run("-r", "-e", line, "-e", "version")
    assert (done.stdout, done.returncode) == ("", 130)
    assert done.stderr == "ERROR: cancelled\n"


def test_its_output_stays_out_of_json() -> None:
    done = run("-r", "--json", "-e", "sh echo hello")
    assert json.loads(done.stdout) == {"command": "sh", "ok": True, "result": None}
    assert done.stderr == "hello\n"


def test_exit_ends_the_program() -> None:
    done = run("-r", stdin="version\nexit\nversion\n")
    assert done.stdout.count("host:") == 1


# ---- habits ----


def test_history_is_what_was_typed(desk: Desk, tmp_path: Path) -> None:
    assert desk.run("history") == []
    (tmp_path / "home").mkdir()
    lines = "\n# 2026-11-28 09:00:00\n+ls\n\n# 2026-11-28 09:01:00\n+luar for i=1,2 do\n+end\n"
    (tmp_path / "home" / HISTORY_FILE).write_text(lines)
    assert desk.run("history") == ["    1  ls", "    2  luar for i=1,2 do", "       end"]
    assert desk.run("history 1")[0] == "    2  luar for i=1,2 do"
    assert "out of range" in desk.fail("history 0")


def test_an_alias_with_words_is_kept(desk: Desk) -> None:
    assert desk.run("alias") == []
    desk.run("alias add=luar return $1+$2")
    assert desk.run("add 3 4")[0].endswith(":return:7")
    assert desk.run("alias") == desk.run("alias add") == ["alias add=luar return $1+$2"]
    later = Desk()
    later.run("connect sim:")
    assert later.run("add 5 4")[0].endswith(":return:9")
    desk.run("alias add=")
    assert "unknown command 'add'" in desk.fail("add 3 4")


@pytest.mark.parametrize(
    ("text", "line", "same"),
    [
        ("ls -l", "it DCIM", "ls -l DCIM"),
        ("ls $1 $2", "it DCIM CHDK", "ls DCIM CHDK"),
        ("ls $1", "it DCIM CHDK", "ls DCIM CHDK"),
        ("ls $* -l", "it DCIM CHDK", "ls DCIM CHDK -l"),
        ("'ls DCIM ; ls CHDK'", "it", "ls DCIM ; ls CHDK"),
        ("ls", "it DCIM ; ls CHDK", "ls DCIM ; ls CHDK"),
        ("luar return", "it 1 ; 2", "luar return 1 ; 2"),
        ("ls", "it 'DCIM'", "ls DCIM"),
    ],
)
def test_what_an_alias_stands_for(desk: Desk, text: str, line: str, same: str) -> None:
    desk.run(f"alias it={text}")
    assert desk.shell.run(line) == desk.shell.run(same)
    out, error = desk.out.getvalue(), desk.err.getvalue()
    half = [part.replace("2:", "1:") for part in (out, error)]
    for whole in half:
        assert whole[: len(whole) // 2] == whole[len(whole) // 2 :], whole


def test_an_alias_goes_into_a_file(desk: Desk) -> None:
    desk.run("alias it='ls DCIM ; ls CHDK'")
    assert desk.run("it > list")[0] == "100CANON/"
    assert Path("list").read_text() == "\n".join(desk.run("ls CHDK")) + "\n"


def test_an_alias_hides_no_command(desk: Desk, tmp_path: Path) -> None:
    assert "is a command, and stays one" in desk.fail("alias ls=df")
    assert "is a command, and stays one" in desk.fail("alias rm=ls")
    (tmp_path / "home").mkdir(exist_ok=True)
    (tmp_path / "home/aliases").write_text("pwd=ls\nmine=pwd\n")
    assert desk.run("pwd") == ["A/"]
    assert desk.run("mine") == ["A/"]


def test_aliases_that_lead_nowhere(desk: Desk) -> None:
    desk.run("alias a=b")
    desk.run("alias b=a")
    assert "leads to itself" in desk.fail("a")
    desk.run("alias two=ls $2")
    assert "two needs 2 words after it" in desk.fail("two DCIM")
    assert "is no name" in desk.fail("alias x y=1")
    assert "is no name" in desk.fail("alias =1")
    assert "there is no alias" in desk.fail("alias nope")


# ---- chdkptp's ways ----


@pytest.mark.parametrize("word", sorted(NEW_WORDS))
def test_with_chdkptps_ways_they_are_unknown(tmp_path: Path, word: str) -> None:
    (tmp_path / "aliases").write_text("mine=version\n")
    lines = f"{word}\nmine\nversion\n"
    done = run("--chdkptp", "-r", stdin=lines, CHDKSHELL_HOME=str(tmp_path))
    assert f"ERROR: unknown command '{word}'" in done.stderr
    assert "ERROR: unknown command 'mine'" in done.stderr
    assert "host:" in done.stdout
