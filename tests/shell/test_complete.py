"""What is offered to complete a line."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent, Completion
from prompt_toolkit.document import Document

import chdkshell.shell.commands  # noqa: F401  # they register themselves
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.luamodules import known_fields
from chdkshell.shell.command import REGISTRY
from chdkshell.shell.prompt.complete import ShellCompleter
from chdkshell.shell.prompt.luacomplete import UserNames
from chdkshell.transport.base import Device


class KnownView:
    """Stands for what is known of a camera, without one."""

    names = frozenset({"my_global", "my_table", "my_table.field"})

    def __init__(self) -> None:
        self.asked: list[str] = []

    def listing(self, folder: str) -> tuple[CardEntry, ...]:
        self.asked.append(folder)
        if folder == "A/CHDK/LUALIB/":
            return tuple(CardEntry(f"A/CHDK/LUALIB/{name}", 1) for name in ("MYLIB.LUA", "X.TXT"))
        if folder.rstrip("/").upper() not in ("A", ""):
            return ()
        entries = [
            ("DCIM", True),
            ("DISK BOOT.BIN", False),
            ("bad\x1bname", False),
            ("b\nd", False),
        ]
        return tuple(CardEntry(f"A/{name}", 1234, is_dir=is_dir) for name, is_dir in entries)

    def module_fields(self, module: str) -> dict[str, int | None]:
        self.asked.append(module)
        return known_fields(module, 6)

    def devices(self) -> list[Device]:
        return [Device("usb:001:004", "001", "004", model="Canon PowerShot X", serial="S123")]

    def earlier_devices(self) -> list[Device]:
        return [
            Device("ip:10.0.0.7:15740", model="Canon Net", serial="N9"),
            Device("usb:serial=S777", model="Canon PowerShot Y", serial="S777"),
        ]


@pytest.fixture
def names() -> UserNames:
    names = UserNames()
    names.learn("my_count = 1 function my_function() end x == 2")
    return names


@pytest.fixture
def view() -> KnownView:
    return KnownView()


@pytest.fixture
def completer(view: KnownView, names: UserNames) -> ShellCompleter:
    return ShellCompleter(None, REGISTRY, view, names)  # type: ignore[arg-type]


def offered(completer: ShellCompleter, line: str) -> dict[str, Completion]:
    """Return the completions by what the line would be with each."""
    document = Document(line)
    found = completer.get_completions(document, CompleteEvent())
    return {line[: len(line) + c.start_position] + c.text: c for c in found}


def test_a_folder_of_thousands(completer: ShellCompleter, view: KnownView) -> None:
    """While one types a part is offered, so that no key waits for it; Tab asks for all."""
    entries = tuple(CardEntry(f"A/IMG_{n:04}.JPG", 1) for n in range(5000))
    view.listing = lambda folder: entries  # type: ignore[method-assign]

    def count(event: CompleteEvent) -> int:
        return len(list(completer.get_completions(Document("ls A/"), event)))

    assert count(CompleteEvent(completion_requested=True)) == 5000
    assert count(CompleteEvent(text_inserted=True)) == 100


def test_commands_with_their_summaries(completer: ShellCompleter) -> None:
    found = offered(completer, "down")
    assert list(found) == ["download"]
    assert "Download a file" in found["download"].display_meta_text
    assert "rm" in offered(completer, "r")
    assert offered(completer, "r")["rm"].display_text == "rm (delete)"
    assert {"lua", "luar", "ls"} <= offered(completer, "").keys()


@pytest.mark.parametrize("line", ["ptp", "ptp ", "ptp  ", "df ; ptp "])
def test_the_second_word_of_a_name(completer: ShellCompleter, line: str) -> None:
    before = line.partition("ptp")[0]
    assert {f"{before}ptp info", f"{before}ptp raw"} <= offered(completer, line).keys()
    assert all(found.startswith(f"{before}ptp ") for found in offered(completer, line))


@pytest.mark.parametrize(
    "watched", ["", "l", "downl", "ls -", "download -overwrite=", "luar get_t", " df", "ptp "]
)
def test_what_watch_repeats_is_completed_as_without(
    completer: ShellCompleter, watched: str
) -> None:
    expected = [f"watch 2 {line}" for line in offered(completer, watched)]
    assert list(offered(completer, f"watch 2 {watched}")) == expected != []
    assert offered(completer, "watch 2") == {}


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
    assert list(offered(completer, "imdl -sort=s")) == ["imdl -sort=size", "imdl -sort=shot"]
    assert list(offered(completer, "connect -s=")) == ["connect -s=S123", "connect -s=S777"]
    assert "connect ip:10.0.0.7:15740" in offered(completer, "connect ip:1")
    assert offered(completer, 'connect "Canon N') == {}
    assert 'connect "Canon PowerShot Y"' in offered(completer, "connect Can")
    assert "connect usb:001:004" in offered(completer, "connect us")
    assert 'connect "Canon PowerShot X"' in offered(completer, "connect Can")
    assert "help get_tv96" in offered(completer, "help get_t")
    assert "help download" in offered(completer, "help d")
    assert "help files" in offered(completer, "help fi")
    assert 'help "live view"' in offered(completer, "help li")


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


def metas(completer: ShellCompleter, line: str) -> dict[str, str]:
    """Return what is said of each completion, by what the line would be with it."""
    return {line: c.display_meta_text for line, c in offered(completer, line).items()}


def test_modules(completer: ShellCompleter) -> None:
    assert list(offered(completer, "=require'p")) == ["=require'propcase'"]
    assert list(offered(completer, '=require("GEN/')) == [
        '=require("gen/cnf_core"',
        '=require("gen/cnf_osd"',
    ]
    assert list(offered(completer, "=require'my")) == ["=require'mylib'"]


def test_properties_by_name_and_number(completer: ShellCompleter) -> None:
    """Numbers of property set 6: include/propset6.h of CHDK."""
    assert metas(completer, "=require'propcase'.USER_T") == {"=require'propcase'.USER_TV": "267"}
    assert metas(completer, '=require("propcase").user_t') == {
        '=require("propcase").USER_TV': "267"
    }
    assert metas(completer, "=p=require'propcase' x = p.USER_T") == {
        "=p=require'propcase' x = p.USER_TV": "267"
    }
    assert metas(completer, "=get_prop(USER_T") == {"=get_prop(require'propcase'.USER_TV": "267"}
    assert metas(completer, "=set_prop(26") == {
        "=set_prop(264": "TV2",
        "=set_prop(265": "TV",
        "=set_prop(267": "USER_TV",
    }
    assert "=get_prop(require'propcase'.TV" in offered(completer, "=get_prop(")
    assert not any("propcase" in line for line in offered(completer, "=set_prop(265, T"))


def test_a_variable_that_holds_a_module(completer: ShellCompleter, names: UserNames) -> None:
    names.learn("props=require'propcase' conf = require('GEN/cnf_core')")
    assert metas(completer, "luar return props.USER_T") == {"luar return props.USER_TV": "267"}
    assert metas(completer, "luar get_prop(USER_T") == {"luar get_prop(props.USER_TV": "267"}
    assert metas(completer, "luar x = get_config_value(save_raw_in_v") == {
        "luar x = get_config_value(conf.save_raw_in_video": "1025"
    }
    assert metas(completer, "luar conf.remote_en") == {
        "luar conf.remote_enable": "1200",
        "luar conf.remote_enable_scripts": "1206",
    }


def test_settings_by_number(completer: ShellCompleter) -> None:
    """Numbers of core/conf.c of CHDK."""
    assert metas(completer, "=set_config_value(210") == {
        "=set_config_value(2100": "batt_volts_max",
        "=set_config_value(2101": "batt_volts_min",
        "=set_config_value(2102": "batt_perc_show",
        "=set_config_value(2103": "batt_volts_show",
        "=set_config_value(2104": "batt_icon_show",
    }


def test_no_module_is_loaded_that_the_user_has_not_loaded(
    completer: ShellCompleter, view: KnownView, names: UserNames
) -> None:
    offered(completer, "=m=require'mylib' m.x")
    assert view.asked == []
    names.learn("m=require'mylib'")
    offered(completer, "=m.x")
    assert view.asked == ["mylib"]


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
