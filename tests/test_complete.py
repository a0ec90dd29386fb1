"""What is offered to complete a line."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent, Completion
from prompt_toolkit.document import Document

from chdkshell.chdk.card.facts import DirEntry
from chdkshell.shell.dispatch import REGISTRY
from chdkshell.shell.prompt.complete import ShellCompleter, UserNames
from chdkshell.transport.base import Device


class KnownView:
    """Stands for what is known of a camera, without one."""

    names = frozenset({"my_global", "my_table", "my_table.field"})

    def __init__(self) -> None:
        self.asked: list[str] = []

    def listing(self, folder: str) -> tuple[DirEntry, ...]:
        self.asked.append(folder)
        if folder.rstrip("/").upper() not in ("A", ""):
            return ()
        entries = [("DCIM", True), ("DISK BOOT.BIN", False), ("bad\x1bname", False)]
        return tuple(DirEntry(name, 1234, 0, 0, is_dir, not is_dir) for name, is_dir in entries)

    def devices(self) -> list[Device]:
        return [Device("usb:001:004", "001", "004", model="Canon PowerShot X", serial="S123")]


@pytest.fixture
def completer() -> ShellCompleter:
    names = UserNames()
    names.learn("my_count = 1 function my_function() end x == 2")
    return ShellCompleter(None, REGISTRY, KnownView(), names)  # type: ignore[arg-type]


def offered(completer: ShellCompleter, line: str) -> dict[str, Completion]:
    """Return the completions by what the line would be with each."""
    document = Document(line)
    found = completer.get_completions(document, CompleteEvent())
    return {line[: len(line) + c.start_position] + c.text: c for c in found}


def test_commands_with_their_summaries(completer: ShellCompleter) -> None:
    found = offered(completer, "down")
    assert list(found) == ["download"]
    assert "Download a file" in found["download"].display_meta_text
    assert "rm" in offered(completer, "r")
    assert offered(completer, "r")["rm"].display_text == "rm (delete)"
    assert {"lua", "luar", "ls"} <= offered(completer, "").keys()


def test_switches_that_are_not_given_yet(completer: ShellCompleter) -> None:
    assert "download -nolua" in offered(completer, "download -")
    assert "download -nolua " not in offered(completer, "download -nolua -n")
    assert "download -nolua -nolua" not in offered(completer, "download -nolua -n")
    assert "connect -s=" in offered(completer, "connect -")
    assert "connect --nopat" in offered(completer, "connect --nop")


def test_values(completer: ShellCompleter) -> None:
    assert list(offered(completer, "set cli_err")) == ["set cli_error_exit"]
    assert "set output=json" in offered(completer, "set output=")
    assert list(offered(completer, "download -overwrite=o")) == ["download -overwrite=old"]
    assert list(offered(completer, "connect -s=S")) == ["connect -s=S123"]
    assert "connect usb:001:004" in offered(completer, "connect us")
    assert 'connect "Canon PowerShot X"' in offered(completer, "connect Can")
    assert "help get_tv96" in offered(completer, "help get_t")
    assert "help download" in offered(completer, "help d")


def test_camera_paths(completer: ShellCompleter) -> None:
    assert list(offered(completer, "ls D")) == ["ls DCIM/", 'ls "DISK BOOT.BIN"']
    assert list(offered(completer, "ls A/dc")) == ["ls A/DCIM/"]
    assert list(offered(completer, "ls 'A/DI")) == ["ls 'A/DISK BOOT.BIN'"]
    assert list(offered(completer, "rm X A/DC")) == ["rm X A/DCIM/"]
    assert not any("\x1b" in line for line in offered(completer, "ls "))


def test_local_paths(
    completer: ShellCompleter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "script one.lua").write_text("")
    (tmp_path / "scripts").mkdir()
    (tmp_path / ".hidden").write_text("")
    assert list(offered(completer, "luar < sc")) == ['luar < "script one.lua"', "luar < scripts/"]
    assert list(offered(completer, f"source {tmp_path}/scripts")) == [f"source {tmp_path}/scripts/"]
    assert "source .hidden" not in offered(completer, "source ")
    assert list(offered(completer, "source .h")) == ["source .hidden"]
    assert offered(completer, "source /nonexistent/") == {}


@pytest.mark.parametrize("command", ["lua ", "luar return ", ".", "="])
def test_lua(completer: ShellCompleter, command: str) -> None:
    found = offered(completer, f"{command}get_tv")
    assert f"{command}get_tv96" in found
    assert "APEX" not in found[f"{command}get_tv96"].display_text
    assert found[f"{command}get_tv96"].display_text == "tv = get_tv96()"
    assert f"{command}os.stat" in offered(completer, f"{command}os.s")
    assert f"{command}imath.sind" in offered(completer, f"{command}imath.si")
    assert f"{command}my_global" in offered(completer, f"{command}my_")
    assert f"{command}my_table.field" in offered(completer, f"{command}my_table.")
    assert f"{command}my_function" in offered(completer, f"{command}my_")
    assert f"{command}my_count" in offered(completer, f"{command}my_c")
    assert f"{command}repeat" in offered(completer, f"{command}rep")
    assert offered(completer, f"{command}'get_tv") == {}
    assert offered(completer, f"{command}x() -- get_tv") == {}


def test_a_failure_offers_nothing(
    monkeypatch: pytest.MonkeyPatch, completer: ShellCompleter, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: KnownView, folder: str) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(KnownView, "listing", fail)
    with caplog.at_level(logging.ERROR):
        assert offered(completer, "ls D") == {}
    assert "completion failed" in caplog.text


@pytest.mark.parametrize(
    "line", ["-", "d '", 'd "\\', "nosuch ", "nosuch -x", "!x", "# a", "quit "]
)
def test_odd_lines_are_no_trouble(
    completer: ShellCompleter, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    offered(completer, line)
    assert "failed" not in caplog.text
