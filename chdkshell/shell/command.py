"""Commands as declarations: one annotated function is all that a command is.

Its parser, usage text, help, completion, the files in `completions/` and the README's table come
from the function: positional parameters are words, keyword-only parameters are switches, the
docstring is the help with an example.
"""

from __future__ import annotations

import builtins
import enum
import functools
import types
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Annotated, Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from chdkshell.errors import UsageError
from chdkshell.shell.aliases import Aliases
from chdkshell.shell.arguments import ArgumentType, Integer, RawTextType, RestOfLine
from chdkshell.shell.language import GROUPS, is_new
from chdkshell.shell.parse import did_you_mean

_Function = TypeVar("_Function", bound=Callable[..., Any])

_HAS_REPEATED_WORDS = 0x04
"""CO_VARARGS of `code.co_flags`; the `inspect` module that names it is slow to import."""

IN_NAME = "+"
"""What stands for the blank in a name of two words, in a list of names."""

LONGEST_SHOWN = 60
"""Letters of a wrong name that an error shows: a file on standard input may be one long line."""


class Needs(enum.Enum):
    """What a command needs before it can run."""

    NOTHING = enum.auto()
    MAYBE_CAMERA = enum.auto()
    """It looks itself whether it needs one. Ctrl-C is that of a command with a camera."""
    CAMERA = enum.auto()
    CHDK = enum.auto()


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


class Command:
    """A declared command.

    `params` is read from the function when it is first asked for: a start needs it of one command.
    """

    def __init__(
        self,
        names: tuple[str, ...],
        topic: str,
        needs: Needs,
        function: Callable[..., Any],
        keeps_status: bool = False,
        interactive: bool = False,
        ignores_words: bool = False,
        ignores_switches: tuple[str, ...] = (),
        raw: bool = False,
    ) -> None:
        self.names = names
        self.topic = topic
        self.needs = needs
        self.run = function
        self.keeps_status = keeps_status
        self.interactive = interactive
        self.ignores_words = ignores_words
        self.ignores_switches = ignores_switches
        self._is_raw = raw
        self.summary, self._detail, self.examples = _read_docstring(function)

    @functools.cached_property
    def params(self) -> tuple[Param, ...]:
        """The parameters after the context. Raises `TypeError` where one is not fully declared."""
        return tuple(_read_params(self.run))

    @property
    def takes_raw(self) -> bool:
        """Whether the rest of the line is the command's as it stands, with all signs in it."""
        return self._is_raw or any(param.kind is ParameterKind.RAW for param in self.words[:1])

    @property
    def detail(self) -> str:
        """The docstring without summary and examples, and what the arguments' types explain."""
        notes = [f"In {p.place}, {p.type.notes}" for p in self.params if p.type.notes]
        return "\n".join(filter(None, [self._detail, *notes]))

    @property
    def name(self) -> str:
        """The command's first name."""
        return self.names[0]

    @property
    def arguments(self) -> str:
        """The usage without the name: switches first, then words."""
        return " ".join(p.usage for p in (*self.switches, *self.words))

    @property
    def usage(self) -> str:
        """How the command is written, on one line."""
        return f"{self.name} {self.arguments}".rstrip()

    @property
    def switches(self) -> tuple[Param, ...]:
        """The parameters that are switches."""
        return tuple(p for p in self.params if p.kind in SWITCHES)

    @property
    def words(self) -> tuple[Param, ...]:
        """The parameters that are words or the raw rest of the line."""
        return tuple(p for p in self.params if p.kind not in SWITCHES)


