"""Scripts of CHDK's menu made to run elsewhere: values for their parameters, and one Lua chunk.

The menu keeps the values of a script's parameters as `#name=number` lines in A/CHDK/DATA/NAME.0 and
its like (https://chdk.fandom.com/wiki/CHDK_Script_Header): labels by their places from 0, true
and false as 1 and 0. A template is Lua with lines that stand for the parts of the chunk:

    --[!glue:start]    what is before it is left out
    --[!glue:vars]     the parameters
    --[!glue:body]     the script, or a line that loads it from the card
"""

from __future__ import annotations

import re

from chdkshell.chdk.cardscripts import SCRIPTS
from chdkshell.chdk.paths import camera_path
from chdkshell.chdk.scriptheader import ScriptParameter, ScriptParameterKind, parse_header
from chdkshell.errors import UsageError, printable
from chdkshell.lua.literals import serialize

_SETTING = re.compile(r"#([A-Za-z]\w*)=(-?\d{1,10})\s*")
_MARK = re.compile(r"\s*--\[!glue:(start|vars|body)\]\s*")
_WHOLE = re.compile(r"[-+]?\d{1,10}")
_LABEL_OF = ".value"


class MenuScript:
    """A script and the values of its parameters, at first those of its header."""

    def __init__(self, source: bytes) -> None:
        self.source = source.decode("utf-8", "surrogateescape")
        self.header = parse_header(source)
        self.values = {p.name: p.default for p in self.header.parameters}

    # ---- values ----

    def choose(self, name: str, text: str) -> None:
        """Set a parameter: `name` as a number as in the header, `name.value` as a label.

        Raises `UsageError` for a parameter or a value that there is not.
        """
        by_label = name.endswith(_LABEL_OF)
        parameter = self.header.known(name.removesuffix(_LABEL_OF))
        value = _place(parameter, text) if by_label else _number(parameter, text)
        self.values[parameter.name] = value

    def take_settings(self, text: str) -> list[str]:
        """Set parameters as the menu kept them; return what does not fit, and was left out.

        Raises `UsageError` for a text that is none of the menu's.
        """
        left = {p.name for p in self.header.parameters}
        problems = []
        for number, line in enumerate(text.splitlines(), 1):
            match = _SETTING.fullmatch(line)
            if match is None:
                if line.strip():
                    raise UsageError(
                        f"line {number} is no setting: {printable(line)}", "they are #name=number"
                    )
                continue
            parameter, value = self.header.parameter(match[1]), int(match[2])
            left.discard(match[1])
            if parameter is None:
                problems.append(f"the script has no parameter {match[1]}")
            elif not _fits(parameter, value):
                problems.append(f"{match[1]} cannot be {value}: it stays as it was")
            else:
                self.values[match[1]] = value
        return [*problems, *(f"{name} is not among the settings" for name in sorted(left))]

    def settings(self) -> str:
        """Return the values as the menu keeps them."""
        return "".join(f"#{name}={int(value)}\n" for name, value in self.values.items())

    @property
    def named_values(self) -> dict[str, int | str]:
        """The values for programs: labels in place of their numbers."""
        return {
            p.name: p.labels[self.values[p.name]] if p.labels else self.values[p.name]
            for p in self.header.parameters
        }

    # ---- one chunk ----

    def chunk(self, template: str | None = None, loads: str | None = None) -> str:
        """Return Lua to start on the camera.

        Without a template all but the script stands before its first line, so that errors tell the
        script's own lines. `loads` is a file of the card that is loaded in the script's place.
        """
        assignments = self.header.assignments(self.values)
        if template is None:
            return " ".join([*assignments, self._body(loads)])
        return _filled(template, "\n".join(assignments), self._body(loads))

    def text(self, template: str | None = None, loads: str | None = None) -> str:
        """Return as `chunk` does, for a file: a line for each parameter, with what it is for."""
        lines = [f"-- {self.header.title}"] if self.header.title else []
        for parameter, line in zip(
            self.header.parameters, self.header.assignments(self.values), strict=True
        ):
            lines.append(f"{line} -- {parameter.label or parameter.name}: {parameter.allowed}")
        text = _filled(template or "", "\n".join(lines), self._body(loads))
        return text if text.endswith("\n") else f"{text}\n"

    def _body(self, loads: str | None) -> str:
        body = self.source if loads is None else f"loadfile({serialize(_on_card(loads))})()"
        return f"require'wrap13' {body}" if self.header.needs_wrap13 else body


def _on_card(path: str) -> str:
    """Return the path of a script on the card; a name alone is one of the menu's."""
    return camera_path(path if "/" in path else f"{SCRIPTS}/{path}")


def _place(parameter: ScriptParameter, label: str) -> int:
    """Return the place of a label, from 0."""
    if label not in parameter.labels:
        raise _refusal(parameter, label)
    return parameter.labels.index(label)


def _number(parameter: ScriptParameter, text: str) -> int:
    """Return the value for a number as in the header: tables count from 1, other labels from 0."""
    if not parameter.labels:
        return parameter.parse(text)
    if _WHOLE.fullmatch(text):
        value = int(text) - (parameter.kind is ScriptParameterKind.TABLE)
        if _fits(parameter, value):
            return value
    raise _refusal(parameter, text)


def _refusal(parameter: ScriptParameter, text: str) -> UsageError:
    name, labels = parameter.name, parameter.labels
    allowed = f"allowed: {parameter.allowed}"
    if labels:
        allowed = f"write its number, or {name}{_LABEL_OF}= with one of {', '.join(labels)}"
    return UsageError(f"{name} cannot be '{printable(text)}'", allowed)


def _fits(parameter: ScriptParameter, value: int) -> bool:
    if parameter.labels:
        return 0 <= value < len(parameter.labels)
    return parameter.kind is not ScriptParameterKind.NUMBER or (
        parameter.low <= value <= parameter.high
    )


def _filled(template: str, variables: str, body: str) -> str:
    """Return a template with its parts; what has no place goes to its end.

    Raises `UsageError` where the places are not in order.
    """
    parts = {"vars": variables, "body": body}
    lines: list[str] = []
    for number, line in enumerate(template.splitlines(), 1):
        match = _MARK.fullmatch(line)
        if match is None:
            lines.append(line)
            continue
        name = match[1]
        if name == "start" and len(parts) == len(("vars", "body")):
            lines = []
        elif name in parts and (name == "vars" or "vars" not in parts):
            lines.append(parts.pop(name))
        else:
            raise UsageError(
                f"line {number} of the template: {line.strip()} is not in its place",
                "start, vars and body come in this order, each once",
            )
    return "\n".join([*lines, *parts.values()])
