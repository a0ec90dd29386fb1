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


@pytest.mark.parametrize(
    ("year", "expected"), [(1066, None), (1969, None), (1970, 43200), (1980, 315576000)]
)
def test_there_are_no_times_before_1970(camera: Runner, year: int, expected: int | None) -> None:
    assert camera.values(f"return os.time{{year={year},month=1,day=1}}") == [expected]