class Registry:
    """The commands by each of their names, in the order of `declared_in` and then of `add`.

    `compat`: the words and signs that chdkptp does not have mean nothing. `aliases` are the names
    that the user has made.
    """

    compat = False
    aliases = Aliases()

    def __init__(self) -> None:
        self._by_name: dict[str, Command] = {}
        self._homes: dict[str, str] = {}

    def speaking(self, compat: bool, aliases: Aliases) -> Registry:
        """Return the same commands in another language: that of chdkptp, or with aliases."""
        same = Registry()
        same._by_name, same._homes = self._by_name, self._homes
        same.compat, same.aliases = compat, aliases
        return same

    def declared_in(self, package: str, modules: Mapping[str, str]) -> None:
        """Load each of a package's modules when one of the names is asked for that it declares."""
        for module, names in modules.items():
            each = (name.replace(IN_NAME, " ") for name in names.split())
            self._homes.update(dict.fromkeys(each, f"{package}.{module}"))

    def add(self, command: Command) -> None:
        """Add `command`. Raises `TypeError` for a name that is taken."""
        for name in command.names:
            if name in self._by_name:
                raise TypeError(f"two commands are called {name}")
            self._by_name[name] = command

    def __iter__(self) -> Iterator[Command]:
        return iter(dict.fromkeys(map(self._by_name.__getitem__, self.names())))

    def names(self) -> list[str]:
        """Return all names, the short ones too."""
        for module in dict.fromkeys(self._homes.values()):
            import_module(module)
        known = [*self._homes, *(name for name in self._by_name if name not in self._homes)]
        return [name for name in known if self._has(name)]

    def _has(self, name: str) -> bool:
        return not (self.compat and is_new(name))

    def get(self, name: str) -> Command | None:
        """Return the command called `name`, or None."""
        if name not in self._by_name and name in self._homes:
            import_module(self._homes[name])
        return self._by_name.get(name) if self._has(name) else None

    def find(self, name: str) -> Command:
        """Return the command called `name`. Raises `UsageError` that suggests the nearest."""
        found = self.get(name)
        if found is None:
            if name in GROUPS and not self.compat:
                group = f"{name} "
                ends = [n.removeprefix(group) for n in self.names() if n.startswith(group)]
                raise UsageError(f"'{name}' is the first word of several commands", ", ".join(ends))
            known = [*self.names(), *self.aliases.all()]
            hint = did_you_mean(name, known) or "`help` lists the commands"
            shown = name if len(name) <= LONGEST_SHOWN else f"{name[:LONGEST_SHOWN]}..."
            raise UsageError(f"unknown command '{shown}'", hint)
        return found


REGISTRY = Registry()


def command(
    *names: str,
    topic: str,
    needs: Needs = Needs.NOTHING,
    keeps_status: bool = False,
    interactive: bool = False,
    ignores_words: bool = False,
    ignores_switches: tuple[str, ...] = (),
    raw: bool = False,
    registry: Registry = REGISTRY,
) -> Callable[[_Function], _Function]:
    """Declare a function as a command under `names`, the full name first.

    `keeps_status`: the command does not change what the program's exit status will be.
    `interactive`: at a terminal it reads the keyboard or draws the screen itself. `ignores_words`:
    more words than it takes are no error, as in chdkptp, whose users' programs write some;
    `ignores_switches`: names of switches that do nothing there either. `raw`: signs such as `;` are
    letters in its words; one that takes free text has that by itself. A name that is taken and a
    docstring without summary or example raise `TypeError`.
    """

    def declare(function: _Function) -> _Function:
        more = keeps_status, interactive, ignores_words, ignores_switches, raw
        registry.add(Command(names, topic, needs, function, *more))
        return function

    return declare


# ---- reading a declaration ----------------------------------------------------------------------


def _read_docstring(function: Callable[..., Any]) -> tuple[str, str, tuple[str, ...]]:
    """Split the docstring into summary, detail and examples."""
    lines = [line.strip() for line in (function.__doc__ or "").strip().splitlines()]
    summary = lines[0] if lines else ""
    examples = tuple(
        line.removeprefix("Example:").strip() for line in lines if line.startswith("Example:")
    )
    detail = "\n".join(line for line in lines[1:] if not line.startswith("Example:")).strip()
    if not summary.endswith("."):
        raise TypeError(f"{function.__name__}: the summary does not end with a period")
    if not examples:
        raise TypeError(f"{function.__name__}: the docstring has no line that begins Example:")
    return summary, detail, examples


def _read_params(function: Callable[..., Any]) -> Iterator[Param]:
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
