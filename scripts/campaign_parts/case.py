"""What a command is to do in the campaign, and what it may change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from support.file_cases import CARD, CASES, SCRIPTS
from support.file_cases import Case as FileCase
from support.ptp_file_cases import PTP_CASES

Tree = dict[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A command in a place, and what it may do there.

    - `files`: what is on the card and here before it, and has to be there after it
    - `record`: the camera is in record mode before it
    - `may_change`: settings of the camera (see `settings_of`) that the command is to change
    - `shots`: how many exposures one run may make
    - `new`: suffixes of the files that it makes here
    - `ends`: else it goes on until it gets a Ctrl-C
    - `leaves_script`: a script of the user's runs after it, and ends by itself
    - `outlives_link`: the same where the link breaks, else the command ends it
    - `before`: lines that are run first
    - `goes_off`: the camera may leave the link some time after it
    - `then`: a line before the next command
    - `terminal`: it needs one, and so a process of its own
    - `silent`: it uses no camera
    - `joins`: it makes the connection itself
    - `settings`: properties of the camera before it
    - `weight`: how often it is drawn, for most others have 10
    """

    files: FileCase
    record: bool = False
    may_change: frozenset[str] = frozenset()
    shots: int = 0
    new: tuple[str, ...] = ()
    ends: bool = True
    leaves_script: bool = False
    outlives_link: bool = False
    before: tuple[str, ...] = ()
    goes_off: bool = False
    then: str = ""
    terminal: bool = False
    silent: bool = False
    joins: bool = False
    settings: dict[int, int] = field(default_factory=dict)
    weight: int = 10

    @property
    def line(self) -> str:
        """The line of the command."""
        return self.files.line

    @property
    def exact(self) -> bool:
        """Whether the files are known beforehand: those of pictures that are taken are not."""
        return not self.shots and not self.new


def case(
    line: str,
    *,
    card: Tree | None = None,
    here: Tree | None = None,
    may_change: Iterable[str] = (),
    **settings: object,
) -> Case:
    """Return the case of a command that changes no file that is there."""
    files = FileCase(line, card=dict(CARD if card is None else card), here=here or dict(SCRIPTS))
    return Case(files=files, may_change=frozenset(may_change), **settings)  # type: ignore[arg-type]


def of_files(*names: str, weight: int = 10) -> tuple[Case, ...]:
    """Return cases of the tests about files, by their names there."""
    known = CASES | PTP_CASES
    return tuple(Case(files=known[name], weight=weight) for name in names)


@dataclass(frozen=True)
class Entry:
    """A command of the table: its cases, or why it has none."""

    cases: tuple[Case, ...] = ()
    why_none: str = ""
