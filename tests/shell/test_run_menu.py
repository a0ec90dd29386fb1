"""`run -menu`: with the values that were chosen in the camera's menu."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.shell_process import run
from support.shooting_shell import ShootingShell, shooting_shell

SCRIPT = """--[[
@title Pages
@param n Pages
@default n 5
@range n 1 100
#mode=1 "Mode" {Slow Fast} table
#raw=false "Raw"
]]
print(n, mode.value, raw)
"""


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    card = tmp_path / "card/CHDK"
    for folder in ("SCRIPTS", "DATA"):
        (card / folder).mkdir(parents=True)
    (card / "SCRIPTS/PAGES.LUA").write_text(SCRIPT)
    return card


@pytest.fixture
def shell(card: Path) -> Iterator[ShootingShell]:
    with shooting_shell(card.parent, record=False) as shell:
        yield shell


KEPT = "#n=7\n#mode=1\n#raw=1\n"


@pytest.mark.parametrize(
    ("files", "line", "printed", "told"),
    [
        ({"PAGES.0": KEPT}, "run PAGES", "5 Slow false", []),
        ({"PAGES.0": KEPT}, "run -menu PAGES", "7 Fast true", ["0: n=7 mode=Fast raw=true"]),
        ({"PAGES.0": KEPT}, "run -menu PAGES n=9", "9 Fast true", ["0: n=7 mode=Fast raw=true"]),
        (
            {"PAGES.cfg": "3", "PAGES.0": "#n=1\n", "PAGES.3": KEPT},
            "run -menu PAGES",
            "7 Fast true",
            ["3: n=7 mode=Fast raw=true"],
        ),
        (
            {"PAGES_0": "@param n Pages\n@default n 7\n@default mode 1\n@default raw 1\n"},
            "run -menu PAGES",
            "7 Fast true",
            ["_0: n=7 mode=Fast raw=true"],
        ),
    ],
)
def test_what_was_chosen_in_the_menu(
    shell: ShootingShell,
    card: Path,
    files: dict[str, str],
    line: str,
    printed: str,
    told: list[str],
) -> None:
    for name, text in files.items():
        (card / "DATA" / name).write_text(text)
    ok, out, err = shell.try_(line)
    assert (ok, out) == (True, [printed])
    assert len(err) == len(told)
    assert all(said.endswith(end) for said, end in zip(err, told, strict=True))


@pytest.mark.parametrize(
    ("files", "printed", "warning"),
    [
        ({}, "5 Slow false", "the menu keeps no values for A/CHDK/SCRIPTS/PAGES.LUA"),
        ({"PAGES.cfg": "10", "PAGES.0": KEPT}, "5 Slow false", "the menu keeps no values"),
        ({"PAGES.cfg": "99", "PAGES.0": KEPT}, "7 Fast true", ""),
        ({"PAGES.0": KEPT + "#z=1\n"}, "5 Slow false", "is of another script, with z"),
        ({"PAGES.0": KEPT.replace("7", "700")}, "5 Fast true", "n cannot be 700: it stays"),
        ({"PAGES.0": "\xff\x00garbage"}, "5 Slow false", "n is not among the settings"),
    ],
)
def test_what_does_not_fit_is_told(
    shell: ShootingShell, card: Path, files: dict[str, str], printed: str, warning: str
) -> None:
    for name, text in files.items():
        (card / "DATA" / name).write_text(text, "latin-1")
    ok, out, err = shell.try_("run -menu PAGES")
    assert (ok, out) == (True, [printed])
    assert any(line.startswith("WARNING: ") and warning in line for line in err) == bool(warning)


def test_a_script_of_this_computer_by_its_name(shell: ShootingShell, card: Path) -> None:
    """The menu cuts long names, and names its files without the script's own folder."""
    Path("pages_of_a_book.lua").write_text(SCRIPT)
    (card / "DATA/pages_of_a_b.0").write_text(KEPT)
    ok, out, _ = shell.try_("run -menu pages_of_a_book.lua")
    assert (ok, out) == (True, ["7 Fast true"])


def test_a_list_shows_the_defaults() -> None:
    done = run("--sim", "-r", "-e", "run -list -menu INTERVAL", "-e", "help run")
    assert done.stderr.startswith("ERROR: -list shows the defaults; `run -menu SCRIPT` tells")
    assert "have the defaults of the header" in done.stdout.replace("\n ", " ")
