"""Argument types: how the text of a word or a switch becomes a value, and what completes it.

A command names them in its annotations: `target: Arg[LocalPath, "Where to."]`. For a type checker
they are the plain types of the values.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from chdkshell.errors import UsageError, printable
from chdkshell.shell.parse import RawText, parse_raw_text, selection_end, unquoted
from chdkshell.streams import STDOUT


class ArgumentType:
    """Any text. Other types derive from this one.

    `hint` is what usage texts call the value, and `choices` are all values there are, where they
    can be listed. `completes` tells the host's shell what to offer: "file", "directory" or "".
    """

    hint = "text"
    choices: tuple[str, ...] = ()
    completes = ""
    is_made = False
    """Whether it names files that the command makes on this computer."""

    @property
    def notes(self) -> str:
        """What a command's help says on such a value, after "In <where it stands>, "."""
        return ""

    def parse(self, text: str) -> Any:
        """Return the value that `text` stands for. Raises `UsageError`."""
        return text

    def rest(self, text: str) -> str | None:
        """Return the value of a word that takes all of its line, from it on; None for others."""
        return None

    def complete(self, prefix: str) -> list[str]:
        """Return values that begin with `prefix`."""
        return [choice for choice in self.choices if choice.startswith(prefix)]


class Named(ArgumentType):
    """Any text, under a name of its own in usage texts."""

    def __init__(self, hint: str) -> None:
        self.hint = hint


class ProgramType(Named):
    """A command of the host's shell."""

    def parse(self, text: str) -> str:
        if not text.strip():
            raise UsageError("an empty word is no command", "is a variable not set?")
        return text


class OrderType(Named):
    """An order of pictures: one that has a name, or a template."""

    def complete(self, prefix: str) -> list[str]:
        from chdkshell.chdk.card.images import SORTS

        return [name for name in SORTS if name.startswith(prefix)]


class DeviceType(Named):
    """What `connect` takes for a camera."""


class HostType(Named):
    """Another computer that is reached over ssh."""

    def parse(self, text: str) -> str:
        if not text.startswith("ssh:"):
            raise UsageError(  # chdkptp's words: there `list` takes none
                "command takes no arguments", "another computer is written like ssh:pi@pi1"
            )
        return text


class ConnectedType(DeviceType):
    """What `use` takes for a camera: names of the rig, too."""


class MemberType(Named):
    """A camera of the rig, by its name or number."""


class MembersType(MemberType):
    """Cameras of the rig, as they are named after @."""


class Integer(ArgumentType):
    """A whole number, decimal or hexadecimal with 0x, from `low` to `high`."""

    hint = "n"

    def __init__(self, low: int = 0, high: int = 0xFFFFFFFF, hint: str = "n") -> None:
        self.low = low
        self.high = high
        self.hint = hint

    def parse(self, text: str) -> int:
        if not re.fullmatch(r"[-+]?(0[xX][0-9a-fA-F]+|[0-9]+)", text):
            raise UsageError(f"'{printable(text)}' is not a whole number", "write 4096 or 0x1000")
        negative, digits = text.startswith("-"), text.lstrip("+-")
        value = int(digits, 16 if digits[:2] in ("0x", "0X") else 10)
        value = -value if negative else value
        if not self.low <= value <= self.high:
            raise UsageError(f"{text} is out of range", f"allowed are {self.low} to {self.high}")
        return value


class Choice(ArgumentType):
    """One of some words. `problem` is said of another, which it may name as {}.

    `any_case` takes them in small letters, too.
    """

    def __init__(
        self, *choices: str, problem: str, advice: str = "", any_case: bool = False
    ) -> None:
        self.choices = choices
        self._problem = problem
        self._advice = advice or " or ".join(filter(None, [", ".join(choices[:-1]), choices[-1]]))
        self._any_case = any_case

    def parse(self, text: str) -> str:
        chosen = text.upper() if self._any_case else text
        if chosen not in self.choices:
            raise UsageError(self._problem.format(printable(text)), self._advice)
        return chosen


class PathType(Named):
    """A path, or a text that paths are made from: an empty word is none."""

    def parse(self, text: str) -> str:
        if not text:
            from chdkshell.chdk.paths import no_path

            raise no_path()
        return text


class CopyTargetType(PathType):
    """A path on either side; what it names here is made."""

    is_made = True


class TypedPath(str):
    """A path on the card, and the text that was `typed` for it."""

    typed: str


class CameraPathType(PathType):
    """A path on the camera's card; `A/` is added if missing."""

    def __init__(self) -> None:
        super().__init__("remote")

    def parse(self, text: str) -> str:
        from chdkshell.chdk.paths import camera_path

        path = TypedPath(camera_path(text))
        path.typed = text
        return path


class LocalPathType(PathType):
    """A file or folder on this computer."""

    completes = "file"

    def __init__(self) -> None:
        super().__init__("file")


class LocalFolderType(LocalPathType):
    """A folder on this computer."""

    completes = "directory"

    def __init__(self) -> None:
        super().__init__()
        self.hint = "folder"


class MadePathType(LocalPathType):
    """A file or folder on this computer that the command makes, or puts files into."""

    is_made = True


class DngPathType(LocalPathType):
    """A DNG file on this computer, or a folder with some."""

    suffixes = (".dng",)


class TargetType(PathType):
    """A file of this computer that is written; `-` is standard output."""

    is_made = True

    def __init__(self, hint: str = "file") -> None:
        super().__init__(hint)
        self.completes = "file" if hint == "file" else ""

    def parse(self, text: str) -> str:
        return STDOUT if text == "-" else super().parse(text)


