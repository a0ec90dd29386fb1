"""The shell's options: what `set` shows and changes."""

from __future__ import annotations

import enum
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from chdkshell.errors import UsageError, printable
from chdkshell.shell.parse import did_you_mean

Value = bool | int | str

OUTPUT_VARIABLE = "CHDKSHELL_OUTPUT"
"""The environment's word on how results look. Plain text goes with a plain prompt."""


class OutputKind(enum.Enum):
    """How results look: for programs that read chdkptp's text, for people, JSON."""

    PLAIN = "plain"
    RICH = "rich"
    JSON = "json"


def environment_asks_for_plain() -> bool:
    """Whether the environment wants plain text, and so a plain prompt."""
    return os.environ.get(OUTPUT_VARIABLE) == OutputKind.PLAIN.value


class Trace(enum.Enum):
    """When an error shows where in this program it arose: always, for bugs, or never."""

    ALWAYS = "always"
    CRITICAL = "critical"
    NEVER = "never"


class Pref(NamedTuple):
    """One option. The type of `default` is that of its values; `choices` lists the allowed texts.

    Without choices any text is allowed. Numbers may be from `low` up.
    """

    name: str
    default: Value
    help: str
    choices: tuple[str, ...] = ()
    low: int = 0

    @property
    def type_name(self) -> str:
        """The type as `set -v` shows it."""
        return {bool: "boolean", int: "number"}.get(type(self.default), "string")

    @property
    def allowed(self) -> tuple[str, ...]:
        """All values as texts, empty for numbers."""
        return ("true", "false") if isinstance(self.default, bool) else self.choices

    def parse(self, text: str) -> Value:
        """Return the value that `text` stands for. Raises `UsageError`."""
        if isinstance(self.default, bool):
            word = text.lower()
            if word in ("true", "1", "false", "0"):
                return word in ("true", "1")
        elif isinstance(self.default, int):
            if re.fullmatch("[0-9]{1,9}", text) and int(text) >= self.low:
                return int(text)
        elif text in self.choices or not self.choices:
            return text
        allowed = ", ".join(self.allowed) or f"whole numbers from {self.low}"
        near = did_you_mean(text, self.allowed)
        raise UsageError(
            f"invalid value '{printable(text)}' for {self.name}",
            f"{near} allowed: {allowed}" if near else f"allowed: {allowed}",
        )


TRACE = "trace"
EXEC = "exec"
LUA_PATH = "lua_path"
TIMEOUT = "timeout"

THEME = "theme"
SHOT_SEQUENCE = "cli_shotseq"
ON_SHOT = "on_shot"
ON_DOWNLOAD = "on_download"
COMMANDS = (ON_SHOT, ON_DOWNLOAD)
"""Options that are commands of the host's shell."""

AFTERWARDS_SECONDS = "on_timeout"

LANGUAGES = ("python", "lua")

OTHER_NAMES = {"silence": TIMEOUT}
"""Names that options had before."""

