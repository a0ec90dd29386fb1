"""Records that cost a start little: a dataclass compiles code for every class that is declared."""

from __future__ import annotations

from typing import Any, ClassVar, Self, dataclass_transform


@dataclass_transform(frozen_default=True)
class Record:
    """A record as a frozen dataclass is one: its annotations are its fields, in order.

    Type checkers see to what is given for them, and that nothing is changed. A record with many
    objects is better off as a named tuple, which is made faster.
    """

    field_names: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls.field_names = (*cls.field_names, *cls.__annotations__)

    def __init__(self, *values: Any, **named: Any) -> None:
        fields = vars(self)
        fields.update(zip(self.field_names, values, strict=False))
        fields.update(named)
        self.__post_init__()

    def __post_init__(self) -> None:
        """Check the fields, and raise where they make no sense."""

    def replaced(self, **changes: Any) -> Self:
        """Return a record that differs in some fields."""
        return type(self)(**{**self.as_dict(), **changes})

    def as_dict(self) -> dict[str, Any]:
        """Return the fields by their names."""
        return {name: getattr(self, name) for name in self.field_names}

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.as_dict() == self.as_dict()

    def __hash__(self) -> int:
        return hash(tuple(self.as_dict().values()))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.as_dict().items())
        return f"{type(self).__name__}({fields})"
