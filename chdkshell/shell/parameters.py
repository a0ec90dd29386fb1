"""The parameters of commands, read from the annotations of their functions."""

from __future__ import annotations

import builtins
import enum
import types
from collections.abc import Callable, Iterator
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from chdkshell.shell.arguments import ArgumentType, Integer, RawTextType, RestOfLine

_HAS_REPEATED_WORDS = 0x04
"""CO_VARARGS of `code.co_flags`; the `inspect` module that names it is slow to import."""


class ParameterKind(enum.Enum):
    """How a parameter stands in the line."""

    WORD = enum.auto()
    WORDS = enum.auto()
    RAW = enum.auto()
    FLAG = enum.auto()
    VALUE = enum.auto()
    FLAG_OR_VALUE = enum.auto()


SWITCHES = (ParameterKind.FLAG, ParameterKind.VALUE, ParameterKind.FLAG_OR_VALUE)


class Switches:
    """Switches that several commands have, declared once: derive a class from this one.

    Its annotated attributes are the switches, with their defaults, in the order of declaration and
    those of a base class first. A command has them all by one keyword-only parameter, whose default
    is an instance; that may give other defaults for this command:

        class Aim(Switches):
            far: Arg[int, Integer(), "How far."] = 1

        NEAR_BY = Aim(far=0)

        def look(context: Context, *, aim: Aim = NEAR_BY) -> None: ...

    `look -far=3` gets an `Aim` with `far` 3, which may have methods that use its attributes.
    """

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    def replaced(self, values: dict[str, Any]) -> Switches:
        """Return the same switches with other values for some."""
        return type(self)(**{**self.__dict__, **values})


class Param(NamedTuple):
    """One parameter of a command. `key` is its name in the function, `name` that in the line.

    `group` is the function's parameter that takes a switch of a `Switches`, "" for all others.
    """

    key: str
    name: str
    kind: ParameterKind
    type: ArgumentType
    help: str
    required: bool
    default: Any
    group: str = ""

    @property
    def usage(self) -> str:
        """How the parameter is written, as in `[-f=<file>]`."""
        value = "|".join(self.type.choices) or f"<{self.type.hint}>"
        match self.kind:
            case ParameterKind.FLAG:
                return f"[-{self.name}]"
            case ParameterKind.VALUE:
                return f"[-{self.name}={value}]"
            case ParameterKind.FLAG_OR_VALUE:
                return f"[-{self.name}[={value}]]"
            case ParameterKind.RAW:
                return self.type.hint
            case ParameterKind.WORDS:
                return f"[{self.name}...]"
            case _:
                return f"<{self.name}>" if self.required else f"[{self.name}]"

    @property
    def place(self) -> str:
        """What the parameter is called in a sentence, as in `-f` or `the target`."""
        return f"-{self.name}" if self.kind in SWITCHES else f"the {self.name}"


def read_params(function: Callable[..., Any]) -> Iterator[Param]:
    """Yield the parameters after the first, which is the context."""
    code, name, hints = function.__code__, function.__name__, _hints(function)
    defaults = function.__defaults__ or ()
    first_default = code.co_argcount - len(defaults)
    for index, key in enumerate(code.co_varnames[1 : code.co_argcount], 1):
        required = index < first_default
        default = None if required else defaults[index - first_default]
        yield _read_param(name, key, hints[key], ParameterKind.WORD, required, default)
    end = code.co_argcount + code.co_kwonlyargcount
    if code.co_flags & _HAS_REPEATED_WORDS:
        key = code.co_varnames[end]
        yield _read_param(name, key, hints[key], ParameterKind.WORDS, False, ())
    switch_defaults = function.__kwdefaults__ or {}
    for key in code.co_varnames[code.co_argcount : end]:
        if key not in switch_defaults:
            raise TypeError(f"{name}: the switch {key} has no default")
        default = switch_defaults[key]
        if isinstance(default, Switches):
            yield from _read_group(default, key)
        else:
            yield _read_param(name, key, hints[key], ParameterKind.VALUE, False, default)


def _read_group(switches: Switches, group: str) -> Iterator[Param]:
    """Yield the parameters that the attributes of `switches` are."""
    kind = type(switches)
    for key, hint in get_type_hints(kind, include_extras=True).items():
        param = _read_param(
            kind.__name__, key, hint, ParameterKind.VALUE, False, getattr(switches, key)
        )
        yield param._replace(group=group)


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """Return what the annotations of a function are."""
    names = _Names(function.__globals__)
    return get_type_hints(function, names, names, include_extras=True)


class _Names(dict[str, Any]):
    """The names of a module; those that only type checkers know stand for anything.

    These are the types of the context and of results: to import them for the parameters' sake
    would make every start load what only running the command needs.
    """

    def __missing__(self, name: str) -> Any:
        return getattr(builtins, name, Any)


def _read_param(
    owner: str, key: str, hint: Any, kind: ParameterKind, required: bool, default: Any
) -> Param:
    plain_types: list[Any] = []
    extras = _unwrap(hint, plain_types)
    help_text = next((e for e in extras if isinstance(e, str)), "")
    if not help_text.endswith("."):
        raise TypeError(f"{owner}: {key} has no help that ends with a period")
    argument_type = next((e for e in extras if isinstance(e, ArgumentType)), None)
    valued = [t for t in plain_types if t is not bool]
    if kind is ParameterKind.VALUE and bool in plain_types:
        kind = ParameterKind.FLAG_OR_VALUE if valued else ParameterKind.FLAG
    if isinstance(argument_type, (RawTextType, RestOfLine)):
        kind, required = ParameterKind.RAW, False
    if argument_type is None:
        argument_type = Integer() if int in valued else ArgumentType()
    name = key.rstrip("_")
    return Param(key, name, kind, argument_type, help_text, required, default)


def _unwrap(hint: Any, plain_types: list[Any]) -> list[Any]:
    """Collect the plain types of an annotation, None left out; return what Annotated added."""
    if get_origin(hint) is Annotated:
        inner, *extras = get_args(hint)
        return _unwrap(inner, plain_types) + extras
    if get_origin(hint) in (Union, types.UnionType):
        return [extra for part in get_args(hint) for extra in _unwrap(part, plain_types)]
    if hint is not types.NoneType:
        plain_types.append(hint)
    return []
