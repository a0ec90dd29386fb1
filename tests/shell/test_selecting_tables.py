"""Records of several cameras: a table with a row a camera at a terminal, else lines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.rig_shell import RigShell, rig_shell

from chdkshell.shell.many.output import Turns
from chdkshell.shell.prefs import OutputKind


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[RigShell]:
    with rig_shell(monkeypatch, output=OutputKind.RICH) as shell:
        shell.run("rig name 1 left")
        shell.out.truncate(0)
        yield shell


def test_a_record_is_a_row(terminal: RigShell) -> None:
    head, *rows = terminal.run("@all df")
    assert head.split() == ["camera", "size", "used", "free"]
    assert [row.split()[0] for row in rows] == ["left", "2", "3"]
    assert all(row.split()[2::2] == ["GiB", "KiB", "GiB"] for row in rows)


def test_values_that_a_script_returns_are_columns(terminal: RigShell) -> None:
    head, *rows = terminal.run("@2-3 luar return 'a b', {7}, nil")
    assert head.split() == ["camera", "returned", "returned", "2", "returned", "3"]
    assert [" ".join(row.split()) for row in rows] == ["2 'a b' {7} nil", "3 'a b' {7} nil"]
    terminal.sims[1].state.set_prop(9, 1)
    ragged = terminal.run("@all luar if get_prop(9)==0 then return 1, 2 end return 3")
    assert [row.split() for row in ragged[1:]] == [["left", "1", "2"], ["2", "3"], ["3", "1", "2"]]


def test_one_value_and_one_camera_are_lines(terminal: RigShell) -> None:
    assert terminal.run("@all luar return 7") == [
        "left: 1:return:7",
        "2:    1:return:7",
        "3:    1:return:7",
    ]
    assert [line.split()[:2] for line in terminal.run("@left df")] == [
        ["left:", word] for word in ("size", "used", "free")
    ]


def test_what_comes_beside_records_makes_all_lines(terminal: RigShell) -> None:
    lines = terminal.run("@all luar if get_prop(9)==0 then write_usb_msg('x') end return 1, 2")
    assert [line.split(":")[0] for line in lines] == ["left"] * 3 + ["2"] * 3 + ["3"] * 3
    assert [line.rpartition(":")[2] for line in lines] == ["'x'", "1", "2"] * 3
    lines = terminal.run("@all df ; @all pwd")
    assert [line.split()[0] for line in lines] == ["camera", "left", "2", "3", "left:", "2:", "3:"]


def test_a_camera_that_fails_has_no_row(terminal: RigShell) -> None:
    out, err = terminal.try_("@all luar if get_prop(9)==0 then return 1, 2 end")
    assert [line.split()[0] for line in out] == ["camera", "left", "2", "3"]
    terminal.sims[1].times_off += 1
    out, err = terminal.try_("@all df")
    assert [line.split()[0] for line in out] == ["camera", "left", "3"]
    assert err[-1].startswith("ERROR: 2 of 3 ok; 2: ")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
@pytest.mark.parametrize("has_lines", [False, True])
def test_whoever_ends_first(terminal: RigShell, order: tuple[int, ...], has_lines: bool) -> None:
    """Single values are no table, and no camera's are lost; nor are records before a line."""
    turns = Turns(terminal.context.renderer, ["1", "2", "3"])
    for index in order:
        turns.record(index, {"returned": "7"}, ["7"])
        if has_lines and index == order[-1]:
            turns.print(index, ["x"])
        turns.ended(index)
    turns.close()
    out = terminal.out.getvalue().splitlines()
    expected = [(index, "7") for index in range(3)]
    if has_lines:
        expected.insert(order[-1] + 1, (order[-1], "x"))
    assert out == [f"{index + 1}: {text}" for index, text in expected]


@pytest.mark.parametrize("line", ["@all df", "@all luar return 1, 2"])
def test_programs_have_lines(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    with rig_shell(monkeypatch) as shell:
        lines = shell.run(line)
        assert [text.split(":")[0] for text in lines] == sorted("123" * (len(lines) // 3))
    with rig_shell(monkeypatch, output=OutputKind.JSON) as shell:
        assert sorted(one["camera"] for one in shell.objects(line) if one.get("camera")) == [*"123"]
