"""Calls of the API as they are declared: one function each, with its request and its answer."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

from starlette.requests import Request
from starlette.responses import Response

from chdkshell.page.room import ControlRoom, no_camera
from chdkshell.page.shapes import Nothing
from chdkshell.page.station import Station


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was let through: by which client, and at which camera."""

    room: ControlRoom
    client: str
    names: dict[str, str]
    request: Request

    @property
    def station(self) -> Station:
        """The camera that the path names, or else the first. Raises `CallRefusedError`."""
        number = self.names.get("camera")
        if number is None:
            return self.room.stations[0]
        if not number.isdecimal() or len(number) > 4:
            raise no_camera(number, self.room.stations)
        return self.room.station(int(number))


FunctionT = TypeVar("FunctionT", bound=Callable[..., Awaitable[Any]])


@dataclass(frozen=True, slots=True)
class PageCall:
    """A call. `changes`: it needs the token and the controls. `content`: what is no JSON.

    `in_picture`: it is there where the picture alone is served, too. `needs_lua`: only where Lua
    of the page's is allowed.
    """

    method: str
    path: str
    function: Callable[..., Awaitable[Any]]
    form: type[Any]
    answer: Any
    changes: bool
    content: str
    in_picture: bool
    needs_lua: bool

    @property
    def summary(self) -> str:
        """What it does, in one line."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @property
    def description(self) -> str:
        """All that is to be known of it."""
        return inspect.getdoc(self.function) or ""


CALLS: list[PageCall] = []


def call(
    method: str,
    path: str,
    *,
    changes: bool | None = None,
    content: str = "",
    in_picture: bool = False,
    needs_lua: bool = False,
) -> Callable[[FunctionT], FunctionT]:
    """Declare a function as a call. It gets who asked, and the request as its dataclass."""

    def declare(function: FunctionT) -> FunctionT:
        hints = get_type_hints(function, include_extras=True)
        _, *rest = inspect.signature(function).parameters
        form = hints[rest[0]] if rest else Nothing
        does = method != "GET" if changes is None else changes
        CALLS.append(
            PageCall(
                method, path, function, form, hints["return"], does, content, in_picture, needs_lua
            )
        )
        return function

    return declare


def is_file(answer: Any) -> bool:
    """Whether a call's answer is no JSON but a whole response."""
    return isinstance(answer, type) and issubclass(answer, Response)
