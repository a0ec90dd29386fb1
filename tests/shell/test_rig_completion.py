"""Cameras of the rig, and commands for several of them, while they are typed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from support.rig_shell import RigShell, rig_shell

from chdkshell.shell.command import REGISTRY
from chdkshell.shell.prompt.background import Background
from chdkshell.shell.prompt.cameraview import CameraView
from chdkshell.shell.prompt.complete import ShellCompleter
from chdkshell.shell.prompt.highlight import LineLexer
from chdkshell.shell.prompt.lines import commands_in, expand_prefix
from chdkshell.shell.prompt.luacomplete import UserNames


class Typed:
    """What is offered at a prompt with the cameras left, right and 3."""

    def __init__(self, shell: RigShell) -> None:
        self.shell, self.background = shell, Background()
        self.view = CameraView(shell.context.connections, self.background)
        self._completer = ShellCompleter(shell.context, REGISTRY, self.view, UserNames())

    def __call__(self, line: str) -> list[str]:
        """Return what the line would be with each completion."""
        found = self._completer.get_completions(Document(line), CompleteEvent())
        return [line[: len(line) + c.start_position] + c.text for c in found]

    def once_known(self, line: str) -> list[str]:
        """Return the same after what was asked for in the background has come."""
        self(line)
        self.background.resume()
        assert self.background.wait_idle(60)
        self.background.pause()
        return self(line)


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> Iterator[Typed]:
    with rig_shell(monkeypatch) as shell:
        shell.run("rig name 1 left ; rig name 2 right")
        typed = Typed(shell)
        yield typed
        typed.background.close()


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("@", ["@all", "@left", "@1", "@right", "@2", "@3"]),
        ("df ; @l", ["df ; @left"]),
        ("@a", ["@all"]),
        ("@left,", ["@left,right", "@left,2", "@left,3"]),
        ("@1,3,r", ["@1,3,right"]),
        ("@^", ["@^left", "@^1", "@^right", "@^2", "@^3"]),
        ("@^2,l", ["@^2,left"]),
        ("@nobody", []),
        ("rig drop a", ["rig drop all"]),
        ("rig sync left,r", ["rig sync left,right"]),
        ("rig name a", []),
        ("rig name l", ["rig name left"]),
        ("rig swap left r", ["rig swap left right"]),
        ("use ri", ["use right"]),
        ("@all shoot -sync -lock=l", ["@all shoot -sync -lock=left"]),
        ("rig scan out -left=r", ["rig scan out -left=right"]),
        ("rig scan out -right=", [f"rig scan out -right={n}" for n in ("left", 1, "right", 2, 3)]),
    ],
)
def test_cameras(offered: Typed, line: str, lines: list[str]) -> None:
    assert offered(line) == lines


@pytest.mark.parametrize(
    "line", ["", "down", "download -", "download -overwrite=", "luar get_t", "df ; disc", "ls > "]
)
@pytest.mark.parametrize("cameras", ["@left ", "df ; @1,3  "])
def test_a_command_after_a_selection_is_completed_as_without(
    offered: Typed, cameras: str, line: str
) -> None:
    alone = {name for command in REGISTRY if command.alone for name in command.names}
    expected = [text for text in offered(line) if text not in alone]
    assert offered(cameras + line) == [cameras + text for text in expected] != []


@pytest.fixture
def own_files(offered: Typed) -> Typed:
    """Each camera has a picture and a script that no other has; the current one is the last."""
    for number, sim in enumerate(offered.shell.sims, 1):
        (sim.card.root / f"OWN{number}.JPG").write_bytes(b"")
        (sim.card.root / f"CHDK/SCRIPTS/own{number}.lua").write_text(f"@param a On {number}\n")
    return offered


@pytest.mark.parametrize(
    ("cameras", "number"),
    [
        ("", 3),
        ("@left ", 1),
        ("@2 ", 2),
        ("@3 ", 3),
        ("@right,left ", 1),
        ("@all ", 1),
        ("@^1 ", 2),
    ],
)
def test_a_path_is_one_of_the_first_camera_that_is_selected(
    own_files: Typed, cameras: str, number: int
) -> None:
    for line in ("download A/OWN", "download -nolua A/OWN", "df ; rm A/OWN"):
        before, _, word = line.rpartition("; ")
        typed = f"{before and before + '; '}{cameras}{word}"
        assert own_files.once_known(typed) == [f"{typed}{number}.JPG"]
    assert f"{cameras}run own{number}.lua" in own_files.once_known(f"{cameras}run own")
    run = f"{cameras}run A/CHDK/SCRIPTS/own{number}.lua "
    assert f"{run}a=" in own_files.once_known(run)


def test_a_path_begins_in_the_folder_of_that_camera(own_files: Typed) -> None:
    own_files.shell.run("use left ; cd A/CHDK/SCRIPTS ; use 3")
    assert own_files.once_known("@left download own") == ["@left download own1.lua"]
    assert own_files.once_known("@2 download own") == ["@2 download OWN2.JPG"]


def test_a_camera_that_is_gone_is_passed_over(own_files: Typed) -> None:
    own_files.shell.rig.members[0].camera.close()
    assert own_files.once_known("@1,2 rm A/OWN") == ["@1,2 rm A/OWN2.JPG"]
    assert own_files.once_known("@1 rm A/OWN") == []
    assert own_files.once_known("@nobody rm A/OWN") == []


def test_what_changed_is_fetched_again(own_files: Typed) -> None:
    assert own_files.once_known("@left rm A/OWN") == ["@left rm A/OWN1.JPG"]
    (own_files.shell.sims[0].card.root / "OWN1.JPG").unlink()
    own_files.view.forget_listings()
    assert own_files.once_known("@left rm A/OWN") == []


def test_no_camera_is_waited_for(own_files: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one does not answer, all that is typed is answered at once."""
    go_on, asked = threading.Event(), threading.Event()
    transact = own_files.shell.sims[0].responder.transact

    def hang(*arguments: Any) -> Any:
        asked.set()
        go_on.wait(60)
        return transact(*arguments)

    monkeypatch.setattr(own_files.shell.sims[0].responder, "transact", hang)
    try:
        own_files.background.resume()
        assert own_files("@left download A/OWN") == []
        assert asked.wait(60)
        assert own_files("@left download A/OWN") == []
        assert own_files("@left df") == ["@left df"]
    finally:
        go_on.set()
    assert own_files.once_known("@left download A/OWN") == ["@left download A/OWN1.JPG"]


def test_what_is_not_for_several_is_not_offered_to_them(offered: Typed) -> None:
    assert offered("edi") == ["edit"]
    assert offered("@all edi") == []


@pytest.mark.parametrize(
    "line", ["download -nolua A/DCIM x.jpg", "nosuch x", "luar return get_tv96()", "df ; df | y"]
)
def test_a_command_after_a_selection_is_coloured_as_without(line: str) -> None:
    pieces = LineLexer(REGISTRY).pieces("@left,2 " + line)
    assert pieces[:3] == [("class:line.command", "@"), ("class:line.camera", "left,2"), ("", " ")]
    assert pieces[3:] == LineLexer(REGISTRY).pieces(line)


def test_names_in_short_and_lines_of_lua_after_a_selection() -> None:
    assert expand_prefix("@1,3 downl x ; @2 killsc", REGISTRY) == "@1,3 download x ; @2 killscript"
    assert list(commands_in("@all luar a=1\nreturn a", REGISTRY)) == ["@all luar a=1\nreturn a"]
    assert list(commands_in("@all df\ndf", REGISTRY)) == ["@all df", "df"]
