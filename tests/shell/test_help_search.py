"""Help that looks for a word, the camera's functions by topic, and help in a Lua session."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk import Desk
from support.shell_process import run

from chdkshell.shell.helpsearch import LUA_EXAMPLES, functions_by_topic


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    made = Desk()
    made.run("connect sim:")
    yield made
    made.shell.close()


@pytest.mark.parametrize(
    ("word", "beginnings"),
    [
        ("shutter", ["shoot ", "rcapture ", "tv = get_tv96()", "set_tv96_direct(tv)"]),
        ("SHUTTER", ["shoot ", "tv = get_tv96()"]),
        ("interval", ["shoot ", "rcapture ", "ok = set_remote_timing(interval)"]),
        ("battery", ["volts = get_vbatt()"]),
        ("deprecated", ["set warn_deprecated: "]),
        ("tv96", ["tv = get_tv96()"]),
        ("exposure", ["tv = get_tv96()"]),
    ],
)
def test_a_word_is_looked_for(desk: Desk, word: str, beginnings: list[str]) -> None:
    lines = desk.run(f"help {word}")
    for beginning in beginnings:
        assert any(line.startswith(beginning) for line in lines), beginning
    assert not any(line.startswith("df ") for line in lines)


def test_what_is_called_so_comes_first(desk: Desk) -> None:
    lines = [line for line in desk.run("help zoom_") if not line.startswith(" ")]
    assert "zoom_" in lines[0]


def test_a_name_is_not_looked_for(desk: Desk) -> None:
    assert len(desk.run("help get_tv96")) == 2
    assert desk.run("help df")[0].startswith("df ")
    assert "did you mean 'download'" in desk.fail("help downlaod")
    assert "`help` lists the commands" in desk.fail("help ''")


def test_tables_for_people_and_json() -> None:
    done = run("-r", "-e", "set output=rich", "-e", "help shutter", COLUMNS="100")
    assert "commands\n" in done.stdout
    assert "the camera's Lua\n" in done.stdout
    found = json.loads(run("-r", "--json", "help", "deprecated").stdout)["result"]
    assert [one["setting"] for one in found if "setting" in one] == ["warn_deprecated"]


def test_the_cameras_functions_by_topic(desk: Desk) -> None:
    lines = desk.run("help lua")
    assert lines[0].startswith("lua (.) ")
    for topic, functions in functions_by_topic().items():
        at = lines.index(f"{topic}: {LUA_EXAMPLES[topic]}")
        assert functions[0].what in lines[at + 1]
    assert "shooting\n" in run("-r", "-e", "set output=rich", "-e", "help lua").stdout
    last = json.loads(run("-r", "--json", "help", "lua").stdout)["result"][-1]
    assert last["example"] == LUA_EXAMPLES["lua"]


@pytest.mark.parametrize("topic", LUA_EXAMPLES)
def test_each_example_runs(desk: Desk, topic: str) -> None:
    assert topic in functions_by_topic()
    desk.run(LUA_EXAMPLES[topic])


def test_a_lua_session_answers_help_and_quit(tmp_path: Path) -> None:
    lines = "x=4\nhelp\nhelp get_zoom\nhelp no_such\nx\nhelp = 5\nhelp + x\nq = 6\nq\nquit\n7\n"
    (tmp_path / "s.lua").write_text(lines)
    done = run("-r", "--sim", "-e", "repl < s.lua", "-e", "version", cwd=tmp_path)
    *shown, version = done.stdout.splitlines()
    assert shown[0].startswith("repl ")
    assert "zoom = get_zoom() - Position of the zoom." in shown
    assert [line for line in shown if line.isdigit()] == ["4", "9", "6"]
    assert version.startswith("host:")
    assert "`help NAME` tells of a function" in done.stderr
    assert "unknown command 'no_such'" in done.stderr
