"""Scripts of CHDK's menu made to run by themselves: values, kept settings, templates."""

from __future__ import annotations

import pytest

from chdkshell.chdk.menuscript import MenuScript
from chdkshell.errors import UsageError
from chdkshell.shell.advice import next_step

SOURCE = b"""--[[
@title Lapse
@chdk_version 1.5
@param n Count
@default n 2
@range n 1 9
#mode=1 "Mode" {Off 200 Fast}
#size=2 "Size" {L M S} table
#raw=false "Raw"
]]
return n, mode, size.value, raw
"""

OLD = b"--[[\n@title Old\n@param a A\n@default a 1\n]]\nreturn a\n"


def chosen(*words: str) -> dict[str, int | str]:
    script = MenuScript(SOURCE)
    for word in words:
        name, _, value = word.partition("=")
        script.choose(name, value)
    return script.named_values


def test_values_are_those_of_the_header() -> None:
    assert chosen() == {"n": 2, "mode": "200", "size": "M", "raw": 0}


@pytest.mark.parametrize(
    ("word", "name", "value"),
    [
        ("n=9", "n", 9),
        ("n=0x5", "n", 5),
        ("mode=2", "mode", "Fast"),
        ("mode=0", "mode", "Off"),
        ("mode.value=200", "mode", "200"),
        ("size=1", "size", "L"),
        ("size.value=S", "size", "S"),
        ("raw=1", "raw", True),
        ("raw=true", "raw", True),
    ],
)
def test_numbers_are_as_in_the_header_and_labels_as_values(
    word: str, name: str, value: int | str
) -> None:
    assert chosen(word)[name] == value


@pytest.mark.parametrize(
    "word",
    [
        *("n=10", "n=x", "n=", "n.value=2", "mode=3", "mode=200", "mode=-1", "mode.value=fast"),
        *("size=0", "size=4", "size=M", "raw=2", "other=1", "other.value=1"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(word: str) -> None:
    with pytest.raises(UsageError) as raised:
        chosen(word)
    assert next_step(raised.value)


def test_settings_are_kept_as_the_menu_keeps_them() -> None:
    script = MenuScript(SOURCE)
    script.choose("size.value", "S")
    script.choose("raw", "true")
    kept = script.settings()
    assert kept == "#n=2\n#mode=1\n#size=2\n#raw=1\n"
    other = MenuScript(SOURCE)
    assert other.take_settings(kept.replace("\n", "\r\n")) == []
    assert other.values == script.values


def test_settings_that_do_not_fit_are_told_and_left_out() -> None:
    script = MenuScript(SOURCE)
    problems = script.take_settings("#n=77\n#size=3\n#gone=1\n\n#raw=1\n")
    assert problems == [
        "n cannot be 77: it stays as it was",
        "size cannot be 3: it stays as it was",
        "the script has no parameter gone",
        "mode is not among the settings",
    ]
    assert script.named_values == {"n": 2, "mode": "200", "size": "M", "raw": True}
    with pytest.raises(UsageError, match="line 2 is no setting"):
        script.take_settings("#n=1\nn=2\n")


def test_a_chunk_keeps_the_lines_of_the_script() -> None:
    chunk = MenuScript(SOURCE).chunk()
    assert chunk.split("\n")[1:] == SOURCE.decode().split("\n")[1:]
    first = chunk.split("\n")[0]
    assert first.startswith("n=2 mode=1 size={")
    assert first.endswith("raw=false --[[")


def test_old_scripts_have_the_functions_of_their_version() -> None:
    assert MenuScript(OLD).chunk().startswith("a=1 require'wrap13' --[[")
    assert "wrap13" not in MenuScript(SOURCE).chunk()


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("X.LUA", "A/CHDK/SCRIPTS/X.LUA"),
        ("MINE/X.LUA", "A/MINE/X.LUA"),
        ("A/CHDK/X.LUA", "A/CHDK/X.LUA"),
    ],
)
def test_a_file_of_the_card_is_loaded_in_its_place(name: str, path: str) -> None:
    chunk = MenuScript(SOURCE).chunk(loads=name)
    assert chunk.endswith(f' loadfile("{path}")()')
    assert "return n" not in chunk


def test_a_template_has_places_for_the_parts() -> None:
    template = "note\n--[!glue:start]\n-- head\n  --[!glue:vars]\nn=n+1\n--[!glue:body]\n-- end\n"
    made = MenuScript(SOURCE).chunk(template)
    head, *variables, body = [*made.partition("n=n+1\n")[0].splitlines(), "-"]
    assert (head, variables[0], body) == ("-- head", "n=2", "-")
    assert len(variables) == 4
    assert made.partition("n=n+1\n")[2] == f"{SOURCE.decode()}\n-- end"
    alone = MenuScript(SOURCE).chunk("-- head")
    assert alone.startswith("-- head\nn=2\nmode=1\n")


@pytest.mark.parametrize(
    "template",
    [
        "--[!glue:body]\n--[!glue:vars]",
        "--[!glue:vars]\n--[!glue:start]",
        "--[!glue:vars]\n--[!glue:vars]",
        "--[!glue:vars]\n--[!glue:body]\n--[!glue:body]",
    ],
)
def test_places_out_of_order_are_refused(template: str) -> None:
    with pytest.raises(UsageError, match=r"line \d of the template"):
        MenuScript(SOURCE).chunk(template)


def test_a_file_says_what_its_parameters_are_for() -> None:
    lines = MenuScript(SOURCE).text().splitlines()
    assert lines[:3] == ["-- Lapse", "n=2 -- Count: 1 to 9", "mode=1 -- Mode: Off, 200 or Fast"]
    assert lines[5] == "--[["