class PatternType(Named):
    """What chooses paths: an empty text would choose them all."""

    def parse(self, text: str) -> str:
        if not text:
            raise UsageError("a pattern is empty", "leave the switch out to have all files")
        return text


HOST = "host"
"""What `exec` takes: the language of this computer, which an option chooses."""


class RawTextType(ArgumentType):
    """The rest of the line as it stands, or `< file`. `language` is that of the text, or ""."""

    def __init__(self, hint: str, language: str = "") -> None:
        self.hint = f"<{hint}> | < <file>"
        self.language = language

    def parse(self, text: str) -> RawText:
        return parse_raw_text(text)


class RestOfLine(ArgumentType):
    """The rest of the line as it stands. `has_words`: the command itself splits it, by quotes."""

    def __init__(self, hint: str, has_words: bool = False) -> None:
        self.hint = hint
        self.has_words = has_words


class WatchedCommandType(RestOfLine):
    """Seconds, and a command as it stands."""

    def __init__(self) -> None:
        super().__init__("<seconds> <command>")

    def parse(self, text: str) -> tuple[float, str]:
        number, _, line = text.strip().partition(" ")
        try:
            seconds = float(number)
        except ValueError:
            seconds = -1.0
        if not 0 <= seconds <= 86400 or not line.strip():
            raise UsageError("watch needs seconds and a command", "as in `watch 2 list`")
        return seconds, line.strip()


class SelectedCommandType(RestOfLine):
    """Cameras, a blank, and a command as it stands."""

    def __init__(self) -> None:
        super().__init__("<cameras> <command>")

    def parse(self, text: str) -> tuple[str, str]:
        at = selection_end(text, 0)
        cameras, line = text[:at].strip(), text[at:].strip()
        if not cameras or not line:
            raise UsageError("@ needs cameras and a command", "as in `@all df` or `@1,3 df`")
        return cameras, line


class ScriptNameType(PathType):
    """A script: a file of this computer, or one of the card."""

    completes = "file"

    def __init__(self) -> None:
        super().__init__("script")


class ScriptValueType(ArgumentType):
    """A parameter of a script with its value, `name=value`."""

    hint = "name=value"

    def parse(self, text: str) -> tuple[str, str]:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"'{printable(text)}' is no parameter", "write name=value, as in a=5")
        return name, value


class CommandNameType(ArgumentType):
    """The name of a command."""

    hint = "cmd"


class PrefAssignmentType(ArgumentType):
    """An option's name, or `name=value`. A value that is a command goes to the end of the line."""

    hint = "option[=value]"

    def rest(self, text: str) -> str | None:
        from chdkshell.shell.prefs import COMMANDS

        name, equals, value = text.partition("=")
        return f"{name}={unquoted(value.strip())}" if equals and name in COMMANDS else None


class PtpCodeType(Named):
    """A code of PTP by its name or number; the hint says of what kind: operation, property, format.

    `words` are what may stand in its place.
    """

    def __init__(self, hint: str, words: tuple[str, ...] = ()) -> None:
        super().__init__(hint)
        self.words = words


class PtpValueType(Named):
    """A value of the device property that is named before it."""


class EosSettingType(Named):
    """A setting of an EOS camera by its name or number."""


class EosValueType(Named):
    """A value of the setting that is named before it."""


class PtpObjectType(PathType):
    """An object of the camera by its handle or path."""

    def __init__(self) -> None:
        super().__init__("handle|path")


class ObjectOrTargetType(TargetType):
    """Another object of the camera, or where objects are copied to on this computer."""

    def __init__(self) -> None:
        super().__init__("object|local")


def is_object(text: str) -> bool:
    """Whether a word that may name a file of this computer is an object of the camera."""
    from chdkshell.standard.objecttree import handle_of

    return re.match("[A-Z]/.", text) is not None or handle_of(text) is not None


class PtpStorageType(PathType):
    """A storage of the camera by its letter or its id."""

    def __init__(self) -> None:
        super().__init__("drive|id")


CameraPath = Annotated[str, CameraPathType()]
LocalPath = Annotated[str, LocalPathType()]
LocalFolder = Annotated[str, LocalFolderType()]
Target = Annotated[str, TargetType()]
LuaPattern = Annotated[str, PatternType("pattern")]
Glob = Annotated[str, PatternType("glob")]
PathOnEitherSide = Annotated[str, PathType("path")]
CopyTarget = Annotated[str, CopyTargetType("path")]
LuaCode = Annotated[RawText, RawTextType("lua code", "lua")]
PythonCode = Annotated[RawText, RawTextType("python code", HOST)]
Message = Annotated[str, RestOfLine("<msg string>")]
WatchedCommand = Annotated[tuple[float, str], WatchedCommandType()]
SelectedCommand = Annotated[tuple[str, str], SelectedCommandType()]
MadePath = Annotated[str, MadePathType()]
HostCommand = Annotated[str, RestOfLine("<command>")]
AliasText = Annotated[str, RestOfLine("[name[=text]]")]
Comment = Annotated[str, RestOfLine("[text]")]
ScriptName = Annotated[str, ScriptNameType()]
ScriptValue = Annotated[tuple[str, str], ScriptValueType()]
CommandName = Annotated[str, CommandNameType()]
PrefAssignment = Annotated[str, PrefAssignmentType()]
HostSpec = Annotated[str, HostType("ssh:host")]
Member = Annotated[str, MemberType("camera")]
Members = Annotated[str, MembersType("cameras")]
DeviceSpec = Annotated[str, DeviceType("model|address")]
ConnectedSpec = Annotated[str, ConnectedType("model|address")]