PREFS = {
    pref.name: pref
    for pref in (
        Pref("cli_time", False, "show how long each command took"),
        Pref("cli_xferstats", False, "show how much data each command moved"),
        Pref("cli_verbose", 1, "how much commands tell: 0 only results, 1 also what they did"),
        Pref("cli_source_max", 10, "how deep source may nest", low=1),
        Pref(SHOT_SEQUENCE, 1, "what ${shotseq} is for the next shot"),
        Pref("cli_error_exit", False, "end the program at the first command that fails"),
        Pref(
            "err_trace",
            Trace.NEVER.value,
            "show a traceback: for every error, for bugs of this program, or never",
            tuple(t.value for t in Trace),
        ),
        Pref(
            "autoconnect", True, "connect by itself when a command needs a camera and one is there"
        ),
        Pref("keepalive", 10, "seconds between signs of life to cameras at the prompt; 0 for none"),
        Pref(TIMEOUT, 20, "seconds a camera may be silent before a command gives it up", low=1),
        Pref("syntaxcheck", True, "at a terminal, send only Lua that compiles here"),
        Pref(
            "lua_print",
            "auto",
            "show what scripts of lua and luar print: always, never, or (luar) at a terminal",
            ("auto", "on", "off"),
        ),
        Pref("keys", "emacs", "keys of the prompt", ("emacs", "vi")),
        Pref("pager", True, "show results that do not fit the screen page by page, at the prompt"),
        Pref(TRACE, "", "file to write all PTP transactions to, FILE.pcapng for Wireshark"),
        Pref(
            "usb_reset_on_close",
            False,
            "of chdkptp: a camera is always let go so that others can take it, without a reset",
        ),
        Pref("core_verbose", 0, "of chdkptp: more about PTP; here `set trace=FILE` has all of it"),
        Pref("warn_deprecated", True, "of chdkptp: warn of its old Lua libraries"),
        Pref(
            EXEC, "python", "what `exec` and `!` take: Python or Lua, on this computer", LANGUAGES
        ),
        Pref(LUA_PATH, "", "folder with chdkptp's own Lua files for `exec`; else $CHDKPTP_LUA"),
        Pref(THEME, "auto", "colours, or none", ("auto", "dark", "light", "none")),
        Pref(ON_SHOT, "", "command to run after each shot, with its files in $ARGUMENT and $FILES"),
        Pref(ON_DOWNLOAD, "", "command to run after each file that arrives, $ARGUMENT"),
        Pref(AFTERWARDS_SECONDS, 60, "seconds that such a command may take", low=1),
        Pref("output", "", "how results look", tuple(f.value for f in OutputKind)),
    )
}


class Prefs:
    """The values of the options of one shell.

    `compat`: do as chdkptp does where this program differs on purpose (see `compat`).
    """

    def __init__(self, output: OutputKind, compat: bool = False) -> None:
        self.compat = compat
        self._values: dict[str, Value] = {pref.name: pref.default for pref in PREFS.values()}
        self._values["output"] = output.value
        self._was_set: set[str] = set()

    @property
    def gives_json(self) -> bool:
        """Whether results are JSON."""
        return self.output_kind is OutputKind.JSON

    def beside(self) -> Prefs:
        """Return the same values, to be changed apart, for one camera of several: without colours,
        for its lines stand among those of others."""
        output = OutputKind.JSON if self.gives_json else OutputKind.PLAIN
        same = Prefs(output, self.compat)
        same._values = {**self._values, "output": output.value}
        return same

    def set(self, name: str, text: str) -> None:
        """Set the option `name` from a text. Raises `UsageError`."""
        pref = find_pref(name)
        self._values[pref.name] = value = pref.parse(text)
        if pref.name == THEME:
            from chdkshell.shell import themes

            themes.choose(str(value))
        self._was_set.add(pref.name)

    def get(self, name: str) -> Value:
        """Return the value of an option. Raises `UsageError` for an unknown name."""
        return self._values[find_pref(name).name]

    def flag(self, name: str) -> bool:
        """Return the value of an option that is true or false."""
        return bool(self._values[name])

    def number(self, name: str) -> int:
        """Return the value of an option that is a number."""
        return int(self._values[name])

    @property
    def output_kind(self) -> OutputKind:
        """How results look."""
        return OutputKind(self._values["output"])

    @contextmanager
    def temporarily(self, output: OutputKind) -> Iterator[None]:
        """Have results look otherwise for a while."""
        before, self._values["output"] = self._values["output"], output.value
        try:
            yield
        finally:
            self._values["output"] = before

    @property
    def plain_is_asked_for(self) -> bool:
        """Whether plain text was chosen: where it only suits the output, this is false."""
        return self.output_kind is OutputKind.PLAIN and "output" in self._was_set

    @property
    def trace(self) -> Trace:
        """When an error shows a traceback."""
        return Trace(self._values["err_trace"])


def is_foreign(name: str) -> bool:
    """Whether an option is one of chdkptp's windows, which are not here."""
    return name.startswith("gui_")


def is_known(name: str) -> bool:
    """Whether there is an option of a name."""
    return OTHER_NAMES.get(name, name) in PREFS


def find_pref(name: str) -> Pref:
    """Return the declaration of an option. Raises `UsageError` that suggests the nearest."""
    pref = PREFS.get(OTHER_NAMES.get(name, name))
    if pref is None:
        hint = did_you_mean(name, PREFS) or "`set` lists the options"
        raise UsageError(f"invalid pref: {printable(name)}", hint)
    return pref
