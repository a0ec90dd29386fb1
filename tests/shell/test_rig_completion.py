"""Cameras of the rig, and commands for several of them, while they are typed."""

from __future__ import annotations

from collections.abc import Iterator

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
        view = CameraView(shell.context.connections, Background())
        self._completer = ShellCompleter(shell.context, REGISTRY, view, UserNames())

    def __call__(self, line: str) -> list[str]:
        """Return what the line would be with each completion."""
        found = self._completer.get_completions(Document(line), CompleteEvent())
        return [line[: len(line) + c.start_position] + c.text for c in found]


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> Iterator[Typed]:
    with rig_shell(monkeypatch) as shell:
        shell.run("rig name 1 left ; rig name 2 right")
        yield Typed(shell)


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
