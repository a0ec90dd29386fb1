"""Values of the commands that shoot: what is wrong never gets to the camera, and is one line."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.shooting_shell import ShootingShell, shooting_shell

from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import ChdkError

SHARED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

EXPOSURE = ("tv", "sv", "svm", "av", "isomode", "sd", "sdmode", "nd", "u")
COMMANDS = {
    "shoot": (*EXPOSURE, "cfmt", "raw", "dng", "shots", "int"),
    "rcapture": (*EXPOSURE, "s", "c", "badpix", "shotwait", "cont", "quick", "shots", "int"),
    "rsint": (*EXPOSURE, "s", "c", "badpix", "shotwait", "cmdwait"),
}
SWITCHES = [(command, switch) for command, names in COMMANDS.items() for switch in names]

NO_NUMBERS = (
    *("nan", "NaN", "-nan", "inf", "-inf", "Infinity", "0x10p3", "1_000", "1,5", "1.2.3", "--1"),
    *("\u0661", "\uff11", "\u00b2", "1e", "e5", ".", "-", "+", "1/", "/2", "1//2", "1/2/3", "1/-2"),
    *("1e999", "-1e999", "9" * 400, "-0." + "0" * 400 + "1", "1/" + "9" * 400, "1e-400"),
    *("1.5mx", "1m1", "10 c m", "2ly", "m", "mm", "-1m", "1e3m", "0x10m", "nanm", "99999999999m"),
)


class Camera:
    """A shell whose camera notes each script that gets to it, and runs none."""

    def __init__(self, shell: ShootingShell) -> None:
        self.shell = shell
        self.scripts: list[str] = []

    def give(self, command: str, switch: str, value: str) -> str:
        """Run a command with one switch; return what it says, which must be an error."""
        self.scripts.clear()
        ok, out, err = self.shell.try_(f"{command} -{switch}='{value}'")
        assert (ok, out) == (False, [])
        *warnings, error = err
        assert all(line.startswith("WARNING: ") for line in warnings), err
        assert error.startswith("ERROR: "), err
        assert "bug" not in error
        return error


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Camera]:
    with (
        shooting_shell(tmp_path_factory.mktemp("card")) as shell,
        pytest.MonkeyPatch.context() as patch,
    ):
        camera = Camera(shell)

        def start(scripts: Scripts, code: str | bytes, **options: object) -> None:
            camera.scripts.append(code if isinstance(code, str) else code.decode())
            raise ChdkError("the camera was reached")

        patch.setattr(Scripts, "start", start)
        yield camera


def numbers_in(script: str) -> dict[str, int]:
    """Return the options with numbers that a script has."""
    return {name: int(value) for name, value in re.findall(r"(\w+)=(-?[0-9]+)\b", script)}


@pytest.mark.parametrize(("command", "switch"), SWITCHES)
def test_what_is_no_value_is_refused(camera: Camera, command: str, switch: str) -> None:
    for value in NO_NUMBERS:
        said = camera.give(command, switch, value)
        assert camera.scripts == [], (value, said)


@pytest.mark.parametrize(
    "good",
    [
        "-tv=1/100",
        "-tv=0.5",
        "-sv=80",
        "-svm=100",
        "-av=2.8",
        "-sd=1.5m",
        "-sd=10cm",
        "-nd=in",
        "-isomode=100",
        "-sd=1 -sdmode=MF",
        "-u=96 -tv=1",
        "-int=0.5",
        "-shots=3",
    ],
)
@SHARED
@given(rubbish=st.text(st.characters(exclude_characters="'\\\r\n\0"), min_size=1, max_size=4))
def test_rubbish_behind_a_value_is_refused(camera: Camera, good: str, rubbish: str) -> None:
    *before, last = good.split()
    switch, _, value = last[1:].partition("=")
    if re.fullmatch(r"[0-9.eE/ ]+", rubbish) or (value + rubbish) in ("1mm", "10cmm"):
        return  # may well be another number
    said = camera.give(" ".join(["rcapture", *before]), switch, value + rubbish)
    assert camera.scripts == [], (rubbish, said)


@pytest.mark.parametrize(("command", "switch"), SWITCHES)
@settings(SHARED, max_examples=40)
@given(
    value=st.one_of(
        st.text(st.characters(exclude_characters="'\\\r\n\0"), max_size=12),
        st.text("0123456789.-+eE/ mcinft", max_size=12),
        st.integers().map(str),
        st.floats().map(str),
    )
)
@example(value="2147483648")
@example(value="-2147483649")
@example(value="0")
def test_whatever_reaches_the_camera_is_in_range(
    camera: Camera, command: str, switch: str, value: str
) -> None:
    camera.give(command, switch, value)
    for script in camera.scripts:
        options = numbers_in(script)
        assert all(
            abs(options[name]) <= 0x7FFF for name in ("tv", "sv", "svm", "av") & options.keys()
        )
        assert all(0 <= number <= 0x7FFFFFFF for name, number in options.items() if name == "sd")
        assert all(abs(number) <= 0x7FFFFFFF for number in options.values())
        assert not re.search(r"=-?(inf|nan)\b", script)


@pytest.mark.parametrize(
    ("text", "millimetres"),
    [
        ("1.5m", 1500),
        ("10cm", 100),
        ("0.5m", 500),
        ("2", 2000),
        ("30mm", 30),
        ("1ft", 305),
        ("10in", 254),
        (".5m", 500),
        ("1.", 1000),
        ("2147483.647m", 2147483647),
    ],
)
@pytest.mark.parametrize("command", ["shoot", "rcapture", "rsint", "rcapture -shots=2"])
def test_distances_reach_the_camera_as_written(
    camera: Camera, command: str, text: str, millimetres: int
) -> None:
    assert "the camera was reached" in camera.give(command, "sd", text)
    assert numbers_in(camera.scripts[0])["sd"] == millimetres
