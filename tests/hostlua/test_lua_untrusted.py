"""Lua of the host runs from what the user wrote, and from nothing that a camera or a peer sent."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from support.host_lua import LuaDesk
from support.shell_process import PROJECT, run

PACKAGE = PROJECT / "chdkshell"

GATES = {"run_lua": {"general.py"}, "HostLua": {"luahost.py"}}
"""What runs Lua of the host, and the files that may name it."""


def names_in(path: Path) -> set[str]:
    """Return the names that a module uses; those for type checkers alone are none."""
    tree = ast.parse(path.read_text("utf-8"))
    checked = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    ]
    skipped = {id(part) for node in checked for part in ast.walk(node)}
    annotations = {
        id(part)
        for node in ast.walk(tree)
        for field in ("annotation", "returns")
        if isinstance(note := getattr(node, field, None), ast.AST)
        for part in ast.walk(note)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in skipped or id(node) in annotations:
            continue
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add(node.name)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
    return found


@pytest.mark.parametrize("gate", GATES)
def test_only_the_users_command_runs_it(gate: str) -> None:
    users = {path.name for path in PACKAGE.rglob("*.py") if gate in names_in(path)}
    assert users == GATES[gate]


def test_pages_cameras_and_what_is_shared_run_no_command_lines() -> None:
    """What a network peer reaches has no way to a command, and so none to `exec`."""
    served = [
        *(PACKAGE / "sim").rglob("*.py"),
        *(PACKAGE / "transport").rglob("*.py"),
        *(PACKAGE / "chdk").rglob("*.py"),
        *(PACKAGE / "shell" / "viewing").glob("*server*.py"),
        *(PACKAGE / "shell" / "viewing").glob("cameraactions.py"),
    ]
    assert len(served) > 50
    for path in served:
        assert not names_in(path) & {"run_line", "run_command", "run_lua", "HostLua"}, path


@pytest.mark.parametrize(
    "sent",
    [
        "os.exit(9)",
        "(function() hit = true end)()",
        "{(function() hit = true return 1 end)()}",
        "('x'):rep(1e9)",
        "hit",
        "setmetatable({}, {})",
    ],
)
def test_messages_of_a_camera_call_nothing(connected: LuaDesk, sent: str) -> None:
    script = f"write_usb_msg([[{sent}]]) write_usb_msg({{text = [[{sent}]]}})"
    connected(f"con:exec([==[{script}]==])")
    assert connected(
        "local got = con:wait_msg{mtype='user'} return (util.unserialize(got.value))"
    ) in (None, False, [])
    assert connected("return con:wait_msg{mtype='user', munserialize=true}.text") == sent
    assert connected("return hit") is None


@pytest.mark.parametrize("value", ["'\\27[2J'", "{['\\27[2J'] = '\\27]0;x\\7'}"])
def test_what_a_camera_returns_reaches_no_terminal_as_it_is(value: str) -> None:
    lines = [f"!return con:execwait([[return {value}]])", f"!con:execwait([[error({value})]])"]
    done = run("-r", "--lua", "--sim", "-e", lines[0], "-e", lines[1])
    assert "27" in done.stdout + done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_names_on_the_card_are_data(tmp_path: Path) -> None:
    card = tmp_path / "card" / "DCIM" / "100CANON"
    card.mkdir(parents=True)
    (card / "'..os.exit(9)..'.JPG").write_text("x")
    done = run(
        *("-r", "--lua", "--device", f"sim:card={tmp_path / 'card'}"),
        *("-e", "!return con:listdir('A/DCIM/100CANON')", "-e", "!con:mdownload('A/DCIM', 'out')"),
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "os.exit(9)" in done.stdout
    assert [path.name for path in (tmp_path / "out").rglob("*.JPG")] == ["'..os.exit(9)..'.JPG"]
