"""Commands as declarations: one annotated function is all that a command is.

Its parser, usage text, help, completion, the files in `completions/` and the README's table come
from the function: positional parameters are words, keyword-only parameters are switches, the
docstring is the help with an example.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any, TypeVar

from chdkshell.errors import ChdkShellError, UsageError
from chdkshell.shell.aliases import Aliases
from chdkshell.shell.arguments import SelectedCommandType
from chdkshell.shell.extensions import Extensions
from chdkshell.shell.language import GROUPS, is_new
from chdkshell.shell.parameters import SWITCHES, Param, ParameterKind, read_params

_Function = TypeVar("_Function", bound=Callable[..., Any])

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
        alone: str | None = None,
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
        self._alone = alone
        self.summary, self._detail, self.examples = _read_docstring(function)

    @functools.cached_property
    def params(self) -> tuple[Param, ...]:
        """The parameters after the context. Raises `TypeError` where one is not fully declared."""
        return tuple(read_params(self.run))

    @property
    def takes_raw(self) -> bool:
        """Whether the rest of the line is the command's as it stands, with all signs in it."""
        first = self.words[:1]
        if any(isinstance(param.type, SelectedCommandType) for param in first):
            return False
        return self._is_raw or any(param.kind is ParameterKind.RAW for param in first)

    @property
    def alone(self) -> str:
        """Why the command makes no sense for several cameras, "" where it does."""
        if self._alone is None and self.interactive:
            return "it has the keyboard or the screen to itself"
        if self._alone is None and self.needs is Needs.NOTHING:
            return "it works on no camera"
        return self._alone or ""

    @property
    def detail(self) -> str:
        """The docstring without summary and examples, and what the arguments' types explain."""
        from chdkshell.shell.jsonshapes import shape

        notes = [f"In {p.place}, {p.type.notes}" for p in self.params if p.type.notes]
        if result := shape(self.name):
            notes.append(f"\nResult with --json: {result}")
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
    that the user has made, and `extensions` are the commands of other packages, None for none.
    Neither can have the name of a command.
    """

    compat = False
    aliases = Aliases()
    extensions: Extensions | None = None

    def __init__(self) -> None:
        self._by_name: dict[str, Command] = {}
        self._homes: dict[str, str] = {}

    def speaking(
        self, compat: bool, aliases: Aliases, extensions: Extensions | None = None
    ) -> Registry:
        """Return the same commands in another language: that of chdkptp, or with more words."""
        same = Registry()
        same._by_name, same._homes = self._by_name, self._homes
        same.compat, same.aliases, same.extensions = compat, aliases, extensions
        return same

    def declared_in(self, package: str, modules: Mapping[str, str]) -> None:
        """Load each of a package's modules when one of the names is asked for that it declares."""
        for module, names in modules.items():
            each = (name.replace(IN_NAME, " ") for name in names.split())
            self._homes.update(dict.fromkeys(each, f"{package}.{module}"))

    def add(self, command: Command) -> None:
        """Add `command`. Raises `TypeError` for a name that is taken."""
        home = command.run.__module__
        for name in command.names:
            if name in self._by_name or self._homes.get(name, home) != home:
                raise TypeError(f"two commands are called {name}")
        self._by_name.update(dict.fromkeys(command.names, command))

    def __iter__(self) -> Iterator[Command]:
        for name in self.names():
            with suppress(ChdkShellError):  # told when the command itself is asked for
                self.get(name)
        return iter(dict.fromkeys(self._by_name[n] for n in self.names() if n in self._by_name))

    def names(self) -> list[str]:
        """Return all names, the short ones too."""
        own = self.extensions.names() if self.extensions else []
        known = {**self._homes, **self._by_name, **dict.fromkeys(own)}
        return [name for name in known if self._has(name)]

    def _has(self, name: str) -> bool:
        return not (self.compat and is_new(name))

    def get(self, name: str) -> Command | None:
        """Return the command called `name`, or None.

        Raises `ChdkShellError` where it is that of another package, which cannot be loaded.
        """
        if name not in self._by_name and name in self._homes:
            import_module(self._homes[name])
        if name not in self._by_name and self.extensions:
            self.extensions.load(name, self._by_name)
        return self._by_name.get(name) if self._has(name) else None

    def find(self, name: str, line: str = "") -> Command:
        """Return the command called `name`. Raises `UsageError` that suggests the nearest.

        `line` is the command that the name begins, if that is known.
        """
        found = self.get(name)
        if found is None:
            if name in GROUPS and not self.compat:
                group = f"{name} "
                ends = [n.removeprefix(group) for n in self.names() if n.startswith(group)]
                raise UsageError(f"'{name}' is the first word of several commands", ", ".join(ends))
            from chdkshell.shell.slips import hint_for

            known = [*self.names(), *self.aliases.all()]
            hint = hint_for(name, line, known) or "`help` lists the commands"
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
    alone: str | None = None,
    registry: Registry = REGISTRY,
) -> Callable[[_Function], _Function]:
    """Declare a function as a command under `names`, the full name first.

    `keeps_status`: the command does not change what the program's exit status will be.
    `interactive`: at a terminal it reads the keyboard or draws the screen itself. `ignores_words`:
    more words than it takes are no error, as in chdkptp, whose users' programs write some;
    `ignores_switches`: names of switches that do nothing there either. `raw`: signs such as `;` are
    letters in its words; one that takes free text has that by itself. `alone` is why it is not for
    several cameras at once, "" where it is though it needs none. A name that is taken and a
    docstring without summary or example raise `TypeError`.
    """

    def declare(function: _Function) -> _Function:
        more = keeps_status, interactive, ignores_words, ignores_switches, raw, alone
        registry.add(Command(names, topic, needs, function, *more))
        return function

    return declare


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
