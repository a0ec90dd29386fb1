"""Commands as declarations: what is read from a function, and how a line is bound to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated as Arg
from typing import Any

import pytest

from chdkshell.errors import UsageError
from chdkshell.shell import commands  # noqa: F401 - importing them declares them
from chdkshell.shell.advice import next_step
from chdkshell.shell.arguments import CameraPath, Integer, LuaCode, Named
from chdkshell.shell.binding import bind
from chdkshell.shell.command import REGISTRY, Command, Needs, Registry, command
from chdkshell.shell.language import WORDS_ELSEWHERE
from chdkshell.shell.parameters import ParameterKind
from chdkshell.shell.parse import RawText, split_command
from chdkshell.shell.results.general import help_detail, help_line


def declared(function: Callable[..., Any], *names: str) -> Command:
    """Declare a function in a registry of its own."""
    registry = Registry()
    command(*(names or ("cmd",)), topic="test", registry=registry)(function)
    return next(iter(registry))


def copy(
    context: object,
    source: Arg[CameraPath, "From where."],
    target: Arg[str | None, "To where."] = None,
    *,
    count: Arg[int, Integer(low=1, high=9), "How often."] = 1,
    dry: Arg[bool, "Only say."] = False,
    i32: Arg[str | bool, Named("fmt"), "As words."] = False,
    from_: Arg[str | None, "A name that is a keyword."] = None,
) -> None:
    """Copy a thing.

    More on it.
    Example: cmd a b
    Example: cmd -dry a
    """


def many(context: object, first: Arg[str, "One."], *more: Arg[CameraPath, "Others."]) -> None:
    """Take many.

    Example: cmd a
    """


def raw(context: object, code: Arg[LuaCode, "Code."]) -> None:
    """Take code.

    Example: cmd x
    """


def nothing(context: object) -> None:
    """Take nothing.

    Example: cmd
    """


def test_a_function_becomes_parameters() -> None:
    found = declared(copy, "cmd", "c")
    assert [(p.name, p.kind, p.required) for p in found.params] == [
        ("source", ParameterKind.WORD, True),
        ("target", ParameterKind.WORD, False),
        ("count", ParameterKind.VALUE, False),
        ("dry", ParameterKind.FLAG, False),
        ("i32", ParameterKind.FLAG_OR_VALUE, False),
        ("from", ParameterKind.VALUE, False),
    ]
    assert found.names == ("cmd", "c")
    assert found.summary == "Copy a thing."
    assert found.detail == "More on it."
    assert found.examples == ("cmd a b", "cmd -dry a")


def test_the_usage_comes_from_the_declaration() -> None:
    assert declared(copy).usage == (
        "cmd [-count=<n>] [-dry] [-i32[=<fmt>]] [-from=<text>] <source> [target]"
    )
    assert declared(many).usage == "cmd <first> [more...]"
    assert declared(raw).usage == "cmd <lua code> | < <file>"
    assert declared(nothing).usage == "cmd"


def test_help_has_chdkptps_columns() -> None:
    short = declared(nothing, "name", "n")
    assert help_line(short) == "name (n)                 : - Take nothing."
    assert help_line(declared(many)).startswith("cmd          <first> [more...]: - Take")
    assert help_detail(declared(copy)).splitlines()[1:] == [
        "  [-count=<n>]    How often.",
        "  [-dry]          Only say.",
        "  [-i32[=<fmt>]]  As words.",
        "  [-from=<text>]  A name that is a keyword.",
        "  <source>        From where.",
        "  [target]        To where.",
        " More on it.",
        " Example: cmd a b",
        " Example: cmd -dry a",
    ]


@pytest.mark.parametrize(
    ("line", "words", "switches"),
    [
        ("x", ["A/x"], {}),
        ("A/x y", ["A/x", "y"], {}),
        ("-dry x -count=0x3 y", ["A/x", "y"], {"dry": True, "count": 3}),
        ("--dry x", ["A/x"], {"dry": True}),
        ("-i32 x", ["A/x"], {"i32": True}),
        ("-i32=%d x", ["A/x"], {"i32": "%d"}),
        ("-from='a b' x", ["A/x"], {"from_": "a b"}),
        ("-count=1 -count=2 x", ["A/x"], {"count": 2}),
        ("x -5", ["A/x", "-5"], {}),
    ],
)
def test_binding(line: str, words: list[Any], switches: dict[str, Any]) -> None:
    assert bind(declared(copy), line) == (words, switches)


@pytest.mark.parametrize(
    ("function", "line", "message", "hint"),
    [
        (copy, "", "missing source", "usage: cmd "),
        (copy, "a b c", "unexpected args", "usage: cmd "),
        (copy, "a b; ls", "unexpected args", "a ; between two commands has blanks on both sides"),
        (copy, "-nosuch x", "unknown switch nosuch", "usage: cmd "),
        (copy, "-cuont=1 x", "unknown switch cuont", "did you mean '-count'?"),
        (copy, "-COUNT=1 x", "unknown switch COUNT", "did you mean '-count'?"),
        (copy, "-dry=1 x", "-dry takes no value", "-dry alone"),
        (copy, "-count x", "-count needs a value", "-count=<n>"),
        (copy, "-count=0 x", "0 is out of range", "1 to 9"),
        (copy, "-count=10 x", "10 is out of range", "1 to 9"),
        (copy, "-count=1.5 x", "'1.5' is not a whole number", ""),
        (copy, "-count= x", "'' is not a whole number", ""),
        (copy, "-count=0x x", "'0x' is not a whole number", ""),
        (copy, "-count=１ x", "'１' is not a whole number", ""),  # noqa: RUF001 - a wide digit
        (copy, "A/../x", "is no path on the card", ""),
        (nothing, "x", "command takes no arguments", "usage: cmd"),
        (nothing, "-x", "command takes no arguments", "usage: cmd"),
    ],
)
def test_wrong_use(function: Callable[..., Any], line: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        bind(declared(function), line)
    assert message in str(caught.value)
    assert hint in next_step(caught.value)


def test_repeated_words_and_raw_text() -> None:
    assert bind(declared(many), "a b A/c") == (["a", "A/b", "A/c"], {})
    assert bind(declared(raw), "-x 'unclosed") == ([RawText("-x 'unclosed")], {})
    assert bind(declared(raw), "< f.lua") == ([RawText("", "f.lua")], {})


def test_a_declaration_must_be_complete() -> None:
    def no_period(context: object) -> None:
        """Take nothing

        Example: cmd
        """

    def no_example(context: object) -> None:
        """Take nothing."""

    def no_help(context: object, word: Arg[str, "no period"]) -> None:
        """Take a word.

        Example: cmd
        """

    def no_default(context: object, *, flag: Arg[bool, "A flag."]) -> None:
        """Take a flag.

        Example: cmd
        """

    with pytest.raises(TypeError, match="period"):
        declared(no_period)
    with pytest.raises(TypeError, match="Example"):
        declared(no_example)
    with pytest.raises(TypeError, match="word has no help"):
        _ = declared(no_help).params
    with pytest.raises(TypeError, match="flag has no default"):
        _ = declared(no_default).params


def test_names_are_unique() -> None:
    registry = Registry()
    command("a", "b", topic="test", registry=registry)(nothing)
    with pytest.raises(TypeError, match="two commands are called b"):
        command("c", "b", topic="test", registry=registry)(nothing)


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        REGISTRY.find("downlaod")
    assert str(caught.value) == "unknown command 'downlaod'"
    assert next_step(caught.value) == "did you mean 'download'?"


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("LS -l", "did you mean 'ls'?"),
        ("dir", "did you mean 'ls'?"),
        ("Copy x y", "did you mean 'cp'?"),
        ("con", "did you mean 'connect'?"),
        ("con.model", "`!` before it runs it on this computer: `!con.model`"),
        (
            "con:execwait('x')",
            "`!` before it runs it on this computer, as Lua after `set exec=lua`: "
            "`!con:execwait('x')`",
        ),
        ("get_zoom()", "`=` before it runs it on the camera: `=get_zoom()`"),
        ("get_zoom", "`=` before it runs it on the camera: `=get_zoom()`"),
        ("print (1)", "`=` before it runs it on the camera: `=print (1)`"),
        ("os.listdir('A')", "`=` before it runs it on the camera: `=os.listdir('A')`"),
        ("return 1", "`=` before it runs it on the camera: `=return 1`"),
        (f"print('{'x' * 40}')", "`=` before it runs it on the camera"),
        ("frob(1)", "`help` lists the commands"),
        ("sleepy x", "`help` lists the commands"),
    ],
)
def test_what_an_unknown_name_was_meant_as(line: str, hint: str) -> None:
    parts = split_command(line)
    assert parts
    with pytest.raises(UsageError) as caught:
        REGISTRY.find(parts.name, line)
    assert next_step(caught.value) == hint


@pytest.mark.parametrize("line", ["rcapture a b", "rcapture -zz"])
def test_the_usage_of_many_switches_is_told_in_short(line: str) -> None:
    name, _, rest = line.partition(" ")
    with pytest.raises(UsageError) as caught:
        bind(REGISTRY.find(name), rest)
    assert next_step(caught.value) == (
        "usage: rcapture [switches] [dest]; `help rcapture` lists the switches"
    )


def test_words_of_other_shells_mean_commands() -> None:
    assert all(REGISTRY.get(meant) for meant in WORDS_ELSEWHERE.values())
    assert not any(REGISTRY.get(word) for word in WORDS_ELSEWHERE)


CHDKPTP = {
    "help": {"v"},
    "h": {"v"},
    "#": set(),
    "exec": set(),
    "!": set(),
    "set": {"v", "c"},
    "quit": set(),
    "q": set(),
    "source": set(),
    "lua": set(),
    ".": set(),
    "getm": set(),
    "putm": set(),
    "luar": set(),
    "=": set(),
    "killscript": {"noflush", "force"},
    "rmem": {"i32", "f", "buf"},
    "list": set(),
    "upload": {"nolua"},
    "u": {"nolua"},
    "download": {"nolua"},
    "d": {"nolua"},
    "delete": {
        "fmatch", "dmatch", "rmatch", "nodirs", "maxdepth", "pretend", "ignore_errors",
        "skip_topdirs",
    },
    "rm": {
        "fmatch", "dmatch", "rmatch", "nodirs", "maxdepth", "pretend", "ignore_errors",
        "skip_topdirs",
    },
    "mkdir": set(),
    "version": {"p", "l"},
    "ver": {"p", "l"},
    "connect": {"b", "d", "p", "s", "h", "nodis", "nopat"},
    "c": {"b", "d", "p", "s", "h", "nodis", "nopat"},
    "reconnect": {"wait"},
    "r": {"wait"},
    "disconnect": set(),
    "dis": set(),
    "ls": {"l"},
}  # fmt: skip
"""chdkptp's names and switches (lua/cli.lua)."""


@pytest.mark.parametrize("name", CHDKPTP)
def test_chdkptps_names_and_switches_are_there(name: str) -> None:
    assert {p.name for p in REGISTRY.find(name).switches} >= CHDKPTP[name]


@pytest.mark.parametrize("found", list(REGISTRY), ids=lambda found: found.name)
def test_every_command_is_fully_declared(found: Command) -> None:
    assert isinstance(found.needs, Needs)
    assert all(p.help for p in found.params)
    for given in found.examples:
        on_several = given.startswith("@") and found.name != "@"
        example = given.partition(" ")[2] if on_several else given
        name, rest = example, ""
        if example[0] in "!.=#":
            name, rest = example[0], example[1:].strip()
        elif " " in example:
            line = split_command(example)
            assert line is not None
            name, rest = line.name, line.rest
        assert name in found.names
        bind(found, rest)
