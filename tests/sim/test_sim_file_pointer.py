"""Where scripts find an open file in memory, and times that there are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sim_scripts import Runner, simulated


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[Runner]:
    with simulated(tmp_path) as runner:
        yield runner


def test_a_files_length_and_position_are_in_memory(camera: Runner) -> None:
    code = (
        "local f=io.open('A/X','w+b') f:write('0123456789') f:seek('set',4) "
        "local a,g=f:_getfptr(),io.open('A/Y','w') f:read(2) "
        "local p=f:_getfptr() f:close() "
        "return a==p,peek(p)~=peek(g:_getfptr()),peek(p+4),peek(p+12)"
    )
    assert camera.values(code) == [True, True, 10, 6]


def test_a_file_that_is_read_has_nothing_behind_its_end(camera: Runner) -> None:
    (camera.root / "X").write_bytes(b"0123456789")
    code = (
        "local f=io.open('A/X') f:seek('set',3) "
        "return (f:seek('end',1)),(f:seek('set',-1)),f:seek(),f:seek('end'),"
        "io.open('A/X','a'):seek('end',9)"
    )
    assert camera.values(code) == [None, None, 3, 10, 19]


@pytest.mark.parametrize(
    ("year", "expected"), [(1066, None), (1969, None), (1970, 43200), (1980, 315576000)]
)
def test_there_are_no_times_before_1970(camera: Runner, year: int, expected: int | None) -> None:
    assert camera.values(f"return os.time{{year={year},month=1,day=1}}") == [expected]
