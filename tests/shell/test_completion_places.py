"""What Tab offers in more places: keys, variables of Lua, the camera in Python, DNG files."""

# needs: POSIX

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from support.shell_process import PROJECT
from support.terminal import Terminal

from chdkshell.shell.aliases import Aliases
from chdkshell.shell.command import REGISTRY
from chdkshell.shell.dispatch import Shell
from chdkshell.shell.output.render import Renderer
from chdkshell.shell.prefs import OutputKind, Prefs
from chdkshell.shell.prompt.complete import ShellCompleter
from chdkshell.shell.prompt.luacomplete import UserNames, local_names


class NoCard:
    """A view of a camera that is not there."""

    names: tuple[str, ...] = ()

    def listing(self, folder: str) -> tuple[Any, ...]:
        return ()


@pytest.fixture
def completer() -> ShellCompleter:
    import io

    prefs = Prefs(OutputKind.PLAIN)
    context = Shell(prefs, Renderer(prefs, io.StringIO(), io.StringIO())).context
    return ShellCompleter(context, REGISTRY, NoCard(), UserNames())  # type: ignore[arg-type]


def offered(completer: ShellCompleter, line: str) -> list[str]:
    found = completer.get_completions(Document(line), CompleteEvent(completion_requested=True))
    return [line[: len(line) + c.start_position] + c.text for c in found]


@pytest.mark.parametrize("call", ['press("', "click '", "release('", 'is_pressed("'])
def test_keys_of_the_camera(completer: ShellCompleter, call: str) -> None:
    line = f"luar {call}shoot_f"
    quote = "'" if "'" in call else '"'
    assert f"luar {call}shoot_full{quote}" in offered(completer, line)
    assert f"luar {call}up{quote}" not in offered(completer, line)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("local my_speed, my_step = 1, 2 return my_st", "my_step"),
        ("function f(width, height) return hei", "height"),
        ("for index, value in pairs({}) do val", "value"),
        ("for count = 1, 10 do print(cou", "count"),
        ("local function halve(number) return num", "number"),
        ("local function halve(n) end hal", "halve"),
    ],
)
def test_variables_of_the_chunk(completer: ShellCompleter, code: str, name: str) -> None:
    begun = code.rpartition(" ")[2].rpartition("(")[2]
    assert f"luar {code[: len(code) - len(begun)]}{name}" in offered(completer, f"luar {code}")


def test_names_of_a_chunk_are_its_own() -> None:
    assert local_names("x = 1 local a for b = 1, 2 do end") == ["b", "a"]
    assert local_names("local a = function(c) end") == ["c", "a"]


def test_the_camera_in_python(completer: ShellCompleter) -> None:
    assert "!con.shoot" in offered(completer, "!con.sh")
    assert "!con.files" in offered(completer, "!con.")
    assert not any("._" in line for line in offered(completer, "!con."))
    assert "exec con.capture" in offered(completer, "exec con.capt")
    assert offered(completer, "!other.") == []


def test_the_camera_in_lua(
    completer: ShellCompleter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHDKPTP_LUA", raising=False)
    completer._context.prefs.set("exec", "lua")
    assert offered(completer, "!con:execw") == ["!con:execwait"]
    assert offered(completer, "!return con.listd") == ["!return con.listdir"]
    assert {"!con:connect", "!con:getmem", "!con:ptp_txn_nodata", "!con:live_dump_start"} <= set(
        offered(completer, "!con:")
    )
    assert "!con:shoot" not in offered(completer, "!con:")
    assert offered(completer, "!other:") == []
    (tmp_path / "main.lua").touch()
    (tmp_path / "chdku.lua").write_text("function con_methods:mine() end")
    completer._context.prefs.set("lua_path", str(tmp_path))
    assert offered(completer, "!con:mi") == ["!con:mine"]
    assert offered(completer, "!con:execw") == []


@pytest.mark.parametrize(
    ("alias", "typed", "after"),
    [
        ("", "ad", ["add"]),
        ("set", "add output=pl", ["add output=plain"]),
        ("set -v", "add thr", []),
        ("set", "add the", ["add theme"]),
        ("set $1", "add the", ["add theme"]),
        ("other", "add the", ["add theme"]),
        ("version ; set", "add the", ["add theme"]),
        ("luar return", "add get_eff_foc", ["add get_eff_focal_length"]),
        ("add", "add the", []),
        ("nosuch", "add the", []),
    ],
)
def test_an_alias_is_completed_as_what_it_stands_for(
    completer: ShellCompleter, alias: str, typed: str, after: list[str]
) -> None:
    completer._registry = REGISTRY.speaking(False, Aliases())
    completer._registry.aliases._known = {"add": alias or "set", "other": "set"}
    assert offered(completer, typed) == after


def test_commands_of_other_packages(tmp_path: Path) -> None:
    path = os.pathsep.join(map(str, (PROJECT, PROJECT / "tests/data/own_commands")))
    with Terminal("-r", "--sim", home=tmp_path, PYTHONPATH=path) as terminal:
        terminal.wait_prompt("con> ")
        terminal.type("tem")
        terminal.wait_for("Show how warm the camera is inside.")
        terminal.drop_line()
        terminal.type("help tem")
        terminal.wait_for("Show how warm the camera is inside.")


def test_dng_files(
    completer: ShellCompleter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.dng", "b.DNG", "c.jpg"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    assert offered(completer, "dngload ") == [
        "dngload a.dng", "dngload b.DNG", "dngload folder/", "dngload -nosel",
    ]  # fmt: skip


def test_a_slash_takes_the_folder_that_tab_chose(tmp_path: Path) -> None:
    with Terminal("-r", "--sim", home=tmp_path) as terminal:
        terminal.wait_prompt("con> ")
        terminal.wait_for("free")
        terminal.type("ls ")
        terminal.wait_for("DCIM/")
        terminal.type("\t\t")
        terminal.wait(lambda: terminal.lines[terminal.screen.cursor.y].endswith("/"))
        chosen = terminal.lines[terminal.screen.cursor.y]
        terminal.type("/x")
        terminal.wait_for(f"{chosen}x")
        assert "//" not in terminal.text
