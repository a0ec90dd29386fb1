"""Completion for PowerShell: read back by a grammar of that language, since none runs here."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated as Arg
from typing import Any

import pytest
import tree_sitter
import tree_sitter_powershell

import chdkshell.shell.commands  # noqa: F401  # they register themselves
from chdkshell.shell.command import REGISTRY, Registry, command
from chdkshell.shell.completions import FOLDER, run_install
from chdkshell.shell.emit.powershell import powershell
from chdkshell.shell.program import OPTIONS, VERBS

Node = Any
SCRIPT = FOLDER / "chdkshell.ps1"


def parse(text: str) -> Node:
    """Return the root of a script's tree. Fails where the script is not PowerShell."""
    language = tree_sitter.Language(tree_sitter_powershell.language())
    root = tree_sitter.Parser(language).parse(text.encode()).root_node
    assert not root.has_error, [n.text for n in nodes(root) if n.type == "ERROR" or n.is_missing]
    return root


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from nodes(child)


def strings(node: Node) -> list[str]:
    """Return the texts between single quotes, as PowerShell reads them."""
    return [
        n.text.decode()[1:-1].replace("''", "'")
        for n in nodes(node)
        if n.type == "verbatim_string_characters"
    ]


def tables(root: Node, table: str) -> dict[str, list[str]]:
    """Return what the script puts into a table under each key: the items."""
    found: dict[str, list[str]] = {}
    for node in nodes(root):
        if node.type == "foreach_statement" and f"${table}[$name] = @(" in node.text.decode():
            *_, body = node.children
            items = strings(body)
            keys = strings(node)[: -len(items)] if items else strings(node)
            assert not found.keys() & set(keys)
            found.update(dict.fromkeys(keys, items))
    return found


def commands(root: Node) -> list[str]:
    """Return the items of what completes commands."""
    (made,) = (
        node
        for node in nodes(root)
        if node.type == "assignment_expression" and node.text.startswith(b"$commands = @(")
    )
    return strings(made)


@pytest.fixture(scope="module")
def root() -> Node:
    return parse(SCRIPT.read_text("utf-8"))


def test_a_broken_script_is_seen() -> None:
    with pytest.raises(AssertionError):
        parse("function Show-Item($items { 'it's' }")


def test_every_command_is_there_with_what_it_does(root: Node) -> None:
    assert commands(root) == [
        f"{name}|{known.summary}" for known in REGISTRY for name in known.names if name.isalnum()
    ]


def test_every_switch_is_there_by_every_name_of_its_command(root: Node) -> None:
    assert tables(root, "switches") == {
        name: [f"-{param.name}|{param.help}" for param in known.switches]
        for known in REGISTRY
        for name in known.names
        if known.switches and name.isalnum()
    }


def test_every_option_is_there(root: Node) -> None:
    options = tables(root, "options")
    assert options.pop("") == [
        *(f"{verb.name}|{verb.help}" for verb in VERBS),
        *(f"{option.name}|{option.help}" for option in OPTIONS),
    ]
    assert options == {
        verb.name: [f"{option.name}|{option.help}" for option in verb.options] for verb in VERBS
    }
    values = tables(root, "values")
    assert values["--device"] == ["usb:|usb:", "ip:|ip:", "ssh:|ssh:", "sim:|sim:"]
    assert values["sim --sensor"] == ["10|10", "12|12", "14|14"]


def test_no_item_is_without_its_half(root: Node) -> None:
    """A word without an explanation is an error of PowerShell's, and completes nothing."""
    kinds = ("switches", "options", "values")
    items = [item for kind in kinds for its in tables(root, kind).values() for item in its]
    assert len(items) > 300
    for item in items + commands(root):
        assert re.fullmatch(r"[^\s|]+\|\S.*", item), item


def test_windows_powershell_reads_it_whatever_the_language_of_the_system() -> None:
    """Without a BOM it takes text for that of the system's code page."""
    assert SCRIPT.read_bytes().isascii()


def test_texts_with_quotes_come_through() -> None:
    registry = Registry()

    @command("odd", "o", topic="general", registry=registry)
    def odd(
        context: object,
        *,
        q: Arg[bool, 'It\'s "quoted": $x, `y`, a|b, {z} and @(1).'] = False,
    ) -> None:
        """Don't say $this, "that" or `the other`; @{}.

        Example: odd
        """

    text = powershell(list(registry))
    read = parse(text)
    assert tables(read, "switches") == {
        name: ['-q|It\'s "quoted": $x, `y`, a|b, {z} and @(1).'] for name in ("odd", "o")
    }
    assert commands(read)[0] == 'odd|Don\'t say $this, "that" or `the other`; @{}.'


# ---- put in place ----


@pytest.fixture
def windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "it's local"))
    return tmp_path / "it's local/chdkshell/chdkshell.ps1"


def test_on_windows_it_is_put_in_place(windows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_install([]) == 0
    out, err = capsys.readouterr()
    assert out == f"{windows}: written\n"
    assert windows.read_bytes() == SCRIPT.read_bytes()
    line = re.search(r"put the line  (.+)  into the file that \$PROFILE names", err)
    assert line
    assert strings(parse(line[1])) == [str(windows)], "it can be typed as it stands"
    assert "zsh" not in err
    assert run_install(["--uninstall"]) == 0
    assert not windows.exists()


def test_what_is_not_by_chdkshell_stays(windows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    windows.parent.mkdir(parents=True)
    windows.write_text("# mine\n")
    assert run_install(["--uninstall"]) == 1
    assert "is not by chdkshell, and stays as it is" in capsys.readouterr().err
    assert windows.read_text() == "# mine\n"


@pytest.mark.parametrize("has_pwsh", [True, False])
def test_elsewhere_only_who_has_powershell_hears_of_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    has_pwsh: bool,
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda name: "pwsh" if has_pwsh else None)
    assert run_install([]) == 0
    script = tmp_path / "chdkshell/chdkshell.ps1"
    assert script.read_bytes() == SCRIPT.read_bytes()
    said = capsys.readouterr().err
    assert (f"PowerShell: put the line  . '{script}'  into" in said) is has_pwsh
    assert "zsh: put fpath=" in said
