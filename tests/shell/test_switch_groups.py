"""Switches that several commands share: declared once, bound to one object."""

from __future__ import annotations

from typing import Annotated as Arg

import pytest

from chdkshell.chdk.card.selection import IMAGE_PATTERN
from chdkshell.chdk.templates import variables
from chdkshell.chdk.templates.luastrings import STRING_FUNCTIONS
from chdkshell.errors import UsageError
from chdkshell.shell import (
    commands,  # noqa: F401 - importing them declares them
    substitutions,
)
from chdkshell.shell.arguments import Integer
from chdkshell.shell.binding import bind
from chdkshell.shell.card.choices import IMAGE_NAMES
from chdkshell.shell.command import REGISTRY, Command, Registry, command
from chdkshell.shell.parameters import ParameterKind, Switches
from chdkshell.shell.substitutions import TemplateType


class Aim(Switches):
    far: Arg[int, Integer(low=0, high=9), "How far."] = 1
    high: Arg[bool, "Whether high."] = False


class Shot(Aim):
    name: Arg[str | None, TemplateType("name", "serial", "date"), "Its name."] = None

    def told(self) -> tuple[int, bool, str | None]:
        return self.far, self.high, self.name


FAR = Shot(far=9)


def shoot(
    context: object,
    *words: Arg[str, "Words."],
    dry: Arg[bool, "Only say."] = False,
    shot: Shot = FAR,
    last: Arg[bool, "The last one."] = False,
) -> None:
    """Shoot.

    Example: shoot
    """


def declared() -> Command:
    registry = Registry()
    command("shoot", topic="test", registry=registry)(shoot)
    return registry.find("shoot")


def test_the_switches_of_a_group_stand_where_the_group_does() -> None:
    assert [(p.name, p.kind, p.default, p.group) for p in declared().switches] == [
        ("dry", ParameterKind.FLAG, False, ""),
        ("far", ParameterKind.VALUE, 9, "shot"),
        ("high", ParameterKind.FLAG, False, "shot"),
        ("name", ParameterKind.VALUE, None, "shot"),
        ("last", ParameterKind.FLAG, False, ""),
    ]
    assert declared().usage == ("shoot [-dry] [-far=<n>] [-high] [-name=<name>] [-last] [words...]")


def test_a_line_gives_one_object_for_a_group() -> None:
    words, values = bind(declared(), "a -far=3 -dry -name=x b")
    assert words == ["a", "b"]
    assert values.pop("shot").told() == (3, False, "x")
    assert values == {"dry": True}
    assert FAR.told() == (9, False, None)
    _, values = bind(declared(), "-high")
    assert values["shot"].told() == (9, True, None)


def test_a_line_without_them_leaves_the_default() -> None:
    assert bind(declared(), "a") == (["a"], {})


def test_values_of_a_group_are_checked() -> None:
    with pytest.raises(UsageError, match="10 is out of range"):
        bind(declared(), "-far=10")


def test_a_switch_of_a_group_needs_help() -> None:
    class Silent(Switches):
        far: Arg[int, Integer(), "no period"] = 1

    silent = Silent()

    def look(context: object, *, group: Silent = silent) -> None:
        """Look.

        Example: look
        """

    registry = Registry()
    command("look", topic="test", registry=registry)(look)
    with pytest.raises(TypeError, match="far has no help"):
        _ = registry.find("look").params


def test_help_tells_what_a_template_may_have() -> None:
    detail = " ".join(declared().detail.split())
    assert detail.startswith("In -name, these stand for each file: ${serial}, ${date}, ")
    assert "${s_gsub}." in detail


@pytest.mark.parametrize("place", ["IMAGES", "FILES", "SHOOT", "CAPTURE", "FRAMES"])
def test_help_has_the_names_that_there_are(place: str) -> None:
    names = {*getattr(variables, place), *STRING_FUNCTIONS}
    assert sorted(getattr(substitutions, place).names) == sorted(names)


def test_names_are_completed_where_they_stand() -> None:
    assert substitutions.IMAGES.complete("x/${mda") == ["x/${mdate}"]
    assert substitutions.IMAGES.complete("${s_upper,${dirn") == ["${s_upper,${dirnum}"]
    assert substitutions.IMAGES.complete("name") == []


def test_the_picture_commands_choose_alike() -> None:
    choosing = [
        {(p.name, p.default, p.help) for p in REGISTRY.find(name).switches if p.group == "chosen"}
        for name in ("imdl", "imls", "imrm")
    ]
    assert choosing[0] == choosing[1] > choosing[2]
    names = {name for name, _, _ in choosing[2]}
    assert names == {
        "fmatch", "rmatch", "glob", "maxdepth", "batchsize", "dbgmem",
        "last", "imin", "imax", "dmin", "dmax",
    }  # fmt: skip


def test_the_names_of_pictures_are_those_of_the_library() -> None:
    assert IMAGE_NAMES == IMAGE_PATTERN
