"""Scripts of the card, and the parameters of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TextIO

from chdkshell.chdk.cardscripts import CardScript
from chdkshell.chdk.scriptheader import ScriptParameter
from chdkshell.errors import printable, printable_name
from chdkshell.shell.results import Result


@dataclass(frozen=True, slots=True)
class ScriptList(Result):
    """The scripts of the card, by path, with their titles."""

    scripts: tuple[CardScript, ...]

    def text(self) -> str:
        return "\n".join(f"{_path(s)}\t{printable_name(s.title)}" for s in self.scripts)

    def screen(self, terminal: TextIO) -> str:
        if not self.scripts:
            return self.text()
        from rich.text import Text

        from chdkshell.shell.results.drawing import drawn, table

        made = table("script", "title", "parameters")
        for script in self.scripts:
            names = ", ".join(p.name for p in script.header.parameters)
            cells = (_path(script), script.title, names)
            made.add_row(*(Text(printable_name(cell)) for cell in cells))
        return drawn(made, terminal)

    def json(self) -> Any:
        return [
            {
                "path": script.path,
                "title": script.title,
                "chdk_version": _version(script),
                "parameters": [_fields(p) for p in script.header.parameters],
            }
            for script in self.scripts
        ]


@dataclass(frozen=True, slots=True)
class ScriptParameters(Result):
    """What the header of a script says."""

    script: CardScript

    def text(self) -> str:
        lines = [
            "\t".join(map(printable_name, (f"{p.name}={p.text(p.default)}", p.allowed, p.label)))
            for p in self.script.header.parameters
        ]
        return "\n".join([printable_name(self.script.title), *lines])

    def screen(self, terminal: TextIO) -> str:
        from rich.text import Text

        from chdkshell.shell.results.drawing import drawn, table

        made = table("parameter", "default", "allowed", "what it is")
        made.title, made.title_justify = Text(printable_name(self.script.title)), "left"
        section = ""
        for p in self.script.header.parameters:
            if p.section != section:
                section = p.section
                made.add_row("", "", "", Text(printable_name(section), style="bold"))
            cells = (p.name, p.text(p.default), p.allowed, p.label)
            made.add_row(*(Text(printable_name(cell)) for cell in cells))
        return drawn(made, terminal)

    def json(self) -> Any:
        return {
            "path": self.script.path,
            "title": self.script.title,
            "chdk_version": _version(self.script),
            "parameters": [_fields(p) for p in self.script.header.parameters],
        }


def _path(script: CardScript) -> str:
    return printable(script.path)


def _version(script: CardScript) -> str | None:
    version = script.header.chdk_version
    return None if version is None else ".".join(map(str, version))


def _fields(parameter: ScriptParameter) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "name": parameter.name,
        "label": parameter.label,
        "section": parameter.section,
        "kind": parameter.kind.value,
        "default": parameter.text(parameter.default),
    }
    if parameter.words:
        fields["values"] = list(parameter.words)
    else:
        fields.update(low=parameter.low, high=parameter.high)
    return fields
