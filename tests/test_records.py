"""Records: what a frozen dataclass does, without the code that it compiles."""

from __future__ import annotations

import pytest

from chdkshell.errors import UsageError
from chdkshell.records import Record


class Point(Record):
    """A place."""

    x: int
    y: int = 2

    def __post_init__(self) -> None:
        if self.x < 0:
            raise UsageError("left of all")


class Named(Point):
    """A place with a name."""

    name: str = ""


def test_fields_are_given_by_place_and_by_name() -> None:
    assert Point(1).as_dict() == {"x": 1, "y": 2}
    assert Point(1, y=3).as_dict() == {"x": 1, "y": 3}
    assert Named(1, 3, "here").as_dict() == {"x": 1, "y": 3, "name": "here"}


def test_records_of_one_class_with_the_same_fields_are_equal() -> None:
    assert Point(1) == Point(1, 2)
    assert len({Point(1), Point(1, 2), Point(2)}) == 2
    assert Point(1) != Named(1)
    assert Point(1) != (1, 2)


def test_a_changed_copy_is_checked() -> None:
    point = Point(1, 5)
    assert point.replaced(x=3) == Point(3, 5)
    assert point == Point(1, 5)
    with pytest.raises(UsageError):
        point.replaced(x=-1)


def test_what_is_shown_names_the_fields() -> None:
    assert repr(Named(1, name="a")) == "Named(x=1, y=2, name='a')"
