"""Help, and what is known of CHDK's functions."""

from __future__ import annotations

import re

import pytest
from support.shell_process import PROJECT, run

import chdkshell.shell.commands  # noqa: F401  # they register themselves
from chdkshell.shell import knowledge
from chdkshell.shell.command import REGISTRY
from chdkshell.shell.results.helppages import help_page


def firmware_names() -> set[str]:
    """Return what the firmware's Lua has, as `shoot` and `os.stat`."""
    text = (PROJECT / "tests" / "data" / "globals.txt").read_text("utf-8")
    functions, _, rest = text.partition("tables:")
    names = set(functions.replace("functions:", "").split())
    table = ""
    for word in rest.partition("other:")[0].split():
        if word.endswith(":"):
            table = word[:-1]
        else:
            names.add(f"{table}.{word}")
    return names


def test_all_functions_of_the_firmware_are_known() -> None:
    names = firmware_names()
    assert len(names) > 350
    assert names <= knowledge.functions().keys()
    assert set(knowledge.functions()) - names == {"_VERSION"}


def test_what_is_known_is_well_formed() -> None:
    for function in knowledge.functions().values():
        assert function.what.endswith("."), function
        assert re.fullmatch(r"(1\.\d)?", function.since), function
        assert function.topic
        assert function.name in function.signature


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("get_tv96", ["tv = get_tv96()", "APEX*96"]),
        ("os.stat", ["os.stat(path)"]),
        ("muldiv", ["imath.muldiv(a, b, c)", "since CHDK 1.2"]),
        ("files", ["download (d)", "mkdir"]),
        ("connection", ["doctor"]),
        ("download", ["download (d)", "Example: download"]),
        ("ptp raw", ["ptp raw ", "Example: ptp raw GetStorageIDs"]),
    ],
)
def test_help_finds(topic: str, words: list[str]) -> None:
    done = run("-r", "-e", f"help {topic}")
    assert done.returncode == 0
    for word in words:
        assert word in done.stdout


def test_help_suggests() -> None:
    assert "did you mean 'download'" in run("-r", "-e", "help downlaod").stderr
    assert "did you mean 'sleep'" in run("-r", "-e", "help sleeep").stderr
    assert "did you mean 'rich'" in run("-r", "-e", "set output=rihc").stderr


def test_a_command_and_a_function_of_one_name_are_both_found() -> None:
    shown = run("-r", "-e", "set output=rich", "-e", "help shoot", COLUMNS="100").stdout
    assert "see also" in shown
    assert "shoot([count])" in shown


@pytest.mark.parametrize("command", list(REGISTRY), ids=lambda command: command.name)
def test_each_command_has_a_page(command: object) -> None:
    from rich.console import Console

    console = Console(width=80, no_color=True)
    with console.capture() as captured:
        console.print(help_page((command,), ()))  # type: ignore[arg-type]
    for heading in ("usage", "examples"):
        assert heading in captured.get()
