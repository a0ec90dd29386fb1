"""Colours that can be read: on black and on white where the background is not known."""

# needs: POSIX

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.terminal import Terminal

from chdkshell.shell import themes
from chdkshell.shell.prompt.highlight import COLOURS, OWN_BACKGROUND
from chdkshell.shell.results.drawing import LUA_COLOURS
from chdkshell.shell.terminal import richconsole

BLACK, WHITE = (0, 0, 0), (255, 255, 255)
BACKGROUNDS = {"both": [BLACK, WHITE], "dark": [BLACK], "light": [WHITE], "none": []}
LEAST = 3.0


def luminance(colour: tuple[int, int, int]) -> float:
    """Return the relative luminance, as WCAG 2 defines it."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (x / 255 for x in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast((205, 205, 0), WHITE) < 2  # the yellow that nobody could read


@pytest.mark.parametrize("name", themes.THEMES)
def test_all_colours_can_be_read(name: str) -> None:
    colours = themes.THEMES[name]
    assert set(colours) == (set(themes.ROLES) if name != "none" else set())
    for role, number in colours.items():
        for background in BACKGROUNDS[name]:
            found = contrast(themes.red_green_blue(number), background)
            assert found >= LEAST, (name, role, number, found)


def test_what_brings_its_background_can_be_read() -> None:
    own = themes.red_green_blue(236)  # 303030
    for part, look in OWN_BACKGROUND.items():
        words = look.replace("noreverse", "").split()
        colours = [word for word in words if word.startswith("#")]
        backgrounds = [word.removeprefix("bg:") for word in words if word.startswith("bg:")]
        for colour in colours:
            on = _rgb(backgrounds[0]) if backgrounds else own
            assert contrast(_rgb(colour), on) >= LEAST, part


def _rgb(text: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(text.lstrip("#"))
    return red, green, blue


def test_every_part_has_a_role() -> None:
    roles = {role for role, _ in COLOURS.values()}
    roles |= set(LUA_COLOURS.values()) | set(richconsole._PARTS.values())
    assert roles <= set(themes.ROLES)


def test_nothing_has_a_colour_of_its_own() -> None:
    """What is drawn takes the name of a role; a name of a colour is one that nobody measured."""
    folder = Path(themes.__file__).parent
    named = re.compile(r'"(?:bold )?(?:red|green|yellow|blue|magenta|cyan|dim)"')
    found = [
        f"{path.name}: {match[0]}"
        for part in ("results", "output", "terminal", "viewing")
        for path in (folder / part).glob("*.py")
        for match in named.finditer(path.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("told", "theme"),
    [
        ("15;0", "dark"),
        ("0;15", "light"),
        ("0;default;15", "light"),
        ("12;8", "dark"),
        ("0;7", "light"),
        ("0;default", "both"),
        ("", "both"),
        ("0;99", "both"),
        ("0;\u0661", "both"),
    ],
)
def test_the_environment_is_believed(
    monkeypatch: pytest.MonkeyPatch, told: str, theme: str
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLORFGBG", told)
    monkeypatch.setattr(themes, "_chosen", "auto")
    assert themes.current() == theme
    monkeypatch.setattr(themes, "_chosen", "dark")
    assert themes.current() == "dark"
    monkeypatch.setenv("NO_COLOR", "1")
    assert themes.current() == "none"


def seen(home: Path, lines: list[str], text: str, **settings: str) -> tuple[str, str]:
    """Run lines at a terminal; return the colour of `text` there, and all that was written."""
    commands = [word for line in lines for word in ("-e", line)]
    settings.setdefault("NO_COLOR", "")
    with Terminal("-r", "--sim", *commands, home=home, **settings) as terminal:  # type: ignore[arg-type]
        terminal.wait_end()
        return terminal.attributes(text)[0][0], terminal.raw


def test_set_theme_changes_what_is_shown(tmp_path: Path) -> None:
    colours = [
        seen(tmp_path, [f"set theme={theme}", "ls -l"], "DCIM/")[0]
        for theme in ("auto", "dark", "light", "none")
    ]
    blue = ["{:02x}{:02x}{:02x}".format(*themes.red_green_blue(n)) for n in (33, 75, 25)]
    assert colours == [*blue, "default"]


def test_warnings_and_errors(tmp_path: Path) -> None:
    assert seen(tmp_path, ["nope"], "ERROR:")[0] == "red"
    assert seen(tmp_path, ["nope"], "ERROR:", COLORFGBG="0;15")[0] == "d70000"
    assert seen(tmp_path, ["nope"], "ERROR:", NO_COLOR="1")[0] == "default"
    assert seen(tmp_path, ["set theme=none", "nope"], "ERROR:")[0] == "default"
    assert (
        seen(tmp_path, ["mdl -nodirs -glob=NO DCIM out"], "WARNING:", COLORFGBG="0;15")[0]
        == "875f00"
    )


def test_signs_of_lua_are_as_other_text(tmp_path: Path) -> None:
    line = "luar return {a=1}"
    with Terminal("-r", "--sim", home=tmp_path, NO_COLOR="") as terminal:
        terminal.wait_prompt("> ")
        terminal.type(line)
        terminal.wait_for(line)
        terminal.wait(lambda: terminal.attributes("{a=1}")[3][0] == "af8700")
        assert terminal.attributes("{a=1}")[0][0] == "default"
        assert "\x1b]11;?" not in terminal.raw, "no terminal is asked for its colours"
